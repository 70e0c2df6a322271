package org.mailrelay.core.mime;

/// Folds lines of a header that are longer than any host must take (RFC 5322 §2.1.1, §2.2.3): at a blank, where there is one. What was one line reads
/// as it did.
final class Folding {

    private Folding() {
    }

    /// @param field with its CRLF
    static String of(String field) {
        if (field.length() <= SevenBitPlan.LONGEST_LINE + 2) {
            return field;
        }
        StringBuilder out = new StringBuilder(field.length() + 16);
        int lineStart = 0;
        int blank = -1;
        boolean anything = false;
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\n') {
                out.append(field, lineStart, i + 1);
                lineStart = i + 1;
                blank = -1;
                anything = false;
                continue;
            }
            if (c == ' ' || c == '\t') {
                blank = anything ? i : blank;   // no line of blanks alone comes of it
            } else if (c != '\r') {
                anything = true;
                if (i - lineStart >= SevenBitPlan.LONGEST_LINE && blank > lineStart) {
                    out.append(field, lineStart, blank).append("\r\n");
                    lineStart = blank;
                    blank = -1;
                }
            }
        }
        return out.append(field, lineStart, field.length()).toString();
    }
}
