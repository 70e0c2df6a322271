package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads from the log why recipients wait. Any thread that may block on the disk.
final class Reasons {

    /// Octets of a change before its state.
    private static final int BEFORE = 12;
    /// Octets of most records: one reading of the file gets all of it.
    private static final int USUAL = 1_024;

    private final Index index;
    private final SpoolListener problems;

    Reasons(Index index, SpoolListener problems) {
        this.index = index;
        this.problems = problems;
    }

    /// Empty for a recipient that was not tried, is done, or whose reason cannot be read, which the listener is told.
    String of(long mid, int recipient) {
        WaitReason last = WaitReason.NONE;
        for (WaitReason now = now(mid, recipient); ; last = now, now = now(mid, recipient)) {
            switch (now) {
                case WaitReason.Text(String words) -> {
                    return words;
                }
                case WaitReason.Recorded at -> {
                    Optional<String> words = read(mid, recipient, at);
                    if (words.isPresent()) {
                        return words.get();
                    }
                    if (at.equals(last)) {
                        return "";
                    }
                }
            }
        }
    }

    private WaitReason now(long mid, int recipient) {
        Entry entry = index.find(mid);
        if (entry == null || recipient >= entry.recipients) {
            return WaitReason.NONE;
        }
        RecipientState state = States.unpacked(entry.states(), entry.recipients)[recipient];
        return state == null ? WaitReason.NONE : state.waiting().map(RecipientState.Waiting::reason).orElse(WaitReason.NONE);
    }

    /// The same state with its reason in words, to be written.
    RecipientState inWords(StateChange change) {
        return switch (change.state()) {
            case RecipientState.Waiting waiting -> inWords(change, waiting);
            case RecipientState.ByOrder(RecipientState.Waiting as, boolean held, Optional<String> via) -> new RecipientState.ByOrder(inWords(change, as), held, via);
            case RecipientState.Delivered _, RecipientState.Bounced _, RecipientState.Deleted _ -> change.state();
        };
    }

    private RecipientState.Waiting inWords(StateChange change, RecipientState.Waiting waiting) {
        return switch (waiting.reason()) {
            case WaitReason.Text _ -> waiting;
            case WaitReason.Recorded at -> new RecipientState.Waiting(waiting.attempts(), waiting.next(),
                    read(change.mid().value(), change.recipient(), at).orElseGet(() -> of(change.mid().value(), change.recipient())), waiting.warned());
        };
    }

    /// Empty where it does not stand there, or no more.
    private Optional<String> read(long mid, int recipient, WaitReason.Recorded at) {
        @Nullable Segment segment = index.segments().find(at.segment());
        if (segment == null || !segment.retain()) {
            return Optional.empty();
        }
        try {
            try {
                return read(segment, mid, recipient, at.offset());
            } finally {
                segment.release();
            }
        } catch (IOException unreadable) {
            problems.problem(new SpoolProblem(SpoolProblem.Severity.CRITICAL, segment.name(), at.offset(), "MID " + mid + ": why it waits cannot be read: " + unreadable.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<String> read(Segment segment, long mid, int recipient, int offset) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(USUAL);
        while (record.position() < RecordCodec.HEADER + BEFORE && segment.file().read(record, offset + (long) record.position()) >= 0) {
            continue;
        }
        int payload = record.getInt(5);
        if (record.position() < RecordCodec.HEADER + BEFORE || record.getInt(0) != RecordCodec.MAGIC || payload < BEFORE || payload > RecordCodec.MAX_PAYLOAD) {
            throw new IOException("no record stands there");
        }
        int length = RecordCodec.HEADER + payload;
        if (record.position() < length) {
            record = ByteBuffer.allocate(length);
            segment.read(record, offset);
        } else {
            record.position(length);
        }
        if (!(RecordCodec.soundOrNull(record.flip(), false) instanceof Record.Change(StateChange(var of, int rid, RecipientState state))) || of.value() != mid || rid != recipient) {
            throw new IOException("the record is damaged");
        }
        return state.waiting().map(RecipientState.Waiting::reason).map(reason -> reason instanceof WaitReason.Text(String words) ? words : "");
    }
}
