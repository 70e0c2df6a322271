package org.mailrelay.core.dkim;

import java.io.ByteArrayOutputStream;

/// Keeps the header block of a message that passes in wire form, up to a limit. One object a message.
final class HeaderCollector {

    private final boolean stuffed;
    private final int limit;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream(2_048);
    private long lineLength;
    private boolean lineStart = true;
    private boolean afterCr;
    private boolean ended;
    private boolean overflowed;

    /// @param stuffed each line's first dot was put there for the wire
    /// @param limit   octets; of a longer header nothing is kept
    HeaderCollector(boolean stuffed, int limit) {
        this.stuffed = stuffed;
        this.limit = limit;
    }

    /// @return where the body begins; `to` where the header has not ended
    int collect(byte[] octets, int from, int to) {
        for (int i = from; i < to && !overflowed; i++) {
            byte octet = octets[i];
            if (octet == '\n' && afterCr) {
                if (lineLength == 0) {
                    ended = true;
                    return i + 1;
                }
                keep((byte) '\r');
                keep((byte) '\n');
                afterCr = false;
                lineStart = true;
                lineLength = 0;
                continue;
            }
            if (afterCr) {
                keep((byte) '\r');
                lineLength++;
            }
            afterCr = octet == '\r';
            boolean dot = lineStart && stuffed && octet == '.';
            lineStart = false;
            if (!afterCr && !dot) {
                keep(octet);
                lineLength++;
            }
        }
        return to;
    }

    private void keep(byte octet) {
        if (kept.size() == limit) {
            overflowed = true;
            kept.reset();
        } else if (!overflowed) {
            kept.write(octet);
        }
    }

    boolean ended() {
        return ended;
    }

    boolean overflowed() {
        return overflowed;
    }

    /// The fields so far, each line with its CRLF.
    byte[] octets() {
        return kept.toByteArray();
    }
}
