package org.mailrelay.core.mime;

/// Whether octets that pass are UTF-8 (RFC 3629 §4), wherever they are cut.
final class Utf8Watch {

    private int expected;
    private int lowest = 0x80;
    private int highest = 0xbf;
    private boolean bad;

    /// @param lineEnd a character that is not whole stays so
    void watch(byte[] octets, int count, boolean lineEnd) {
        for (int i = 0; i < count && !bad; i++) {
            see(octets[i] & 255);
        }
        bad |= lineEnd && expected > 0;
    }

    private void see(int octet) {
        if (expected > 0) {
            bad = octet < lowest || octet > highest;
            lowest = 0x80;
            highest = 0xbf;
            expected--;
        } else if (octet >= 0x80) {
            expected = octet >= 0xc2 && octet <= 0xdf ? 1 : octet >= 0xe0 && octet <= 0xef ? 2 : octet >= 0xf0 && octet <= 0xf4 ? 3 : 0;
            bad = expected == 0;
            lowest = octet == 0xe0 ? 0xa0 : octet == 0xf0 ? 0x90 : 0x80;   // no longer form than is needed
            highest = octet == 0xed ? 0x9f : octet == 0xf4 ? 0x8f : 0xbf;   // no surrogates, nothing beyond U+10FFFF
        }
    }

    boolean good() {
        return !bad && expected == 0;
    }

    void reset() {
        expected = 0;
        lowest = 0x80;
        highest = 0xbf;
        bad = false;
    }
}
