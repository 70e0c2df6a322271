package org.mailrelay.app.command;

import java.nio.file.Path;
import org.mailrelay.config.ConfigLoader;

/// Where the relay of a configuration listens for commands.
final class AdminSocketPath {

    private AdminSocketPath() {
    }

    /// As the configuration says. A running relay may have an older, sound configuration while the files have a mistake: then the
    /// default place below the root is taken.
    static Path of(Configuration configuration) {
        return switch (ConfigLoader.load(configuration.folder(), configuration.overrides())) {
            case ConfigLoader.Loaded loaded -> loaded.settings().relay().admin().socket();
            case ConfigLoader.Refused _ -> root(configuration).resolve(configuration.overrides().getOrDefault("admin.socket", "run/admin.sock"));
        };
    }

    private static Path root(Configuration configuration) {
        String root = configuration.overrides().get("root");
        return root != null ? Path.of(root) : configuration.folder().toAbsolutePath().normalize().resolve("..").normalize();
    }
}
