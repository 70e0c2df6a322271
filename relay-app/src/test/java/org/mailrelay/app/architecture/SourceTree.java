package org.mailrelay.app.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The project's own files, for tests that hold its pages against them.
record SourceTree(Path top) {

    static SourceTree ofTheProject() {
        return new SourceTree(Path.of("").toAbsolutePath().getParent());
    }

    String text(String path) {
        try {
            return Files.readString(top.resolve(path));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /// Java files of all modules below a folder that each of them may have.
    List<Path> java(String below) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> modules = Files.list(top)) {
            for (Path folder : modules.filter(module -> module.getFileName().toString().startsWith("relay-")).map(module -> module.resolve(below)).filter(Files::isDirectory).toList()) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(found::add);
                }
            }
        }
        return found;
    }
}
