package org.mailrelay.listener;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// Octets that have come and were not dealt with yet. One connection's own; its array is reused, so nothing may keep it. A connection that
/// waits holds no array at all: most connections do.
final class Inbox {

    private static final int FIRST = 4_096;

    private static final byte[] NONE = new byte[0];

    byte[] octets = NONE;
    int start;
    int end;

    void keep(ByteBuf bytes) {
        int count = bytes.readableBytes();
        if (start > 0 && octets.length - end < count) {
            System.arraycopy(octets, start, octets, 0, end - start);
            end -= start;
            start = 0;
        }
        if (octets.length - end < count) {
            octets = Arrays.copyOf(octets, Math.max(Math.max(FIRST, octets.length * 2), end + count));
        }
        bytes.readBytes(octets, end, count);
        end += count;
    }

    /// Nothing is under way: gives back the array, or where `busy` one that has grown, for more comes soon.
    void rest(boolean busy) {
        if (isEmpty() && (!busy || octets.length > FIRST)) {
            octets = NONE;
            dropAll();
        }
    }

    int count() {
        return end - start;
    }

    boolean isEmpty() {
        return start == end;
    }

    /// Where the LF of the next line stands.
    ///
    /// @param longest octets to look at; a line with its LF may be that long
    /// @return -1 where there is none
    int lineFeed(int longest) {
        int limit = Math.min(end, start + longest);
        for (int i = start; i < limit; i++) {
            if (octets[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /// In any ASCII case; `word` is upper case.
    boolean startsWith(int from, byte[] word) {
        if (end - from < word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            int octet = octets[from + i];
            if ((octet >= 'a' && octet <= 'z' ? octet - 32 : octet) != word[i]) {
                return false;
            }
        }
        return true;
    }

    void dropAll() {
        start = 0;
        end = 0;
    }
}
