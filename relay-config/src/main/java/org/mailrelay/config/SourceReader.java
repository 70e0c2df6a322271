package org.mailrelay.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.SourceSettings;
import org.mailrelay.core.smtp.Ascii;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Virtual gateways: where they are described, and where the other files name them. `relay.yaml` comes first.
final class SourceReader {

    private final Map<String, Gateway> gateways = new LinkedHashMap<>(Map.of(Gateway.DEFAULT, Gateway.auto(Gateway.DEFAULT)));
    private final Map<String, String> senders = new HashMap<>();
    private final Map<Domain, String> senderDomains = new HashMap<>();
    private final Map<Domain, String> senderSuffixes = new HashMap<>();
    private final Map<Domain, String> destinations = new HashMap<>();
    private final Map<Domain, String> destinationSuffixes = new HashMap<>();
    private final Map<String, String> policies = new HashMap<>();
    private Optional<String> fallback = Optional.empty();

    /// @param delivery the section of `relay.yaml`
    void read(Section delivery) {
        Section described = delivery.section("source_addresses");
        described.problems().known.add("delivery.source_addresses");
        described.named().forEach((name, node) -> gateways.put(name, gateway(name, node, described)));
        Section bySender = delivery.section("source_by_sender");
        bySender.problems().known.add("delivery.source_by_sender");
        bySender.named().forEach((sender, node) -> named(bySender, sender).ifPresent(gateway -> sender(bySender, sender, gateway)));
    }

    private static Gateway gateway(String name, Node node, Section described) {
        if (node instanceof ScalarNode scalar) {
            if (!scalar.getValue().equals("auto")) {
                described.problems().at(node, name + ": found " + scalar.getValue() + ", expected auto or keys such as addresses");
            }
            return Gateway.auto(name);
        }
        Section in = described.item("virtual gateway", node);
        List<InetAddress> addresses = new ArrayList<>();
        for (String text : in.texts("addresses")) {
            address(text).ifPresentOrElse(addresses::add, () -> in.wrong("addresses", text, "an address of this machine such as 192.0.2.8 or 2001:db8::8"));
        }
        Optional<Domain> hostname = in.text("hostname").flatMap(Domain::parse).filter(Domain::isFullyQualified);
        if (hostname.isEmpty() && in.node("hostname").isPresent()) {
            in.wrong("hostname", in.text("hostname").orElse(""), "a full host name such as bulk.example.com");
        }
        Gateway.Limits limits = new Gateway.Limits(most(in, "connections", 100_000), most(in, "messages_per_connection", 1_000_000), most(in, "recipients_per_message", 100_000),
                DestinationsReader.recipientRate(in, Optional.empty()));
        in.finish();
        return new Gateway(name, addresses, hostname, limits);
    }

    private static OptionalInt most(Section in, String key, int highest) {
        return in.text(key).filter(word -> !word.equals("none") && !word.equals("off")).isPresent() ? OptionalInt.of(in.number(key, 1, 1, highest)) : OptionalInt.empty();
    }

    private static Optional<InetAddress> address(String text) {
        return AddressText.parse(text).map(octets -> {
            try {
                return InetAddress.getByAddress(octets);
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException(impossible);
            }
        });
    }

    private void sender(Section in, String sender, String gateway) {
        if (!sender.contains("@")) {
            DestinationsReader.place(in, sender, gateway, senderDomains, senderSuffixes);
            return;
        }
        try {
            senders.put(Ascii.upper(Mailbox.of(sender).toString()), gateway);
        } catch (IllegalArgumentException malformed) {
            in.problems().at(in.keyNode(sender), "found " + sender + ", expected an address, a domain or .domain");
        }
    }

    /// @param entry as it stands in `destinations.yaml`
    void ofDestination(String entry, Section in) {
        Optional<String> gateway = named(in, "source");
        if (gateway.isEmpty()) {
            return;
        }
        boolean suffix = entry.startsWith(".");
        Optional<Domain> domain = Domain.parse(suffix ? entry.substring(1) : entry);
        if (entry.equals("default")) {
            fallback = gateway;
        } else {
            domain.ifPresent(name -> (suffix ? destinationSuffixes : destinations).put(name, gateway.get()));
        }
    }

    void ofPolicy(String policy, Section in) {
        named(in, "source").ifPresent(gateway -> policies.put(policy, gateway));
    }

    private Optional<String> named(Section in, String key) {
        Optional<String> name = in.text(key);
        if (name.isPresent() && !gateways.containsKey(name.get())) {
            in.wrong(key, name.get(), "the name of an entry of delivery.source_addresses in relay.yaml"
                    + Units.nearest(name.get(), gateways.keySet()).map(near -> "; did you mean " + near + "?").orElse(""));
            return Optional.empty();
        }
        return name;
    }

    SourceSettings settings() {
        return new SourceSettings(gateways, senders, new DomainTable<>(senderDomains, senderSuffixes), new DomainTable<>(destinations, destinationSuffixes), fallback, policies);
    }
}
