package org.mailrelay.core.mime;

import java.util.Arrays;

/// What a conversion writes, in wire form: a line that begins with a dot gets one more. Counts as the relay counts.
final class WireOctets {

    private byte[] octets = new byte[4_096];
    private int length;
    private boolean lineBegins = true;
    private long written;
    private long stuffedDots;
    private int high;

    void write(int octet) {
        if (lineBegins && octet == '.') {
            put((byte) '.');
            stuffedDots++;
        }
        put((byte) octet);
        lineBegins = false;
    }

    void write(byte[] more, int count) {
        for (int i = 0; i < count; i++) {
            write(more[i]);
        }
    }

    void lineEnd() {
        put((byte) '\r');
        put((byte) '\n');
        lineBegins = true;
    }

    private void put(byte octet) {
        if (length == octets.length) {
            octets = Arrays.copyOf(octets, length * 2);
        }
        octets[length++] = octet;
        high |= octet;
        written++;
    }

    /// What was written since the last time.
    byte[] take() {
        byte[] taken = Arrays.copyOf(octets, length);
        length = 0;
        return taken;
    }

    /// Octets in wire form.
    long written() {
        return written;
    }

    boolean lineBegins() {
        return lineBegins;
    }

    boolean eightBit() {
        return (high & 0x80) != 0;
    }

    long stuffedDots() {
        return stuffedDots;
    }
}
