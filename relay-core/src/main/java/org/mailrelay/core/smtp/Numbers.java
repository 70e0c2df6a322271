package org.mailrelay.core.smtp;

import java.util.OptionalLong;

/// Decimal numbers of the wire: ASCII digits only, no sign.
final class Numbers {

    private static final int MAX_DIGITS = 20;

    private Numbers() {
    }

    /// One to twenty digits (RFC 1870 §4 and §5). What exceeds a long is the largest long: twenty digits are grammatical.
    static OptionalLong size(String text) {
        if (text.isEmpty() || text.length() > MAX_DIGITS) {
            return OptionalLong.empty();
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Ascii.isDigit(c)) {
                return OptionalLong.empty();
            }
            int digit = c - '0';
            value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
        }
        return OptionalLong.of(value);
    }
}
