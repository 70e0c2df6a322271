package org.mailrelay.core.smtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.mailrelay.core.mail.Content;

/// Watches the octets behind `354` pass, finds their end, and learns what must be known of the message.
///
/// Only CRLF `.` CRLF ends the data, the CRLF of the DATA line included (RFC 5321 §4.1.1.4); there are no modes. Bare CR,
/// bare LF and NUL are content that spoils the message: it is refused at its true end ([#refusal]).
///
/// Octets are only looked at. Of `octets[from..to)`, what [#scan] returns is the end of the content so far; the rest, at most
/// two octets (`.` or `.` CR at a line's start), is to be shown again with what follows it. Once [#ended], the terminator
/// is the [#TERMINATOR_LENGTH] octets from there. One scanner a message, on the connection's event loop.
public final class DataScanner {

    /// `.` CR LF: the CRLF before it belongs to the content.
    public static final int TERMINATOR_LENGTH = 3;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final int CHUNK = 8192;

    private enum Place { LINE_START, IN_LINE, AFTER_CR }

    private final boolean bareLfEndsLine;
    private final boolean binary;
    private final HeaderWatch header = new HeaderWatch();
    private Place place = Place.LINE_START;
    private boolean ended;
    private boolean bareCr;
    private boolean bareLf;
    private boolean nul;
    private long highBits;
    private long octetsSeen;
    private long stuffedDots;
    private long lineLength;
    private long longestLine;
    private byte @org.jspecify.annotations.Nullable [] chunk;

    /// A bare LF spoils the message.
    public DataScanner() {
        this(false, false);
    }

    private DataScanner(boolean bareLfEndsLine, boolean binary) {
        this.bareLfEndsLine = bareLfEndsLine;
        this.binary = binary;
    }

    /// For `BODY=BINARYMIME` (RFC 3030 §3): octets are kept as they come, in chunks; no line end or dot means anything, and nothing spoils them.
    public static DataScanner binary() {
        return new DataScanner(false, true);
    }

    /// For `bare_line_endings: normalise`: a [LineEndNormaliser] behind it mends bare LF, so it spoils nothing and ends
    /// header lines. It still never takes part in the end of the data.
    public static DataScanner beforeNormaliser() {
        return new DataScanner(true, false);
    }

    /// @return the end of the content in `octets[from..to)`
    public int scan(byte[] octets, int from, int to) {
        int at = from;
        while (at < to) {
            if (place == Place.IN_LINE) {
                at = inLine(octets, at, to);
            } else if (place == Place.AFTER_CR) {
                at = afterCr(octets[at], at);
            } else if (octets[at] == '.' && !binary) {
                if (at + 1 == to || octets[at + 1] == '\r' && at + 2 == to) {
                    break;
                }
                if (octets[at + 1] == '\r' && octets[at + 2] == '\n') {
                    ended = true;
                    header.end();
                    break;
                }
                stuffedDots++;   // RFC 5321 §4.5.2: of a longer line, the first period is deleted
                at++;
                place = Place.IN_LINE;
            } else {
                place = Place.IN_LINE;
            }
        }
        octetsSeen += at - from;
        longestLine = Math.max(longestLine, lineLength);
        return at;
    }

    /// The same over a buffer of any kind: moves its position to the end of the content.
    public void scan(ByteBuffer in) {
        if (in.hasArray()) {
            int offset = in.arrayOffset();
            in.position(scan(in.array(), offset + in.position(), offset + in.limit()) - offset);
            return;
        }
        if (chunk == null) {
            chunk = new byte[CHUNK];
        }
        while (in.hasRemaining() && !ended) {
            int length = Math.min(CHUNK, in.remaining());
            in.get(in.position(), chunk, 0, length);
            int end = scan(chunk, 0, length);
            in.position(in.position() + end);
            if (end == 0) {
                return;
            }
        }
    }

    private int inLine(byte[] octets, int from, int to) {
        int at = nextSpecial(octets, from, to);
        lineLength += at - from;
        if (header.open()) {
            header.octets(octets, from, at);
        }
        if (at == to) {
            return at;
        }
        switch (octets[at]) {
            case '\r' -> place = Place.AFTER_CR;
            case '\n' -> {
                bareLf = true;
                if (bareLfEndsLine) {
                    endLine();
                }
            }
            default -> nul = true;
        }
        return at + 1;
    }

    private int afterCr(byte octet, int at) {
        if (octet == '\n') {
            endLine();
            place = Place.LINE_START;
            return at + 1;
        }
        bareCr = true;
        if (octet == '\r') {
            return at + 1;
        }
        place = Place.IN_LINE;
        return at;
    }

    private void endLine() {
        longestLine = Math.max(longestLine, lineLength);
        lineLength = 0;
        if (header.open()) {
            header.endLine();
        }
    }

    /// The next CR, LF or NUL: eight octets at a time, then one by one. Collects high bits on the way.
    private int nextSpecial(byte[] octets, int from, int to) {
        int at = from;
        long seen = 0;
        for (; at + 8 <= to; at += 8) {
            long word = (long) WORDS.get(octets, at);
            long cr = word ^ 0x0d0d0d0d0d0d0d0dL;
            long lf = word ^ 0x0a0a0a0a0a0a0a0aL;
            long hit = ((word - ONES) & ~word | (cr - ONES) & ~cr | (lf - ONES) & ~lf) & HIGHS;
            if (hit != 0) {
                // The lowest hit is exact (borrows only reach upwards); octets above it are seen in a later call.
                int index = Long.numberOfTrailingZeros(hit) >>> 3;
                seen |= index == 0 ? 0 : word << 64 - index * 8;
                highBits |= seen & HIGHS;
                return at + index;
            }
            seen |= word;
        }
        for (; at < to; at++) {
            byte octet = octets[at];
            if (octet == '\r' || octet == '\n' || octet == 0) {
                break;
            }
            seen |= octet & 0x80;
        }
        highBits |= seen & HIGHS;
        return at;
    }

    public boolean ended() {
        return ended;
    }

    /// The last chunk has come: content that is counted has no terminator.
    public void end() {
        bareCr |= place == Place.AFTER_CR;
        ended = true;
        header.end();
    }

    /// The reply at the true end when the content holds what may not be there (RFC 5321 §2.3.8); nothing is queued then.
    public Optional<OurReply> refusal() {
        return !binary && (bareCr || nul || bareLf && !bareLfEndsLine) ? Optional.of(OurReplies.BARE_LINE_ENDING) : Optional.empty();
    }

    public boolean bareCr() {
        return bareCr;
    }

    public boolean bareLf() {
        return bareLf;
    }

    public boolean nul() {
        return nul;
    }

    public boolean eightBit() {
        return highBits != 0;
    }

    /// Octets so far without stuffing and without the final dot (RFC 1870 §3).
    public long trueSize() {
        return octetsSeen - stuffedDots;
    }

    public long stuffedDots() {
        return stuffedDots;
    }

    /// Octets of the longest line so far, without its end and its stuffed dot; counts the line under way too.
    public long longestLine() {
        return longestLine;
    }

    /// Received fields of the header block, for loops (RFC 5321 §6.3).
    public int receivedFields() {
        return header.receivedFields();
    }

    /// Octets of the header block, its line ends included; grows while it comes.
    public long headerOctets() {
        return header.octets();
    }

    /// A Date field is in the header block (RFC 5322 §3.6.1).
    public boolean dated() {
        return header.date();
    }

    public Optional<String> subject() {
        return header.subject();
    }

    public Optional<String> messageId() {
        return header.messageId();
    }

    /// What is known once ended.
    ///
    /// @param prologueSize octets of our own header fields, which come on top
    public Content content(long prologueSize) {
        return new Content(prologueSize + trueSize(), stuffedDots, eightBit(), subject(), messageId(), header.tlsRequiredNo());
    }
}
