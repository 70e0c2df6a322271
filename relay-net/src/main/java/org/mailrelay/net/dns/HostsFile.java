package org.mailrelay.net.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;

/// The machine's hosts file, for hosts that the operator names in routes; never for names from DNS.
public record HostsFile(Map<Domain, List<InetAddress>> hosts) {

    public HostsFile {
        hosts = Map.copyOf(hosts);
    }

    public static HostsFile none() {
        return new HostsFile(Map.of());
    }

    /// A file that cannot be read holds no names; lines that are none are left out.
    public static HostsFile read(Path file) {
        try {
            return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            return none();
        }
    }

    static HostsFile parse(String text) {
        Map<Domain, List<InetAddress>> hosts = new HashMap<>();
        for (String line : text.split("\n")) {
            int comment = line.indexOf('#');
            StringTokenizer words = new StringTokenizer(comment < 0 ? line : line.substring(0, comment), " \t\r");
            if (words.hasMoreTokens()) {
                addressOf(words.nextToken()).ifPresent(address -> {
                    while (words.hasMoreTokens()) {
                        Domain.parse(words.nextToken()).ifPresent(name -> hosts.computeIfAbsent(name, _ -> new ArrayList<>()).add(address));
                    }
                });
            }
        }
        return new HostsFile(hosts);
    }

    Optional<List<InetAddress>> lookUp(Domain host) {
        return Optional.ofNullable(hosts.get(host));
    }

    /// Strict: never a name, so nothing is looked up.
    static Optional<InetAddress> addressOf(String literal) {
        return AddressText.parse(literal).map(octets -> {
            try {
                return InetAddress.getByAddress(octets);
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException("an address of " + octets.length + " octets", impossible);
            }
        });
    }
}
