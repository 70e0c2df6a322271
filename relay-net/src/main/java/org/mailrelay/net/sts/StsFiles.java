package org.mailrelay.net.sts;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.net.kept.SummedFile;

/// Policies on disk, one file each, replaced as a whole and summed at the end: a restart must not reopen the window that the first
/// fetch has closed. A file that is damaged counts as none. May be shared.
final class StsFiles {

    private static final String FIRST_LINE = "mailrelay mta-sts 1";
    private static final String SUFFIX = ".sts";
    private static final int MOST_OCTETS = 1 << 20;

    /// @param fetched last
    record Kept(StsPolicy policy, Instant fetched) {
        boolean holds(Instant now) {
            return now.isBefore(fetched.plus(policy.maxAge()));
        }

        /// About what it takes in memory: an object and a string a pattern.
        long octets() {
            return 256 + policy.mx().stream().mapToLong(pattern -> 64 + pattern.length()).sum();
        }

        /// Fetched no longer ago than that; one of a time to come is of a clock that has been set back since.
        boolean isFresh(Instant now, Duration limit) {
            return !fetched.isAfter(now) && now.isBefore(fetched.plus(limit));
        }
    }

    private final Path folder;
    private final boolean writes;

    private StsFiles(Path folder, boolean writes) {
        this.folder = folder;
        this.writes = writes;
    }

    static StsFiles in(Path folder) throws IOException {
        return new StsFiles(Files.createDirectories(folder), true);
    }

    /// Another process has them: they are read and never changed. There may be no folder.
    static StsFiles ofAnother(Path folder) {
        return new StsFiles(folder, false);
    }

    void write(Kept kept) throws IOException {
        if (!writes) {
            return;
        }
        StringBuilder text = new StringBuilder(FIRST_LINE).append("\ndomain ").append(kept.policy().domain()).append("\nid ").append(kept.policy().id())
                .append("\nfetched ").append(kept.fetched()).append("\nmode ").append(kept.policy().mode()).append("\nmax_age ").append(kept.policy().maxAge().toSeconds()).append('\n');
        kept.policy().mx().forEach(pattern -> text.append("mx ").append(pattern).append('\n'));
        SummedFile.write(folder.resolve(name(kept.policy().domain()) + SUFFIX), text.toString());
    }

    void delete(Domain domain) throws IOException {
        if (writes) {
            Files.deleteIfExists(folder.resolve(name(domain) + SUFFIX));
        }
    }

    /// All that can be read; what cannot is deleted.
    List<Kept> readAll() throws IOException {
        List<Kept> all = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                Optional<Kept> kept = SummedFile.read(file, MOST_OCTETS).flatMap(StsFiles::parse);
                if (kept.isPresent()) {
                    all.add(kept.get());
                } else if (writes) {
                    Files.delete(file);
                }
            }
        }
        return all;
    }

    static Optional<Kept> parse(String text) {
        String[] lines = text.split("\n");
        try {
            if (lines.length < 6 || !lines[0].equals(FIRST_LINE)) {
                return Optional.empty();
            }
            List<String> mx = new ArrayList<>();
            for (int i = 6; i < lines.length; i++) {
                mx.add(value(lines[i], "mx"));
            }
            StsPolicy policy = new StsPolicy(Domain.of(value(lines[1], "domain")), value(lines[2], "id"), StsPolicy.Mode.valueOf(value(lines[4], "mode")),
                    Duration.ofSeconds(Long.parseLong(value(lines[5], "max_age"))), mx);
            return Optional.of(new Kept(policy, Instant.parse(value(lines[3], "fetched"))));
        } catch (IllegalArgumentException | DateTimeException ofAnotherVersion) {
            return Optional.empty();
        }
    }

    private static String value(String line, String key) {
        if (!line.startsWith(key + " ")) {
            throw new IllegalArgumentException("expected " + key);
        }
        return line.substring(key.length() + 1);
    }

    /// A domain may be longer than a file's name.
    private static String name(Domain domain) {
        return SummedFile.digest(domain.name()).substring(0, 40);
    }
}
