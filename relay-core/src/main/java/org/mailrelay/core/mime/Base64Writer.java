package org.mailrelay.core.mime;

import java.nio.charset.StandardCharsets;

/// Base64 as octets come (RFC 2045 §6.8), in lines of 76 characters. The CRLF before a boundary belongs to the boundary (RFC 2046 §5.1.1), so
/// each line end is held back until something follows it.
final class Base64Writer {

    private static final byte[] ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST = 76;

    private final WireOctets out;
    private int group;
    private int held;
    private int column;
    private boolean lineEndHeld;

    Base64Writer(WireOctets out) {
        this.out = out;
    }

    /// @param lineEnd CRLF follows
    void write(byte[] octets, int count, boolean lineEnd) {
        if (lineEndHeld) {
            lineEndHeld = false;
            write('\r');
            write('\n');
        }
        for (int i = 0; i < count; i++) {
            write(octets[i] & 255);
        }
        lineEndHeld = lineEnd;
    }

    private void write(int octet) {
        group = group << 8 | octet;
        if (++held == 3) {
            put(4);
            group = 0;
            held = 0;
        }
    }

    private void put(int characters) {
        if (column == LONGEST) {
            out.lineEnd();
            column = 0;
        }
        for (int i = 0; i < 4; i++) {
            out.write(i < characters ? ALPHABET[group >> 18 - 6 * i & 63] : '=');
        }
        column += 4;
    }

    /// The part has ended.
    ///
    /// @param atBoundary a held line end is the boundary's, not the part's
    void end(boolean atBoundary) {
        if (lineEndHeld && !atBoundary) {
            write('\r');
            write('\n');
        }
        if (held > 0) {
            group <<= 8 * (3 - held);
            put(held + 1);
        }
        if (column > 0) {
            out.lineEnd();
        }
        group = 0;
        held = 0;
        column = 0;
        lineEndHeld = false;
    }
}
