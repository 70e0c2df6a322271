package org.mailrelay.core.smtp;

import java.nio.ByteBuffer;

/// Brings octets that came in chunks (RFC 3030 §2) to the form in which content is kept: each dot at the beginning of a line doubled
/// (RFC 5321 §4.5.2), so that no line can be taken for an end of data when it leaves with DATA.
///
/// Chunks may be cut anywhere, inside CRLF too. One object a message, on the connection's event loop.
public final class DotStuffer {

    private enum Place { LINE_START, IN_LINE, AFTER_CR }

    private Place place = Place.LINE_START;

    /// @return the octets stuffed; those given where there is nothing to stuff, so use it before they change
    public ByteBuffer stuff(byte[] octets, int from, int to) {
        byte[] out = octets;
        int copied = from;
        int length = 0;
        for (int i = from; i < to; i++) {
            byte octet = octets[i];
            if (octet == '.' && place == Place.LINE_START) {
                if (out == octets) {
                    out = new byte[(to - from) * 2];   // at worst each octet doubles
                }
                System.arraycopy(octets, copied, out, length, i - copied);
                length += i - copied;
                out[length++] = '.';
                copied = i;
            }
            place = octet == '\n' && place == Place.AFTER_CR ? Place.LINE_START : octet == '\r' ? Place.AFTER_CR : Place.IN_LINE;
        }
        if (out == octets) {
            return ByteBuffer.wrap(octets, from, to - from);
        }
        System.arraycopy(octets, copied, out, length, to - copied);
        return ByteBuffer.wrap(out, 0, length + to - copied);
    }

    /// What is missing at the end of the last chunk: content ends in CRLF (RFC 5321 §2.3.8).
    public ByteBuffer lineEnd() {
        ByteBuffer missing = place == Place.LINE_START ? ByteBuffer.allocate(0) : ByteBuffer.wrap(new byte[] {'\r', '\n'});
        place = Place.LINE_START;
        return missing;
    }
}
