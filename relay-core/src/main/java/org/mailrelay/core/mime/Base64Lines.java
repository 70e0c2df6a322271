package org.mailrelay.core.mime;

/// Base64 whose lines were too long, in lines of 76 characters (RFC 2045 §6.8): its line ends mean nothing, so they may stand anywhere.
final class Base64Lines {

    private static final int LONGEST = 76;

    private final WireOctets out;
    private int column;

    Base64Lines(WireOctets out) {
        this.out = out;
    }

    /// Of base64's alphabet; anything else could make a line that looks like a boundary.
    static boolean has(byte octet) {
        return octet >= 'A' && octet <= 'Z' || octet >= 'a' && octet <= 'z' || octet >= '0' && octet <= '9' || octet == '+' || octet == '/' || octet == '=';
    }

    void write(byte[] octets, int count) {
        for (int i = 0; i < count; i++) {
            if (column == LONGEST) {
                out.lineEnd();
                column = 0;
            }
            out.write(octets[i]);
            column++;
        }
    }

    /// The part has ended.
    void end() {
        if (column > 0) {
            out.lineEnd();
        }
        column = 0;
    }
}
