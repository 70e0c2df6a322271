package org.mailrelay.core.report;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Writes header fields and the like: folded at blanks to 78 characters where there are any, and at 998 octets in any case (RFC 5322 §2.1.1).
final class FieldWriter {

    private static final int SOFT = 78;
    /// Below 998 by the longest character.
    private static final int HARD = 990;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final StringBuilder out = new StringBuilder(2048);

    static String date(Instant at) {
        return DATE.format(at);
    }

    FieldWriter field(String name, String value) {
        out.append(name).append(':');
        int column = name.length() + 1;
        for (String word : value.split(" ", -1)) {
            if (column + 1 + word.length() > SOFT && column > name.length() + 1 && !word.isEmpty()) {
                out.append("\r\n");
                column = 0;
            }
            out.append(' ');
            column = token(word, column + 1);
        }
        out.append("\r\n");
        return this;
    }

    private int token(String word, int from) {
        int column = from;
        for (int at = 0; at < word.length();) {
            int point = word.codePointAt(at);
            int octets = Character.toString(point).getBytes(StandardCharsets.UTF_8).length;
            if (column + octets > HARD) {
                out.append("\r\n ");
                column = 1;
            }
            out.appendCodePoint(point);
            column += octets;
            at += Character.charCount(point);
        }
        return column;
    }

    FieldWriter line(String text) {
        out.append(text).append("\r\n");
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
