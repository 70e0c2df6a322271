package org.mailrelay.queue;

import static org.mailrelay.queue.Fields.bytes;
import static org.mailrelay.queue.Fields.flag;
import static org.mailrelay.queue.Fields.instant;
import static org.mailrelay.queue.Fields.putBytes;
import static org.mailrelay.queue.Fields.putInstant;
import static org.mailrelay.queue.Fields.putText;
import static org.mailrelay.queue.Fields.text;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Mid;

/// The bytes of records: magic (4), type (1), payload length (4), CRC-32C of type, length and payload (4), payload. Big-endian.
///
///     5 message    octets up to the body int (these four included), MID long, what [EnvelopeFields] says, prologue bytes, a state for each
///                  recipient, body length long, body CRC-32C int, own file flag, then the file's name text or the body itself
///     1 message    the same with the fields of [FirstFormat], without the first four octets
///     2 change     MID long, recipient int, state
///     3 abandoned  MID long
///     4 reserved   MID long, ICID long, DCID long
///
/// A state is an octet: 0 waiting and 4 waiting, sender warned (attempts int, next instant, reason text), 1 delivered, 2 bounced, 3 deleted,
/// 5 by order of an operator (held octet, host ?text, then the waiting state that it is about).
///
/// The record's checksum of a message 5 ends before its body, which has one of its own: an envelope is read and checked without the body.
///
/// The magic lets a reader find the next record behind a damaged one. A payload that the checksum passes but that makes no sense is
/// read as damage, too: nothing in a file can make the reader throw anything but [IllegalArgumentException].
final class RecordCodec {

    static final int MAGIC = 0xF5A1_52C3;
    static final int HEADER = 13;
    /// Octets of payload; an envelope of 10,000 long recipients with long original ones and an inline body stay below.
    static final int MAX_PAYLOAD = 16 << 20;

    /// A message of spool format 1: read, not written any more.
    private static final byte FIRST_MESSAGE = 1;
    private static final byte CHANGE = 2;
    private static final byte ABANDONED = 3;
    private static final byte RESERVED = 4;
    private static final byte MESSAGE = 5;
    /// Of a state, not of a record.
    private static final byte BY_ORDER = 5;

    private RecordCodec() {
    }

    /// Octets that a message's record may need at most, the inline body included.
    static int bound(NewMessage message, int states) {
        long bound = HEADER + 64L + EnvelopeFields.bound(message.envelope(), message.origin(), message.content()) + message.prologue().length + states;
        bound += switch (message.body()) {
            case Body.InMemory inline -> inline.length();
            case Body.InFile own -> Fields.bound(String.valueOf(own.file().getFileName()));
        };
        return Math.toIntExact(bound);
    }

    /// Octets that a state may need at most.
    static int bound(RecipientState state) {
        return switch (state) {
            case RecipientState.Waiting waiting -> 20 + Fields.bound(words(waiting.reason()));
            case RecipientState.ByOrder(RecipientState.Waiting as, _, Optional<String> via) -> 8 + bound(as) + Fields.bound(via.orElse(""));
            case RecipientState.Delivered _, RecipientState.Bounced _, RecipientState.Deleted _ -> 1;
        };
    }

    /// @return octets from the record's start to the inline body, or to its end where the body is in a file of its own
    static int putMessage(ByteBuffer out, NewMessage message, List<RecipientState> states) {
        int start = begin(out, MESSAGE);
        out.putInt(0);
        out.putLong(message.mid().value());
        EnvelopeFields.putEnvelope(out, message.envelope());
        EnvelopeFields.putOrigin(out, message.origin());
        EnvelopeFields.putContent(out, message.content());
        putBytes(out, message.prologue());
        for (RecipientState state : states) {
            putState(out, state);
        }
        out.putLong(message.body().length()).putInt(message.body().checksum());
        Fields.putFlag(out, message.body() instanceof Body.InFile);
        if (message.body() instanceof Body.InFile own) {
            putText(out, String.valueOf(own.file().getFileName()));
        }
        int head = out.position() - start;
        out.putInt(start + HEADER, head - HEADER);
        if (message.body() instanceof Body.InMemory inline) {
            inline.chunks().forEach(chunk -> out.put(chunk.duplicate()));
        }
        end(out, start, head - HEADER);
        return head;
    }

    static void putChange(ByteBuffer out, StateChange change) {
        int start = begin(out, CHANGE);
        out.putLong(change.mid().value()).putInt(change.recipient());
        putState(out, change.state());
        end(out, start, out.position() - start - HEADER);
    }

    static void putAbandoned(ByteBuffer out, long mid) {
        int start = begin(out, ABANDONED);
        out.putLong(mid);
        end(out, start, out.position() - start - HEADER);
    }

    static void putReserved(ByteBuffer out, Record.Reserved reserved) {
        int start = begin(out, RESERVED);
        out.putLong(reserved.mid()).putLong(reserved.icid()).putLong(reserved.dcid());
        end(out, start, out.position() - start - HEADER);
    }

    private static int checksum(ByteBuffer record, int start, int payload) {
        CRC32C crc = new CRC32C();
        crc.update(record.duplicate().position(start + 4).limit(start + 9));
        crc.update(record.duplicate().position(start + HEADER).limit(start + HEADER + payload));
        return (int) crc.getValue();
    }

    static boolean isMessage(byte type) {
        return type == MESSAGE || type == FIRST_MESSAGE;
    }

    /// True when the record can be read and checked without its body.
    static boolean headIsApart(ByteBuffer record) {
        return record.get(record.position() + 4) == MESSAGE;
    }

    /// @param record   from its first octet; up to its last, or to its body's first where the head is apart and `withBody` is false
    /// @param withBody whether the body is checked, too
    /// @return null when it is damaged
    static @Nullable Record soundOrNull(ByteBuffer record, boolean withBody) {
        int start = record.position();
        if (record.remaining() < HEADER || record.getInt(start) != MAGIC) {
            return null;
        }
        byte type = record.get(start + 4);
        int payload = record.getInt(start + 5);
        int checked = payload;
        if (type == MESSAGE) {
            checked = record.remaining() < HEADER + 4 ? -1 : record.getInt(start + HEADER);
        }
        if (checked < 0 || checked > payload || HEADER + checked > record.remaining() || record.getInt(start + 9) != checksum(record, start, checked)) {
            return null;
        }
        try {
            ByteBuffer from = record.duplicate().position(start + HEADER);
            if (type != MESSAGE) {
                return decode(type, from.limit(start + HEADER + payload));
            }
            Record.Message message = decodeHead(type, from.limit(start + HEADER + checked));
            long body = message.bodyFile().isPresent() ? 0 : message.bodyLength();
            boolean sound = checked + body == payload && (!withBody || body == 0 || bodySound(record.duplicate().position(start + HEADER + checked), message));
            return sound ? message : null;
        } catch (IllegalArgumentException nonsense) {
            return null;
        }
    }

    private static boolean bodySound(ByteBuffer body, Record.Message message) {
        if (body.remaining() < message.bodyLength()) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(body.limit(body.position() + (int) message.bodyLength()));
        return (int) crc.getValue() == message.bodyChecksum();
    }

    /// @param payload from its first octet to its last
    /// @throws IllegalArgumentException when it makes no sense
    static Record decode(byte type, ByteBuffer payload) {
        if (isMessage(type)) {
            int end = payload.limit();
            Record.Message message = decodeHead(type, payload);
            if (message.bodyFile().isEmpty() && message.bodyLength() != end - payload.position()) {
                throw new IllegalArgumentException("a body of " + (end - payload.position()) + " octets where " + message.bodyLength() + " were announced");
            }
            return message;
        }
        try {
            return switch (type) {
                case CHANGE -> new Record.Change(new StateChange(new Mid(payload.getLong()), payload.getInt(), state(payload)));
                case ABANDONED -> new Record.Abandoned(new Mid(payload.getLong()));
                case RESERVED -> new Record.Reserved(payload.getLong(), payload.getLong(), payload.getLong());
                default -> throw new IllegalArgumentException("record type " + type);
            };
        } catch (BufferUnderflowException | ArithmeticException | java.time.DateTimeException | IndexOutOfBoundsException nonsense) {
            throw new IllegalArgumentException(nonsense);
        }
    }

    /// A message's record up to its body, which may stand behind.
    ///
    /// @throws IllegalArgumentException when it makes no sense
    static Record.Message decodeHead(byte type, ByteBuffer payload) {
        int start = payload.position();
        try {
            return switch (type) {
                case MESSAGE -> {
                    payload.getInt();
                    yield message(payload, start, new Mid(payload.getLong()), EnvelopeFields.envelope(payload), EnvelopeFields.origin(payload), EnvelopeFields.content(payload));
                }
                case FIRST_MESSAGE -> message(payload, start, new Mid(payload.getLong()), FirstFormat.envelope(payload), FirstFormat.origin(payload), FirstFormat.content(payload));
                default -> throw new IllegalArgumentException("record type " + type + " where a message should stand");
            };
        } catch (BufferUnderflowException | ArithmeticException | java.time.DateTimeException | IndexOutOfBoundsException nonsense) {
            throw new IllegalArgumentException(nonsense);
        }
    }

    private static int begin(ByteBuffer out, byte type) {
        int start = out.position();
        out.putInt(MAGIC).put(type).putInt(0).putInt(0);
        return start;
    }

    /// @param checked octets of payload that the record's checksum covers
    private static void end(ByteBuffer out, int start, int checked) {
        out.putInt(start + 5, out.position() - start - HEADER);
        out.putInt(start + 9, checksum(out, start, checked));
    }

    /// @param in behind what was read of it already
    private static Record.Message message(ByteBuffer in, int start, Mid mid, Envelope envelope, Origin origin, Content content) {
        byte[] prologue = bytes(in);
        List<RecipientState> states = new ArrayList<>(envelope.recipients().size());
        for (int i = 0; i < envelope.recipients().size(); i++) {
            states.add(state(in));
        }
        long length = in.getLong();
        int checksum = in.getInt();
        boolean own = flag(in);
        Optional<String> file = own ? Optional.of(fileName(text(in))) : Optional.empty();
        return new Record.Message(mid, envelope, origin, content, prologue, states, length, checksum, HEADER + in.position() - start, file);
    }

    /// A name within the folder of bodies, and nothing that leads elsewhere.
    private static String fileName(String name) {
        boolean plain = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '.') && name.charAt(0) != '.';
        return plain ? name : broken("a body's file of an impossible name");
    }

    static void putState(ByteBuffer out, RecipientState state) {
        switch (state) {
            case RecipientState.Waiting(int attempts, Instant next, WaitReason reason, boolean warned) -> {
                out.put((byte) (warned ? 4 : 0)).putInt(attempts);
                putInstant(out, next);
                putText(out, words(reason));
            }
            case RecipientState.ByOrder(RecipientState.Waiting as, boolean held, Optional<String> via) -> {
                out.put(BY_ORDER).put((byte) (held ? 1 : 0));
                Fields.putOptional(out, via);
                putState(out, as);
            }
            case RecipientState.Delivered _ -> out.put((byte) 1);
            case RecipientState.Bounced _ -> out.put((byte) 2);
            case RecipientState.Deleted _ -> out.put((byte) 3);
        }
    }

    private static String words(WaitReason reason) {
        return switch (reason) {
            case WaitReason.Text(String words) -> words;
            case WaitReason.Recorded at -> throw new IllegalArgumentException("a record that points to another one: " + at);
        };
    }

    static RecipientState state(ByteBuffer in) {
        byte kind = in.get();
        return switch (kind) {
            case 0 -> new RecipientState.Waiting(in.getInt(), instant(in), text(in));
            case 1 -> new RecipientState.Delivered();
            case 2 -> new RecipientState.Bounced();
            case 3 -> new RecipientState.Deleted();
            case 4 -> new RecipientState.Waiting(in.getInt(), instant(in), text(in), true);
            case BY_ORDER -> byOrder(in);
            default -> throw new IllegalArgumentException("recipient state " + kind);
        };
    }

    private static RecipientState byOrder(ByteBuffer in) {
        boolean held = in.get() == 1;
        Optional<String> via = Fields.optional(in);
        if (in.get(in.position()) == BY_ORDER) {
            return broken("an order about an order");   // looked at before it is read: a file may nest them without end
        }
        return state(in) instanceof RecipientState.Waiting as ? new RecipientState.ByOrder(as, held, via) : broken("an order about what does not wait");
    }

    private static <T> T broken(String what) {
        throw new IllegalArgumentException(what);
    }
}
