package org.mailrelay.core.mail;

import java.util.Optional;

/// Reads IP addresses as text, strictly and without ever asking DNS.
///
/// `InetAddress.getByName` takes `127.1`, `2130706433` and `0` for addresses; filters on text are bypassed that way. Here
/// an IPv4 address is four decimal numbers without leading zeros (RFC 5321 §4.1.3), an IPv6 address what RFC 4291 §2.2
/// writes, without a zone.
public final class AddressText {

    private AddressText() {
    }

    /// Four octets for IPv4, sixteen for IPv6 (a v4-mapped one stays sixteen); empty when the text is neither.
    public static Optional<byte[]> parse(String text) {
        return text.indexOf(':') >= 0 ? v6(text) : v4(text);
    }

    public static Optional<byte[]> v4(String text) {
        byte[] octets = new byte[4];
        return readV4(text, 0, octets, 0) ? Optional.of(octets) : Optional.empty();
    }

    public static Optional<byte[]> v6(String text) {
        byte[] octets = new byte[16];
        int filled = 0;
        int gap = -1;
        int at = 0;
        if (text.startsWith("::")) {
            gap = 0;
            at = 2;
        }
        while (at < text.length()) {
            int end = text.indexOf(':', at);
            int stop = end < 0 ? text.length() : end;
            if (end < 0 && text.indexOf('.', at) >= 0) {
                if (filled > 12 || !readV4(text, at, octets, filled)) {
                    return Optional.empty();
                }
                filled += 4;
                break;
            }
            int group = hexGroup(text, at, stop);
            if (group < 0 || filled > 14) {
                return Optional.empty();
            }
            octets[filled++] = (byte) (group >>> 8);
            octets[filled++] = (byte) group;
            if (end < 0) {
                break;
            }
            at = end + 1;
            if (at < text.length() && text.charAt(at) == ':') {
                if (gap >= 0) {
                    return Optional.empty();
                }
                gap = filled;
                at++;
            } else if (at == text.length()) {
                return Optional.empty();
            }
        }
        return spread(octets, filled, gap);
    }

    /// Moves what stands behind `::` to the end.
    private static Optional<byte[]> spread(byte[] octets, int filled, int gap) {
        if (gap < 0) {
            return filled == 16 ? Optional.of(octets) : Optional.empty();
        }
        if (filled > 14) {
            return Optional.empty();
        }
        byte[] whole = new byte[16];
        System.arraycopy(octets, 0, whole, 0, gap);
        System.arraycopy(octets, gap, whole, 16 - (filled - gap), filled - gap);
        return Optional.of(whole);
    }

    private static int hexGroup(String text, int from, int to) {
        if (to <= from || to - from > 4) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static boolean readV4(String text, int from, byte[] octets, int into) {
        int at = from;
        for (int part = 0; part < 4; part++) {
            int start = at;
            int value = 0;
            while (at < text.length() && at - start < 3 && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                value = value * 10 + text.charAt(at++) - '0';
            }
            boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
            if (at == start || value > 255 || leadingZero) {
                return false;
            }
            octets[into + part] = (byte) value;
            if (part < 3 && (at >= text.length() || text.charAt(at++) != '.')) {
                return false;
            }
        }
        return at == text.length();
    }
}
