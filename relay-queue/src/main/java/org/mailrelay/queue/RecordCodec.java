package org.mailrelay.queue;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.tls.TlsLevel;

/// The bytes of records: magic (4), type (1), payload length (4), CRC-32C of type, length and payload (4), payload. Big-endian.
///
/// The magic lets a reader find the next record behind a damaged one. A payload that the checksum passes but that makes no sense is
/// read as damage, too: nothing in a file can make the reader throw anything but [IllegalArgumentException].
final class RecordCodec {

    static final int MAGIC = 0xF5A1_52C3;
    static final int HEADER = 13;
    /// Octets of payload; an envelope of 10,000 long recipients and an inline body stay below.
    static final int MAX_PAYLOAD = 8 << 20;

    private static final byte MESSAGE = 1;
    private static final byte CHANGE = 2;
    private static final byte ABANDONED = 3;
    private static final byte RESERVED = 4;

    private RecordCodec() {
    }

    /// Octets that a message's record may need at most, the inline body included.
    static int bound(NewMessage message, int states) {
        long bound = HEADER + 512L + message.prologue().length + 4L * text(message.content().subject()) + 4L * text(message.content().messageId());
        bound += 400L + message.envelope().recipients().size() * 340L + states;
        bound += message.body() instanceof Body.InMemory inline ? inline.length() : 0;
        return Math.toIntExact(bound);
    }

    private static int text(Optional<String> text) {
        return text.map(String::length).orElse(0);
    }

    /// @return the body's offset within the payload; 0 for a body in a file of its own
    static int putMessage(ByteBuffer out, NewMessage message, List<RecipientState> states) {
        int start = begin(out, MESSAGE);
        out.putLong(message.mid().value());
        putEnvelope(out, message.envelope());
        putOrigin(out, message.origin());
        putContent(out, message.content());
        out.putInt(message.prologue().length).put(message.prologue());
        for (RecipientState state : states) {
            putState(out, state);
        }
        out.putLong(message.body().length()).putInt(message.body().checksum());
        int bodyOffset = 0;
        switch (message.body()) {
            case Body.InMemory inline -> {
                out.put((byte) 0);
                bodyOffset = out.position() - start - HEADER;
                inline.chunks().forEach(chunk -> out.put(chunk.duplicate()));
            }
            case Body.InFile own -> {
                out.put((byte) 1);
                putText(out, String.valueOf(own.file().getFileName()));
            }
        }
        end(out, start);
        return bodyOffset;
    }

    static void putChange(ByteBuffer out, StateChange change) {
        int start = begin(out, CHANGE);
        out.putLong(change.mid().value()).putInt(change.recipient());
        putState(out, change.state());
        end(out, start);
    }

    static void putAbandoned(ByteBuffer out, Mid mid) {
        int start = begin(out, ABANDONED);
        out.putLong(mid.value());
        end(out, start);
    }

    static void putReserved(ByteBuffer out, Record.Reserved reserved) {
        int start = begin(out, RESERVED);
        out.putLong(reserved.mid()).putLong(reserved.icid()).putLong(reserved.dcid());
        end(out, start);
    }

    static int checksum(ByteBuffer record, int start, int payload) {
        CRC32C crc = new CRC32C();
        crc.update(record.duplicate().position(start + 4).limit(start + 9));
        crc.update(record.duplicate().position(start + HEADER).limit(start + HEADER + payload));
        return (int) crc.getValue();
    }

    /// @param payload from its first octet to its last
    /// @throws IllegalArgumentException when it makes no sense
    static Record decode(byte type, ByteBuffer payload) {
        try {
            return switch (type) {
                case MESSAGE -> message(payload);
                case CHANGE -> new Record.Change(new StateChange(new Mid(payload.getLong()), payload.getInt(), state(payload)));
                case ABANDONED -> new Record.Abandoned(new Mid(payload.getLong()));
                case RESERVED -> new Record.Reserved(payload.getLong(), payload.getLong(), payload.getLong());
                default -> throw new IllegalArgumentException("record type " + type);
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

    private static void end(ByteBuffer out, int start) {
        int payload = out.position() - start - HEADER;
        out.putInt(start + 5, payload);
        out.putInt(start + 9, checksum(out, start, payload));
    }

    private static Record.Message message(ByteBuffer in) {
        int start = in.position();
        Mid mid = new Mid(in.getLong());
        Envelope envelope = envelope(in);
        Origin origin = origin(in);
        Content content = content(in);
        byte[] prologue = bytes(in);
        List<RecipientState> states = new ArrayList<>(envelope.recipients().size());
        for (int i = 0; i < envelope.recipients().size(); i++) {
            states.add(state(in));
        }
        long length = in.getLong();
        int checksum = in.getInt();
        boolean own = in.get() == 1;
        Optional<String> file = own ? Optional.of(text(in)) : Optional.empty();
        if (!own && length != in.remaining()) {
            throw new IllegalArgumentException("a body of " + in.remaining() + " octets where " + length + " were announced");
        }
        return new Record.Message(mid, envelope, origin, content, prologue, states, length, checksum, own ? 0 : in.position() - start, file);
    }

    private static void putEnvelope(ByteBuffer out, Envelope envelope) {
        putText(out, envelope.sender().mailbox().map(Mailbox::toString).orElse(""));
        out.put((byte) envelope.bodyType().ordinal());
        out.putInt(envelope.recipients().size());
        for (Mailbox recipient : envelope.recipients()) {
            putText(out, recipient.localPart());
            putText(out, recipient.domain().name());
        }
    }

    private static Envelope envelope(ByteBuffer in) {
        ReversePath sender = ReversePath.of(text(in));
        BodyType type = BodyType.values()[in.get()];
        int count = in.getInt();
        if (count < 1 || count > in.remaining()) {
            throw new IllegalArgumentException(count + " recipients");
        }
        List<Mailbox> recipients = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            recipients.add(new Mailbox(text(in), new Domain(text(in))));
        }
        return new Envelope(sender, recipients, type);
    }

    private static void putOrigin(ByteBuffer out, Origin origin) {
        putInstant(out, origin.received());
        out.putLong(origin.icid().value());
        putText(out, origin.peerAddress());
        out.putLong(origin.bounceOf().map(Mid::value).orElse(-1L));
        out.put((byte) (int) origin.tlsFloor().map(TlsLevel::ordinal).orElse(-1));
        putOptional(out, origin.source());
    }

    private static Origin origin(ByteBuffer in) {
        Instant received = instant(in);
        Icid icid = new Icid(in.getLong());
        String peer = text(in);
        long bounceOf = in.getLong();
        int floor = in.get();
        return new Origin(received, icid, peer, bounceOf < 0 ? Optional.empty() : Optional.of(new Mid(bounceOf)),
                floor < 0 ? Optional.empty() : Optional.of(TlsLevel.values()[floor]), optional(in));
    }

    private static void putContent(ByteBuffer out, Content content) {
        out.putLong(content.trueSize()).putLong(content.stuffedDots()).put((byte) (content.eightBit() ? 1 : 0));
        putOptional(out, content.subject());
        putOptional(out, content.messageId());
    }

    private static Content content(ByteBuffer in) {
        return new Content(in.getLong(), in.getLong(), in.get() == 1, optional(in), optional(in));
    }

    private static void putState(ByteBuffer out, RecipientState state) {
        switch (state) {
            case RecipientState.Waiting(int attempts, Instant next, String reason) -> {
                out.put((byte) 0).putInt(attempts);
                putInstant(out, next);
                putText(out, reason);
            }
            case RecipientState.Delivered _ -> out.put((byte) 1);
            case RecipientState.Bounced _ -> out.put((byte) 2);
            case RecipientState.Deleted _ -> out.put((byte) 3);
        }
    }

    private static RecipientState state(ByteBuffer in) {
        byte kind = in.get();
        return switch (kind) {
            case 0 -> new RecipientState.Waiting(in.getInt(), instant(in), text(in));
            case 1 -> new RecipientState.Delivered();
            case 2 -> new RecipientState.Bounced();
            case 3 -> new RecipientState.Deleted();
            default -> throw new IllegalArgumentException("recipient state " + kind);
        };
    }

    private static void putInstant(ByteBuffer out, Instant instant) {
        out.putLong(instant.getEpochSecond()).putInt(instant.getNano());
    }

    private static Instant instant(ByteBuffer in) {
        return Instant.ofEpochSecond(in.getLong(), in.getInt());
    }

    private static void putOptional(ByteBuffer out, Optional<String> text) {
        out.put((byte) (text.isPresent() ? 1 : 0));
        text.ifPresent(present -> putText(out, present));
    }

    private static Optional<String> optional(ByteBuffer in) {
        return in.get() == 1 ? Optional.of(text(in)) : Optional.empty();
    }

    private static void putText(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putInt(bytes.length).put(bytes);
    }

    private static String text(ByteBuffer in) {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("a text of " + length + " octets");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
