package org.mailrelay.core.smtp;

import java.util.Arrays;

/// Mends content for old applications (`bare_line_endings: normalise`): a bare LF becomes CRLF, and what comes to stand on a
/// line of its own by that is stuffed, so that what leaves never holds an end of data (RFC 5321 §4.5.2). CRLF `.` LF is such
/// a case: its dot would become the terminator.
///
/// Stands behind [DataScanner#beforeNormaliser], which has found the true end; bare CR and NUL are refused there. Size and
/// stuffing are counted here anew, for what leaves. One object a message, on the connection's event loop.
public final class LineEndNormaliser {

    private enum Place { START, MENDED_START, LONE_DOT, INSIDE }

    private Place place = Place.START;
    private boolean afterCr;
    private long octetsOut;
    private long stuffedDots;

    /// The content in `octets[from..to)`, mended. The array is the caller's to keep.
    public byte[] mend(byte[] octets, int from, int to) {
        byte[] out = new byte[(to - from) * 2 + 1];   // at worst each octet doubles, and a dot of the call before
        int length = 0;
        for (int i = from; i < to; i++) {
            byte octet = octets[i];
            if (octet == '\n' && !afterCr) {
                if (place == Place.LONE_DOT) {
                    out[length++] = '.';
                }
                out[length++] = '\r';
                place = Place.MENDED_START;
            } else if (octet == '\n') {
                place = Place.START;
            } else if (octet == '.' && place == Place.MENDED_START) {
                out[length++] = '.';
                stuffedDots++;
                place = Place.INSIDE;
            } else if (octet == '.' && place == Place.START) {
                stuffedDots++;
                place = Place.LONE_DOT;
            } else if (octet != '\r') {
                place = Place.INSIDE;
            }
            out[length++] = octet;
            afterCr = octet == '\r';
        }
        octetsOut += length;
        return Arrays.copyOf(out, length);
    }

    /// Octets of what left, without stuffing (RFC 1870 §3): takes the place of the scanner's.
    public long trueSize() {
        return octetsOut - stuffedDots;
    }

    /// Dots of what left that are stuffing: takes the place of the scanner's.
    public long stuffedDots() {
        return stuffedDots;
    }
}
