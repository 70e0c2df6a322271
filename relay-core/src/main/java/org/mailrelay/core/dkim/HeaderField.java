package org.mailrelay.core.dkim;

import java.nio.charset.StandardCharsets;

/// One field of a header as it stands there.
///
/// @param name   as written, without blanks behind it; empty where the line is no field
/// @param octets the field with its folds, without its last CRLF
record HeaderField(String name, byte[] octets) {

    static HeaderField of(byte[] octets) {
        int end = 0;
        while (end < octets.length && octets[end] != ':') {
            if (octets[end] < 0x20 && octets[end] != '\t' || octets[end] == 0x7f) {
                return new HeaderField("", octets);
            }
            end++;
        }
        if (end == octets.length) {
            return new HeaderField("", octets);
        }
        while (end > 0 && Form.isBlank(octets[end - 1])) {
            end--;   // RFC 5322 §4.5: obsolete syntax lets blanks stand before the colon
        }
        return new HeaderField(new String(octets, 0, end, StandardCharsets.ISO_8859_1), octets);
    }

    /// In any ASCII case.
    boolean isNamed(String other) {
        if (name.length() != other.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (lower(name.charAt(i)) != lower(other.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }

    /// What stands behind the colon, one character an octet.
    String value() {
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        return text.substring(text.indexOf(':') + 1);
    }
}
