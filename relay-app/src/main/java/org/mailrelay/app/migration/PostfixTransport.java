package org.mailrelay.app.migration;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailrelay.core.mail.Domain;

/// A line of Postfix's transport table: `example.com smtp:[mx.example.net]:587`.
final class PostfixTransport {

    /// Next hop: a host in brackets is used as it is, without them its MX are asked for first.
    private static final Pattern HOP = Pattern.compile("(\\[?)([A-Za-z0-9.:_-]+?)(\\]?)(?::([0-9]{1,5}))?");

    private PostfixTransport() {
    }

    /// `relayhost` of main.cf: where all goes that has no route of its own.
    static void relayhost(PostfixFiles.Line line, Migration found) {
        hop("ALL", "relayhost", line.text(), line, found);
    }

    static void read(PostfixFiles.Line line, Migration found) {
        String[] words = line.text().split("\\s+", 2);
        Optional<String> entry = words[0].equals("*") ? Optional.of("ALL") : Migration.entry(words[0]);
        if (entry.isEmpty()) {
            found.remark(line.place(), words[0] + ": routes are for domains, and this is none");
            return;
        }
        String target = words.length < 2 ? "" : words[1];
        int colon = target.indexOf(':');
        String transport = colon < 0 ? target : target.substring(0, colon);
        String hop = colon < 0 ? "" : target.substring(colon + 1);
        switch (transport) {
            case "", "smtp", "relay" -> {
                if (hop.isEmpty()) {
                    found.route(entry.get(), "[{host: USEDNS}]");
                } else {
                    hop(entry.get(), words[0], hop, line, found);
                }
            }
            case "smtps" -> found.remark(line.place(), words[0] + ": write a route with implicit_tls: true to " + hop);
            case "discard" -> found.route(entry.get(), "[{host: /dev/null}]");
            default -> found.remark(line.place(), words[0] + ": the transport '" + transport + "' has no equivalent: there is SMTP, and /dev/null");
        }
    }

    private static void hop(String entry, String name, String hop, PostfixFiles.Line line, Migration found) {
        Matcher parts = HOP.matcher(hop);
        if (!parts.matches() || parts.group(1).isEmpty() != parts.group(3).isEmpty()) {
            found.remark(line.place(), name + ": '" + hop + "' is no host");
            return;
        }
        boolean exact = !parts.group(1).isEmpty();
        String host = parts.group(2).startsWith("ipv6:") ? parts.group(2).substring(5) : parts.group(2);
        boolean address = host.matches("[0-9.]+") || host.indexOf(':') >= 0;
        if (!address && Domain.parse(host).isEmpty()) {
            found.remark(line.place(), name + ": '" + hop + "' is no host");
            return;
        }
        String port = parts.group(4) == null ? "" : ", port: " + parts.group(4);
        found.route(entry, "[{host: " + Migration.quoted(host) + port + (exact && !address ? ", mx: false" : "") + "}]");
        if ("465".equals(parts.group(4))) {
            found.remark(line.place(), name + ": port 465 speaks TLS from the first octet: add implicit_tls: true where Postfix had smtp_tls_wrappermode");
        }
    }
}
