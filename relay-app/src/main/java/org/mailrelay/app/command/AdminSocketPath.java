package org.mailrelay.app.command;

import java.nio.file.Path;

/// Where the relay of a configuration listens for commands.
final class AdminSocketPath {

    private AdminSocketPath() {
    }

    /// `run/admin.sock` below the root: the overridden one, else the folder above the configuration.
    static Path of(Configuration configuration) {
        String root = configuration.overrides().get("root");
        Path base = root != null ? Path.of(root) : configuration.folder().toAbsolutePath().normalize().resolve("..").normalize();
        return base.resolve(configuration.overrides().getOrDefault("admin.socket", "run/admin.sock"));
    }
}
