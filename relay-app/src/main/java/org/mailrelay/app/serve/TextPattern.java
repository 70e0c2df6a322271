package org.mailrelay.app.serve;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// A value of a filter: `*` for any text, all else for itself, without regard to case.
final class TextPattern {

    private TextPattern() {
    }

    static Predicate<String> of(String value) {
        StringBuilder expression = new StringBuilder();
        for (String literal : value.toLowerCase(Locale.ROOT).split("\\*", -1)) {
            expression.append(expression.isEmpty() ? "" : ".*").append(literal.isEmpty() ? "(?:)" : Pattern.quote(literal));
        }
        return Pattern.compile(expression.toString(), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.DOTALL).asMatchPredicate();
    }
}
