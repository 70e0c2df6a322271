package org.mailrelay.core.tls;

import java.nio.file.Path;
import java.util.List;

/// Whose certificates count: the system's list of authorities, files of the operator's, or both.
public record Trust(boolean system, List<Path> files) {

    public static final Trust SYSTEM = new Trust(true, List.of());

    public Trust {
        files = List.copyOf(files);
        if (!system && files.isEmpty()) {
            throw new IllegalArgumentException("trust in nobody");
        }
    }
}
