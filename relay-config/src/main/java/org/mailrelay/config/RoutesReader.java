package org.mailrelay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.AuthIdentity;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.RouteEntry.Target;
import org.mailrelay.core.settings.RouteSettings;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads `routes.yaml`, with the password files that it names.
final class RoutesReader {

    private final Path root;
    private final Map<String, AuthIdentity> identities = new HashMap<>();

    RoutesReader(Path root) {
        this.root = root;
    }

    RouteSettings read(Section file) {
        file.section("auth").named().forEach((name, node) -> identity(name, file.item("identity", node), node));
        Section routes = file.section("routes");
        Map<String, RouteEntry> all = new HashMap<>();
        DomainTable<RouteEntry> domains = table(routes, all);
        DomainTable<RouteEntry> senders = table(file.section("senders"), new HashMap<>());
        file.finish();
        return new RouteSettings(senders, domains, Optional.ofNullable(all.get("ALL")));
    }

    private DomainTable<RouteEntry> table(Section section, Map<String, RouteEntry> all) {
        Map<Domain, RouteEntry> exact = new LinkedHashMap<>();
        Map<Domain, RouteEntry> below = new LinkedHashMap<>();
        section.named().forEach((name, node) -> {
            RouteEntry entry = new RouteEntry(name, section.problems().position(section.keyNode(name)), target(section, name, node));
            if (name.equals("ALL")) {
                all.put(name, entry);
            } else {
                DestinationsReader.place(section, name, entry, exact, below);
            }
        });
        return new DomainTable<>(exact, below);
    }

    private Target target(Section section, String name, Node node) {
        Problems problems = section.problems();
        if (node instanceof ScalarNode scalar && scalar.getValue().equals("USEDNS")) {
            return new Target.UseDns();
        }
        List<Node> items = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
        if (items.isEmpty()) {
            problems.at(node, name + ": found an empty list, expected hosts, USEDNS or /dev/null");
        }
        List<RouteEntry.Host> hosts = new ArrayList<>();
        for (Node item : items) {
            Section host = section.item("host", item);
            String text = host.text("host").orElse("");
            if (text.equals("/dev/null") || text.equals("USEDNS")) {
                host.finish();
                if (items.size() > 1) {
                    problems.at(item, text + " stands beside other hosts, expected alone");
                }
                return text.equals("USEDNS") ? new Target.UseDns() : new Target.Discard();
            }
            host(host, name, text, item).ifPresent(hosts::add);
        }
        return new Target.Hosts(hosts);
    }

    private Optional<RouteEntry.Host> host(Section in, String entry, String text, Node item) {
        boolean literal = AddressText.parse(text).isPresent();
        Optional<Domain> domain = literal ? Optional.empty() : Domain.parse(text).filter(name -> !name.name().matches("[0-9.]+"));
        boolean implicit = in.flag("implicit_tls", false);
        int port = in.number("port", implicit ? 465 : 25, 1, 65_535);
        int priority = in.number("priority", 0, 0, 65_535);
        boolean mx = in.flag("mx", true);
        var tls = DestinationsReader.tls(in, entry);
        Optional<AuthIdentity> auth = in.text("auth").flatMap(word -> {
            AuthIdentity identity = identities.get(word);
            if (identity == null) {
                in.wrong("auth", word, "the name of an entry of auth" + Units.nearest(word, identities.keySet()).map(near -> "; did you mean " + near + "?").orElse(""));
            }
            return Optional.ofNullable(identity);
        });
        in.finish();
        if (!literal && domain.isEmpty()) {
            in.problems().at(in.node("host").orElse(item), "host: found " + (text.isEmpty() ? "nothing" : text) + ", expected a host name, an address, USEDNS or /dev/null");
            return Optional.empty();
        }
        RouteEntry.Name name = literal ? new RouteEntry.Name.Literal(text) : new RouteEntry.Name.Named(domain.get());
        return Optional.of(new RouteEntry.Host(name, port, priority, mx && !literal, implicit, tls, auth));
    }

    /// Spaces belong to a password, the line end does not.
    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private void identity(String name, Section in, Node node) {
        Optional<String> user = in.text("user");
        Optional<String> password = in.text("password");
        Optional<String> file = in.text("password_file");
        in.finish();
        if (file.isPresent()) {
            try {
                password = Optional.of(firstLine(Files.readString(root.resolve(file.get()))));
            } catch (IOException | java.nio.file.InvalidPathException unreadable) {
                in.problems().at(in.node("password_file").orElse(node), "password_file: cannot read " + file.get());
                password = Optional.of("unread");
            }
        }
        if (user.isEmpty() || password.isEmpty() || password.get().isEmpty()) {
            in.problems().at(node, "auth " + name + ": expected user and password_file");
        }
        identities.put(name, new AuthIdentity(name, user.orElse(""), new AuthIdentity.Secret(password.orElse(""))));
    }
}
