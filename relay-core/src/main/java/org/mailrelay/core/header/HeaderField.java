package org.mailrelay.core.header;

import org.mailrelay.core.smtp.Ascii;

/// One field of a header, folded as it came (RFC 5322 §2.2).
///
/// @param text one character an octet, its last CRLF included
public record HeaderField(String text) {

    public HeaderField {
        if (text.indexOf(':') < 1 || !text.endsWith("\r\n")) {
            throw new IllegalArgumentException("not a header field");
        }
    }

    /// As it stands, without blanks before the colon (RFC 5322 §4.5).
    public String name() {
        int end = text.indexOf(':');
        while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\t')) {
            end--;
        }
        return text.substring(0, end);
    }

    /// @param upperCase a name in upper case
    public boolean is(String upperCase) {
        return Ascii.equals(name(), upperCase);
    }

    /// What stands behind the colon, the last CRLF included.
    public String value() {
        return text.substring(text.indexOf(':') + 1);
    }

    /// @param value as [#value()] gives it
    public HeaderField withValue(String value) {
        return new HeaderField(text.substring(0, text.indexOf(':') + 1) + value);
    }
}
