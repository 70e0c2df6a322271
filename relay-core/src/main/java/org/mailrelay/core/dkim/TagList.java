package org.mailrelay.core.dkim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.smtp.Ascii;

/// `tag=value; tag=value` (RFC 6376 §3.2). Names are compared as written; blanks and folds around names and values are dropped.
///
/// @param tags in their order
public record TagList(Map<String, String> tags) {

    private static final String BLANKS = " \t\r\n";

    /// Empty where it is not one, or a tag stands twice.
    static Optional<TagList> parse(String text) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String part : text.split(";", -1)) {
            String spec = stripped(part);
            if (spec.isEmpty()) {
                continue;
            }
            int equals = spec.indexOf('=');
            if (equals <= 0 || tags.putIfAbsent(stripped(spec.substring(0, equals)), stripped(spec.substring(equals + 1))) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(new TagList(tags));
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(tags.get(name));
    }

    /// A value without any blanks or folds inside: base64.
    Optional<String> dense(String name) {
        return get(name).map(value -> {
            StringBuilder out = new StringBuilder(value.length());
            value.chars().filter(c -> BLANKS.indexOf(c) < 0).forEach(c -> out.append((char) c));
            return out.toString();
        });
    }

    /// A value of parts with colons between them.
    List<String> list(String name) {
        return get(name).map(value -> List.of(value.split(":", -1)).stream().map(TagList::stripped).toList()).orElse(List.of());
    }

    private static String stripped(String text) {
        return Ascii.stripped(text, BLANKS);
    }
}
