package org.mailrelay.core.dkim;

/// Brings a body to the form that is hashed, as it passes (RFC 6376 §3.4.3, §3.4.4): in pieces that may be cut anywhere, in constant memory.
///
/// Only CRLF ends a line. One object a message.
final class BodyCanonicalizer {

    private static final int BUFFER = 8_192;

    private final Form form;
    private final boolean stuffed;
    private final Hash hash;
    private final long limit;
    private final byte[] buffer = new byte[BUFFER];
    private int length;
    private long hashed;
    private boolean lineStart = true;
    private boolean afterCr;
    private boolean blank;
    private boolean any;
    /// Line ends that count only when something follows.
    private long lineEnds;

    /// @param stuffed each line's first dot was put there for the wire, where the line has one (RFC 5321 §4.5.2), and is no content
    /// @param limit   octets of the canonical form that are hashed (`l=` of a signature that is verified); [Long#MAX_VALUE]: all
    BodyCanonicalizer(Form form, boolean stuffed, Hash hash, long limit) {
        this.form = form;
        this.stuffed = stuffed;
        this.hash = hash;
        this.limit = limit;
    }

    void update(byte[] octets, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!lineStart && !afterCr && !blank && lineEnds == 0) {
                int end = unchanged(octets, i, to);
                if (end > i) {
                    any = true;
                    put(octets, i, end);
                    i = end;
                    if (i == to) {
                        return;
                    }
                }
            }
            byte octet = octets[i];
            if (afterCr) {
                afterCr = false;
                if (octet == '\n') {
                    endLine();
                    continue;
                }
                content((byte) '\r');
            }
            if (octet == '\r') {
                afterCr = true;
                lineStart = false;
            } else if (lineStart && octet == '.' && stuffed) {
                lineStart = false;
            } else {
                lineStart = false;
                if (form == Form.RELAXED && Form.isBlank(octet)) {
                    blank = true;
                } else {
                    content(octet);
                }
            }
        }
    }

    /// Where a stretch inside a line ends that stands in the canonical form as it is: all up to CR, or to blanks that are not one space between others.
    private int unchanged(byte[] octets, int from, int to) {
        boolean relaxed = form == Form.RELAXED;
        int at = from;
        for (; at < to; at++) {
            byte octet = octets[at];
            if (octet > ' ' || octet < 0) {
                continue;
            }
            if (octet == '\r' || relaxed && (octet == '\t' || octet == ' ' && (at + 1 == to || octets[at + 1] == ' ' || octets[at + 1] == '\t' || octets[at + 1] == '\r'))) {
                break;
            }
        }
        return at;
    }

    private void put(byte[] octets, int from, int to) {
        int at = from;
        while (at < to) {
            if (length == BUFFER) {
                flush();
            }
            int count = Math.min(BUFFER - length, to - at);
            System.arraycopy(octets, at, buffer, length, count);
            length += count;
            at += count;
        }
    }

    private void endLine() {
        blank = false;   // RFC 6376 §3.4.4: blanks at the end of a line are ignored
        lineEnds++;
        lineStart = true;
    }

    private void content(byte octet) {
        for (; lineEnds > 0; lineEnds--) {
            put((byte) '\r');
            put((byte) '\n');
        }
        if (blank) {
            blank = false;
            put((byte) ' ');
        }
        any = true;
        put(octet);
    }

    private void put(byte octet) {
        if (length == BUFFER) {
            flush();
        }
        buffer[length++] = octet;
    }

    private void flush() {
        int count = (int) Math.min(length, limit - hashed);
        if (count > 0) {
            hash.update(buffer, 0, count);
        }
        hashed += length;
        length = 0;
        if (hashed > limit) {
            hashed = limit;
        }
    }

    /// The body is over.
    ///
    /// @return its hash
    byte[] digest() {
        if (afterCr) {
            content((byte) '\r');
        }
        if (any || form == Form.SIMPLE) {
            // RFC 6376 §3.4.3: one CRLF at the end whatever stood there, for no body at all too. §3.4.4: none for no body.
            put((byte) '\r');
            put((byte) '\n');
        }
        flush();
        return hash.digest();
    }
}
