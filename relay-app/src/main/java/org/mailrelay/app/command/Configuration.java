package org.mailrelay.app.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where the configuration stands: the options that every command has.
public final class Configuration {

    @Option(names = "--conf", paramLabel = "DIR", description = "The configuration folder. Default: MAILRELAY_CONF, else conf beside the launcher, else /etc/mailrelay.")
    private @Nullable Path folder;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key of relay.yaml, for example log.stdout=true.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    /// The folder that holds the four files.
    public Path folder() {
        if (folder != null) {
            return folder;
        }
        return Optional.ofNullable(System.getenv("MAILRELAY_CONF")).map(Path::of).orElseGet(Configuration::besideTheLauncher);
    }

    public Map<String, String> overrides() {
        return Map.copyOf(overrides);
    }

    private static Path besideTheLauncher() {
        Path beside = Path.of(System.getProperty("mailrelay.home", "."), "conf");
        return Files.isDirectory(beside) ? beside : Path.of("/etc/mailrelay");
    }
}
