package org.mailrelay.core.access;

import java.util.Map;
import java.util.Optional;

/// A greeting's text with `{name}` where something of the connection goes.
public final class Banner {

    /// What may stand in braces.
    public static final java.util.List<String> NAMES = java.util.List.of("hostname", "listener", "address", "group", "icid");

    private Banner() {
    }

    /// What is wrong with a text; empty where nothing is. Printable ASCII, at most 200 characters, known names.
    public static Optional<String> mistake(String text) {
        if (text.isEmpty() || text.length() > 200 || text.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
            return Optional.of("1 to 200 printable ASCII characters");
        }
        for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', open + 1)) {
            int close = text.indexOf('}', open);
            if (close < 0 || !NAMES.contains(text.substring(open + 1, close))) {
                return Optional.of("in braces one of " + String.join(", ", NAMES));
            }
        }
        return Optional.empty();
    }

    /// @param values by name; each printable ASCII
    public static String text(String text, Map<String, String> values) {
        String out = text;
        for (Map.Entry<String, String> each : values.entrySet()) {
            out = out.replace("{" + each.getKey() + "}", each.getValue());
        }
        return out;
    }
}
