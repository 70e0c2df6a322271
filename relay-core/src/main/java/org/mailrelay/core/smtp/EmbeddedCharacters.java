package org.mailrelay.core.smtp;

import java.util.Optional;

/// Characters beyond ASCII in the seven-bit form of a `utf-8` address (RFC 6533 §3): `\x{E4}`. So are written, too, the characters that
/// xtext or this form would read as something else.
final class EmbeddedCharacters {

    private EmbeddedCharacters() {
    }

    /// @return empty for a lone backslash, for what is no character, and for a control
    static Optional<String> decode(String text) {
        StringBuilder out = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) != '\\') {
                out.append(text.charAt(at++));
                continue;
            }
            int end = text.indexOf('}', at);
            int point = text.startsWith("\\x{", at) && end > 0 ? hex(text, at + 3, end) : -1;
            if (!isText(point)) {
                return Optional.empty();
            }
            out.appendCodePoint(point);
            at = end + 1;
        }
        return Optional.of(out.toString());
    }

    static String encode(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (point > 0x20 && point < 0x7f && point != '+' && point != '=' && point != '\\') {
                out.append((char) point);
            } else {
                out.append("\\x{").append(String.format(java.util.Locale.ROOT, "%02X", point)).append('}');
            }
        });
        return out.toString();
    }

    private static int hex(String text, int from, int to) {
        if (to - from < 2 || to - from > 6) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = "0123456789ABCDEF".indexOf(text.charAt(i));
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static boolean isText(int point) {
        boolean control = point < 0x20 || point >= 0x7f && point < 0xa0 || point == 0x2028 || point == 0x2029;
        return !control && Character.isValidCodePoint(point) && !(point >= 0xd800 && point <= 0xdfff);
    }
}
