package org.mailrelay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The four files as they are shipped, for tests that change one of them.
final class ShippedFiles {

    private ShippedFiles() {
    }

    /// @return the folder `conf` below this one
    static Path below(Path folder) throws IOException {
        Path conf = Files.createDirectory(folder.resolve("conf"));
        for (String name : List.of("relay.yaml", "destinations.yaml", "routes.yaml", "access.yaml")) {
            Files.copy(Path.of("..", "conf", name), conf.resolve(name));
        }
        return conf;
    }
}
