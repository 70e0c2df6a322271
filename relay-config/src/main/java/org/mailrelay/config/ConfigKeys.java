package org.mailrelay.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Every key of every file, and the reference page that is printed from them.
public final class ConfigKeys {

    private ConfigKeys() {
    }

    public static Map<String, List<ConfigKey>> byFile() {
        Map<String, List<ConfigKey>> files = new LinkedHashMap<>();
        files.put("relay.yaml", RelayKeys.ALL);
        files.put("destinations.yaml", DestinationsKeys.ALL);
        files.put("routes.yaml", RoutesKeys.ALL);
        files.put("access.yaml", AccessKeys.ALL);
        return files;
    }

    /// `docs/configuration.md`.
    public static String page() {
        StringBuilder page = new StringBuilder("""
                # Configuration

                Four YAML files in `conf/`, read by the YAML 1.2 core schema: `off`, `no` and `2027-01-31` are plain strings. Where a key knows
                `none` or `off`, both mean the same. Durations `60s 5m 72h 3d`, sizes `10MB 64KiB`. Every mistake is printed with file, line and
                column; unknown and duplicate keys are mistakes, and so is a value that asks for what is not built yet. `${env:NAME}` as a whole
                value is taken from the environment.

                Entries of `destinations` have the keys of `default` and inherit what they do not set. The exact domain wins, then the longest
                `.suffix`, then `default`. `routes` and `senders` map a domain, `.suffix` or `ALL` to a list of hosts.
                """);
        byFile().forEach((file, keys) -> {
            page.append("\n## ").append(file).append("\n\n| key | value | default | |\n| --- | --- | --- | --- |\n");
            keys.forEach(key -> page.append("| ").append(key.path()).append(" | ").append(key.type()).append(" | ").append(key.otherwise())
                    .append(" | ").append(key.sentence()).append(" |\n"));
        });
        return page.toString();
    }
}
