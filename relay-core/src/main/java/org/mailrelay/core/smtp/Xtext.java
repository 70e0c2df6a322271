package org.mailrelay.core.smtp;

import java.util.Optional;

/// The encoding of values that may hold any character into what a parameter may hold (RFC 3461 §4).
///
///     xtext   = *( xchar / hexchar )
///     xchar   = any of "!" (33) to "~" (126) but "+" and "="
///     hexchar = "+" and two upper-case hexadecimal digits
public final class Xtext {

    private static final String HEX = "0123456789ABCDEF";

    private Xtext() {
    }

    /// @return empty when it is not of that form, or when a character that comes out is not printable ASCII: `+00`, `+0D` and
    ///         `+0A` would become NUL and line ends in headers and commands
    public static Optional<String> decode(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '+') {
                int high = i + 2 < text.length() ? HEX.indexOf(text.charAt(i + 1)) : -1;
                int low = i + 2 < text.length() ? HEX.indexOf(text.charAt(i + 2)) : -1;
                c = high < 0 || low < 0 ? 0 : (char) (high << 4 | low);
                i += 2;
            } else if (c == '=' || c == ' ') {
                return Optional.empty();
            }
            if (c < 0x20 || c > 0x7e) {
                return Optional.empty();
            }
            out.append(c);
        }
        return Optional.of(out.toString());
    }

    /// @param text octets as characters; `+` and `=` are encoded like blanks and what is not printable
    public static String encode(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 0x20 && c < 0x7f && c != '+' && c != '=') {
                out.append(c);
            } else if (c < 0x100) {
                out.append('+').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            } else {
                throw new IllegalArgumentException("character " + (int) c + " is no octet");
            }
        }
        return out.toString();
    }
}
