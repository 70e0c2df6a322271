package org.mailrelay.core.report;

import java.io.ByteArrayOutputStream;

/// The quoted-printable encoding of text whose lines end in CRLF (RFC 2045 §6.7): seven-bit, no line beyond 76 characters.
final class QuotedPrintable {

    private static final String HEX = "0123456789ABCDEF";
    private static final int LONGEST = 76;

    private QuotedPrintable() {
    }

    static byte[] encode(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + text.length / 8);
        int column = 0;
        for (int i = 0; i < text.length; i++) {
            boolean lineEnd = text[i] == '\r' && i + 1 < text.length && text[i + 1] == '\n';
            if (lineEnd) {
                out.write('\r');
                out.write('\n');
                column = 0;
                i++;
                continue;
            }
            boolean beforeLineEnd = i + 1 == text.length || text[i + 1] == '\r' && i + 2 < text.length && text[i + 2] == '\n';
            boolean plain = text[i] > 0x20 && text[i] < 0x7f && text[i] != '=' || (text[i] == ' ' || text[i] == '\t') && !beforeLineEnd;
            int needed = plain ? 1 : 3;
            if (column + needed > LONGEST - (beforeLineEnd ? 0 : 1)) {
                out.write('=');
                out.write('\r');
                out.write('\n');
                column = 0;
            }
            if (plain) {
                out.write(text[i]);
            } else {
                out.write('=');
                out.write(HEX.charAt(text[i] >> 4 & 15));
                out.write(HEX.charAt(text[i] & 15));
            }
            column += needed;
        }
        return out.toByteArray();
    }
}
