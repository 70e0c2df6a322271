package org.mailrelay.delivery.path;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.path.Known;
import org.mailrelay.core.path.PathState;
import org.mailrelay.net.kept.SummedFile;

/// What is remembered of hosts, and which of our paths are in doubt, on disk: one file, replaced as a whole and summed at the end, so that whoever changes our
/// network while the relay is stopped is seen at its first connections. A file that is damaged counts as none. One thread at a time.
///
/// A line a fact, words between single spaces, `-` for nothing:
///
///     mailrelay paths 1
///     host 192.0.2.1 25 tls 2026-01-17T12:00:00Z - 3f...,a0...
///     source 10.0.0.1 suspected 2026-01-17T12:00:00Z 2026-01-17T16:00:00Z
///     affected 10.0.0.1 192.0.2.1 25 lost
///     sum 9b...
final class PathFile {

    private static final String FIRST_LINE = "mailrelay paths 1";
    /// Four digests of 64 digits, two times and an address are 400 octets.
    private static final int MOST_OCTETS = 16 << 20;

    /// @param hosts   those met longest ago first
    /// @param doubted our addresses whose path is not trusted
    record Kept(Map<InetSocketAddress, Known> hosts, Map<InetAddress, Doubt> doubted) {
        static final Kept NOTHING = new Kept(Map.of(), Map.of());
    }

    /// @param affected hosts, and whether they are as they were
    record Doubt(PathState state, Map<InetSocketAddress, Boolean> affected) {}

    private final Path file;

    PathFile(Path file) {
        this.file = file;
    }

    void write(Kept kept) throws IOException {
        StringBuilder text = new StringBuilder(64 + 256 * kept.hosts().size()).append(FIRST_LINE).append('\n');
        kept.hosts().forEach((host, known) -> line(text, "host", address(host), known.encrypted() ? "tls" : "clear", known.seen(), known.lostSince().map(Instant::toString).orElse("-"),
                known.certificates().isEmpty() ? "-" : String.join(",", known.certificates())));
        kept.doubted().forEach((source, doubt) -> {
            switch (doubt.state()) {
                case PathState.Suspected(var since, var until) -> line(text, "source", text(source), "suspected", since, until);
                case PathState.GivenUp(var since) -> line(text, "source", text(source), "given-up", since, "-");
                case PathState.Trusted _ -> { }
            }
            doubt.affected().forEach((host, back) -> line(text, "affected", text(source), address(host), back ? "back" : "lost"));
        });
        SummedFile.write(file, text.toString());
    }

    private static void line(StringBuilder text, Object... words) {
        for (int i = 0; i < words.length; i++) {
            text.append(i == 0 ? "" : " ").append(words[i]);
        }
        text.append('\n');
    }

    /// Without the zone that a link-local address has: interfaces may have other numbers at the next start.
    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    private static String address(InetSocketAddress host) {
        return text(host.getAddress()) + " " + host.getPort();
    }

    /// Nothing where there is no file, or one that is damaged.
    Kept read() {
        try {
            return SummedFile.read(file, MOST_OCTETS).flatMap(PathFile::parse).orElseGet(this::damaged);
        } catch (NoSuchFileException first) {
            return Kept.NOTHING;
        } catch (IOException unreadable) {
            return damaged();
        }
    }

    private Kept damaged() {
        System.getLogger(PathFile.class.getName()).log(System.Logger.Level.WARNING, file + " cannot be read: what hosts showed of TLS before is not known");
        return Kept.NOTHING;
    }

    static Optional<Kept> parse(String text) {
        if (!text.startsWith(FIRST_LINE + "\n")) {
            return Optional.empty();
        }
        Map<InetSocketAddress, Known> hosts = new LinkedHashMap<>();
        Map<InetAddress, Doubt> doubted = new LinkedHashMap<>();
        try {
            for (String line : text.substring(FIRST_LINE.length() + 1).split("\n")) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "host" -> hosts.put(host(words, 1), known(words));
                    case "source" -> doubted.put(address(words[1]), new Doubt(state(words), new LinkedHashMap<>()));
                    case "affected" -> doubted.get(address(words[1])).affected().put(host(words, 2), words[4].equals("back"));
                    case "" -> { }
                    default -> throw new IllegalArgumentException(line);
                }
            }
        } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException | NullPointerException ofAnotherVersion) {
            return Optional.empty();
        }
        return Optional.of(new Kept(hosts, doubted));
    }

    private static Known known(String[] words) {
        List<String> certificates = words[6].equals("-") ? List.of() : new ArrayList<>(List.of(words[6].split(",")));
        return new Known(words[3].equals("tls"), certificates, Instant.parse(words[4]), words[5].equals("-") ? Optional.empty() : Optional.of(Instant.parse(words[5])));
    }

    private static PathState state(String[] words) {
        Instant since = Instant.parse(words[3]);
        return words[2].equals("suspected") ? new PathState.Suspected(since, Instant.parse(words[4])) : new PathState.GivenUp(since);
    }

    private static InetSocketAddress host(String[] words, int at) {
        return new InetSocketAddress(address(words[at]), Integer.parseInt(words[at + 1]));
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(AddressText.parse(text).orElseThrow(() -> new IllegalArgumentException(text)));
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(text, impossible);
        }
    }
}
