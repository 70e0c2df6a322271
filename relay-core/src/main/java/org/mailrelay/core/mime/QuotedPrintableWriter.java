package org.mailrelay.core.mime;

/// Quoted-printable as octets come (RFC 2045 §6.7). Lines stay lines; none is longer than 76 characters.
///
/// A line that only a soft break has begun never begins with a hyphen, a dot or `From `: nothing that was inside a line may look like a
/// boundary afterwards.
final class QuotedPrintableWriter {

    private static final String HEX = "0123456789ABCDEF";
    private static final int LONGEST = 75;

    private final WireOctets out;
    private int column;
    private boolean softly;

    QuotedPrintableWriter(WireOctets out) {
        this.out = out;
    }

    /// @param lineEnd CRLF follows
    void write(byte[] octets, int count, boolean lineEnd) {
        for (int i = 0; i < count; i++) {
            int octet = octets[i] & 255;
            boolean blank = octet == ' ' || octet == '\t';
            boolean plain = blank ? i + 1 < count : octet > 0x20 && octet < 0x7f && octet != '=';
            if (column + (plain ? 1 : 3) > LONGEST) {
                out.write('=');
                out.lineEnd();
                column = 0;
                softly = true;
            }
            if (plain && !(softly && column == 0 && (octet == '-' || octet == '.' || octet == 'F'))) {
                out.write(octet);
                column++;
            } else {
                out.write('=');
                out.write(HEX.charAt(octet >> 4));
                out.write(HEX.charAt(octet & 15));
                column += 3;
            }
        }
        if (lineEnd) {
            out.lineEnd();
            column = 0;
            softly = false;
        }
    }

    /// The part has ended.
    void end() {
        column = 0;
        softly = false;
    }
}
