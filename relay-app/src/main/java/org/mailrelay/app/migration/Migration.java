package org.mailrelay.app.migration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// What was read, as it will stand in our files, and what could not be.
public final class Migration {

    private static final String DEFAULT = "default";

    private final Map<String, Map<String, String>> destinations = new LinkedHashMap<>();
    private final Map<String, String> routes = new LinkedHashMap<>();
    private final List<String> remarks = new ArrayList<>();

    /// A key of the entry `default`.
    ///
    /// @param yaml its value, as YAML
    void standard(String key, String yaml) {
        destinations.computeIfAbsent(DEFAULT, _ -> new LinkedHashMap<>()).put(key, yaml);
    }

    /// A key of a domain's entry.
    ///
    /// @param entry a domain or `.domain`, from [#entry]
    void destination(String entry, String key, String yaml) {
        destinations.computeIfAbsent(entry, _ -> new LinkedHashMap<>()).put(key, yaml);
    }

    /// @param entry a domain, `.domain` or `ALL`
    /// @param yaml  the list of hosts, as YAML
    void route(String entry, String yaml) {
        routes.put(entry, yaml);
    }

    /// Something that our files do not say.
    ///
    /// @param place file and line
    void remark(String place, String words) {
        remarks.add(place + ": " + words);
    }

    public List<String> remarks() {
        return List.copyOf(remarks);
    }

    /// How a domain or `.domain` stands in our files; empty for what is neither.
    static Optional<String> entry(String text) {
        boolean below = text.startsWith(".");
        return Domain.parse(below ? text.substring(1) : text).map(domain -> (below ? "." : "") + domain.name());
    }

    /// A scalar that no YAML reader takes for anything else.
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c < ' ' || c == 0x7f) {
                out.append("\\x%02x".formatted(c));
            } else {
                out.append((char) c);
            }
        });
        return out.append('"').toString();
    }

    /// `destinations.yaml`
    public String destinationsYaml() {
        StringBuilder out = new StringBuilder("default: ").append(flow(destinations.getOrDefault(DEFAULT, Map.of("tls", "preferred")))).append('\n');
        List<Map.Entry<String, Map<String, String>>> entries = destinations.entrySet().stream().filter(entry -> !entry.getKey().equals(DEFAULT)).toList();
        out.append(entries.isEmpty() ? "destinations: {}\n" : "destinations:\n");
        entries.forEach(entry -> out.append("  ").append(entry.getKey()).append(": ").append(flow(entry.getValue())).append('\n'));
        return out.toString();
    }

    /// `routes.yaml`
    public String routesYaml() {
        StringBuilder out = new StringBuilder(routes.isEmpty() ? "routes: {}\n" : "routes:\n");
        routes.forEach((entry, hosts) -> out.append("  ").append(entry).append(": ").append(hosts).append('\n'));
        return out.toString();
    }

    private static String flow(Map<String, String> keys) {
        List<String> parts = keys.entrySet().stream().map(key -> key.getKey() + ": " + key.getValue()).toList();
        return "{" + String.join(", ", parts) + "}";
    }
}
