package org.mailrelay.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/// The fields of records. Reading takes nothing on trust: a length beyond what is left is damage.
final class Fields {

    /// The last second of the year 9999.
    private static final long LAST_DATE = 253_402_300_799L;

    private Fields() {
    }

    static void putInstant(ByteBuffer out, Instant instant) {
        out.putLong(instant.getEpochSecond()).putInt(instant.getNano());
    }

    static Instant instant(ByteBuffer in) {
        return Instant.ofEpochSecond(in.getLong(), in.getInt());
    }

    /// An instant that a calendar knows, so that adding a queue's time to it cannot overflow.
    static Instant date(ByteBuffer in) {
        Instant instant = instant(in);
        if (Math.abs(instant.getEpochSecond()) > LAST_DATE) {
            throw new IllegalArgumentException("a date of " + instant.getEpochSecond() + " s");
        }
        return instant;
    }

    static void putFlag(ByteBuffer out, boolean set) {
        out.put((byte) (set ? 1 : 0));
    }

    static boolean flag(ByteBuffer in) {
        byte value = in.get();
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("a flag of " + value);
        }
        return value == 1;
    }

    static void putText(ByteBuffer out, String text) {
        putBytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer in) {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    static void putOptional(ByteBuffer out, Optional<String> text) {
        putFlag(out, text.isPresent());
        text.ifPresent(present -> putText(out, present));
    }

    static Optional<String> optional(ByteBuffer in) {
        return flag(in) ? Optional.of(text(in)) : Optional.empty();
    }

    static void putBytes(ByteBuffer out, byte[] bytes) {
        out.putInt(bytes.length).put(bytes);
    }

    static byte[] bytes(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("a text of " + length + " octets");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /// How many of something follow, each of which takes at least one octet.
    static int count(ByteBuffer in) {
        int count = in.getInt();
        if (count < 1 || count > in.remaining()) {
            throw new IllegalArgumentException(count + " recipients");
        }
        return count;
    }

    /// Octets that a text may need at most.
    static int bound(String text) {
        return 4 + 4 * text.length();
    }

    static int bound(Optional<String> text) {
        return 1 + text.map(Fields::bound).orElse(0);
    }
}
