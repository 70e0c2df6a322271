package org.mailrelay.core.mime;

import java.util.Optional;
import org.mailrelay.core.header.HeaderField;
import org.mailrelay.core.smtp.Ascii;

/// What is read of `Content-Type` (RFC 2045 §5.1): the type and the boundary. Linear in its length.
///
/// @param type `text/plain`, in lower case, without blanks
record ContentType(String type, Optional<String> boundary) {

    static final ContentType TEXT = new ContentType("text/plain", Optional.empty());
    static final ContentType MESSAGE = new ContentType("message/rfc822", Optional.empty());

    /// RFC 2046 §5.1.1.
    private static final int LONGEST_BOUNDARY = 70;

    static ContentType of(HeaderField field) {
        String value = field.value();
        int end = next(value, 0, ';');
        String type = lower(stripped(value.substring(0, end)));
        Optional<String> boundary = Optional.empty();
        while (end < value.length()) {
            int from = end + 1;
            end = next(value, from, ';');
            int equals = next(value, from, '=');
            if (equals < end && Ascii.equals(stripped(value.substring(from, equals)), "BOUNDARY") && boundary.isEmpty()) {
                boundary = boundary(stripped(value.substring(equals + 1, end)));
            }
        }
        return new ContentType(type, boundary);
    }

    private static Optional<String> boundary(String written) {
        String text = written;
        if (text.startsWith("\"")) {
            StringBuilder plain = new StringBuilder();
            for (int i = 1; i < text.length() && text.charAt(i) != '"'; i++) {
                i = text.charAt(i) == '\\' && i + 1 < text.length() ? i + 1 : i;
                plain.append(text.charAt(i));
            }
            text = plain.toString();
        }
        boolean usable = !text.isEmpty() && text.length() <= LONGEST_BOUNDARY && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f) && !text.endsWith(" ");
        return usable ? Optional.of(text) : Optional.empty();
    }

    /// Where `sought` stands next, outside of quotes and comments; the end where it does not.
    private static int next(String value, int from, char sought) {
        int depth = 0;
        boolean quoted = false;
        for (int i = from; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                i++;
            } else if (quoted) {
                quoted = c != '"';
            } else if (c == '"') {
                quoted = true;
            } else if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
            } else if (c == sought && depth <= 0) {
                return i;
            }
        }
        return value.length();
    }

    /// Without comments, and without blanks and line ends around.
    static String stripped(String text) {
        StringBuilder out = new StringBuilder(text.length());
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && depth == 0) {
                quoted = !quoted;
            }
            if (!quoted && c == '(') {
                depth++;
            } else if (!quoted && c == ')' && depth > 0) {
                depth--;
            } else if (depth == 0 && (quoted || out.length() > 0 || !isBlank(c))) {
                out.append(c);
            }
        }
        int end = out.length();
        while (end > 0 && isBlank(out.charAt(end - 1))) {
            end--;
        }
        return out.substring(0, end);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    static String lower(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.chars().forEach(c -> out.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        return out.toString();
    }
}
