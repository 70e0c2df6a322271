package org.mailrelay.core.smtp;

/// Mends content for old applications (`bare_line_endings: normalise`): a bare LF becomes CRLF, and a dot that comes to stand
/// at a line's start by that is stuffed, so what leaves can never hold an end of data (RFC 5321 §4.5.2).
///
/// Stands behind [DataScanner#beforeNormaliser], which has found the true end; bare CR and NUL are refused there.
/// One object a message, on the connection's event loop.
public final class LineEndNormaliser {

    private boolean afterCr;
    private boolean afterMendedLf;
    private long addedReturns;
    private long addedDots;

    /// The content in `octets[from..to)`, mended. The array is the caller's to keep.
    public byte[] mend(byte[] octets, int from, int to) {
        byte[] out = new byte[to - from + countAdditions(octets, from, to)];
        int length = 0;
        for (int i = from; i < to; i++) {
            byte octet = octets[i];
            if (octet == '.' && afterMendedLf) {
                out[length++] = '.';
                addedDots++;
            }
            boolean bareLf = octet == '\n' && !afterCr;
            if (bareLf) {
                out[length++] = '\r';
                addedReturns++;
            }
            out[length++] = octet;
            afterMendedLf = bareLf;
            afterCr = octet == '\r';
        }
        return out;
    }

    private int countAdditions(byte[] octets, int from, int to) {
        int additions = 0;
        boolean cr = afterCr;
        boolean mended = afterMendedLf;
        for (int i = from; i < to; i++) {
            byte octet = octets[i];
            additions += octet == '.' && mended ? 1 : 0;
            mended = octet == '\n' && !cr;
            additions += mended ? 1 : 0;
            cr = octet == '\r';
        }
        return additions;
    }

    /// CR octets added: they count in the true size.
    public long addedReturns() {
        return addedReturns;
    }

    /// Dots added: they count as stuffing.
    public long addedDots() {
        return addedDots;
    }
}
