package org.mailrelay.core.mail;

/// What values that are sent again must hold off: whatever could end a line, or is no character.
final class MailText {

    private MailText() {
    }

    /// Printable ASCII and what Unicode has beyond its controls.
    ///
    /// @throws IllegalArgumentException for a control (C0, DEL, C1) and for half of a surrogate pair
    static void requirePrintable(String text, String what) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (c < 0x20 || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 || Character.isSurrogate(c)) {
                throw new IllegalArgumentException("character " + (int) c + " in " + what);
            }
        }
    }

    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7e) {
                return false;
            }
        }
        return true;
    }

    /// Octets in UTF-8 of a text that [#requirePrintable] passed.
    static int octets(String text) {
        int octets = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            octets += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return octets;
    }
}
