package org.mailrelay.queue;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The recipients' states of one message, packed for the index: a million messages may wait. Null stands for what almost all are: each
/// recipient as its record says, never tried.
///
/// The first octet is [#ALIKE], then one state stands for all, or [#EACH], then one follows for each recipient; a state is as records have
/// it, [#AS_RECORDED], or one of those whose reason stands on the disk.
final class States {

    private static final byte ALIKE = 0;
    private static final byte EACH = 1;
    private static final byte AS_RECORDED = 127;
    /// Attempts int, next long in milliseconds, segment int, offset int.
    private static final byte REASON_ON_DISK = 126;
    private static final byte REASON_ON_DISK_AND_WARNED = 125;
    /// Held flag, way optional text, then one of the two above.
    private static final byte BY_ORDER = 124;
    private static final int ON_DISK = 21;

    private States() {
    }

    /// The state in which each recipient's record has it: then it takes no memory of its own.
    static @Nullable RecipientState orAsRecorded(RecipientState state) {
        return state instanceof RecipientState.Waiting(int attempts, _, WaitReason reason, boolean warned) && attempts == 0 && reason.equals(WaitReason.NONE) && !warned ? null : state;
    }

    static byte @Nullable [] packed(@Nullable RecipientState[] states) {
        boolean alike = Arrays.stream(states).allMatch(state -> java.util.Objects.equals(state, states[0]));
        if (alike && states[0] == null) {
            return null;
        }
        @Nullable RecipientState[] kept = alike ? Arrays.copyOf(states, 1) : states;
        ByteBuffer out = ByteBuffer.allocate(1 + Arrays.stream(kept).mapToInt(state -> state == null ? 1 : bound(state)).sum());
        out.put(alike ? ALIKE : EACH);
        for (RecipientState state : kept) {
            if (state == null) {
                out.put(AS_RECORDED);
            } else {
                put(out, state);
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static int bound(RecipientState state) {
        return switch (state) {
            case RecipientState.Waiting waiting when waiting.reason() instanceof WaitReason.Recorded -> ON_DISK;
            case RecipientState.ByOrder(var as, _, var via) when as.reason() instanceof WaitReason.Recorded -> 2 + Fields.bound(via) + ON_DISK;
            case RecipientState.Waiting _, RecipientState.ByOrder _, RecipientState.Delivered _, RecipientState.Bounced _, RecipientState.Deleted _ -> RecordCodec.bound(state);
        };
    }

    private static void put(ByteBuffer out, RecipientState state) {
        switch (state) {
            case RecipientState.Waiting(int attempts, Instant next, WaitReason.Recorded(int segment, int offset), boolean warned) ->
                    out.put(warned ? REASON_ON_DISK_AND_WARNED : REASON_ON_DISK).putInt(attempts).putLong(next.toEpochMilli()).putInt(segment).putInt(offset);
            case RecipientState.ByOrder(RecipientState.Waiting as, boolean held, var via) when as.reason() instanceof WaitReason.Recorded -> {
                out.put(BY_ORDER);
                Fields.putFlag(out, held);
                Fields.putOptional(out, via);
                put(out, as);
            }
            case RecipientState.Waiting _, RecipientState.ByOrder _, RecipientState.Delivered _, RecipientState.Bounced _, RecipientState.Deleted _ -> RecordCodec.putState(out, state);
        }
    }

    /// @return null for a recipient whose state is as its record says
    static @Nullable RecipientState[] unpacked(byte @Nullable [] packed, int recipients) {
        @Nullable RecipientState[] states = new RecipientState[recipients];
        if (packed == null) {
            return states;
        }
        ByteBuffer in = ByteBuffer.wrap(packed);
        if (in.get() == ALIKE) {
            Arrays.fill(states, state(in));
        } else {
            Arrays.setAll(states, _ -> state(in));
        }
        return states;
    }

    private static @Nullable RecipientState state(ByteBuffer in) {
        byte kind = in.get(in.position());
        if (kind < BY_ORDER) {
            return RecordCodec.state(in);
        }
        in.get();
        return switch (kind) {
            case AS_RECORDED -> null;
            case BY_ORDER -> {
                boolean held = Fields.flag(in);
                Optional<String> via = Fields.optional(in);
                yield new RecipientState.ByOrder(waiting(in, in.get()), held, via);
            }
            default -> waiting(in, kind);
        };
    }

    private static RecipientState.Waiting waiting(ByteBuffer in, byte kind) {
        return new RecipientState.Waiting(in.getInt(), Instant.ofEpochMilli(in.getLong()), new WaitReason.Recorded(in.getInt(), in.getInt()), kind == REASON_ON_DISK_AND_WARNED);
    }

    /// @param recorded the states in the message's record
    static List<RecipientState> over(byte @Nullable [] packed, List<RecipientState> recorded) {
        if (packed == null) {
            return recorded;
        }
        @Nullable RecipientState[] states = unpacked(packed, recorded.size());
        RecipientState[] all = recorded.toArray(RecipientState[]::new);
        for (int i = 0; i < all.length; i++) {
            RecipientState changed = states[i];
            all[i] = changed == null ? all[i] : changed;
        }
        return List.of(all);
    }

    static boolean finished(byte @Nullable [] packed, int recipients) {
        return packed != null && Arrays.stream(unpacked(packed, packed[0] == ALIKE ? 1 : recipients)).allMatch(state -> state != null && state.isFinal());
    }
}
