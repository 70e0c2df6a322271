package org.mailrelay.core.settings;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.smtp.Ascii;

/// Which virtual gateway mail leaves by. The first that names one decides:
///
/// 1. the recipient domain's own entry in `destinations.yaml` (`source`): some hosts let in one address only
/// 2. the sender's address, then its domain, then the longest `.suffix` (`delivery.source_by_sender`)
/// 3. the mail flow policy under which it came in (`source` in `access.yaml`)
/// 4. `source` of the entry `default` in `destinations.yaml`
/// 5. `delivery.source_addresses.default`
///
/// @param gateways     by name; `default` is always among them
/// @param senders      gateway names by whole address, ASCII letters in upper case: local parts that differ in nothing else are one sender
/// @param senderDomains by the sender's domain
/// @param destinations by the recipient's domain
/// @param fallback     of the entry `default`
/// @param policies     by the name of the mail flow policy
public record SourceSettings(Map<String, Gateway> gateways, Map<String, String> senders, DomainTable<String> senderDomains, DomainTable<String> destinations,
        Optional<String> fallback, Map<String, String> policies) {

    public static final SourceSettings NONE = new SourceSettings(Map.of(), Map.of(), DomainTable.empty(), DomainTable.empty(), Optional.empty(), Map.of());

    public SourceSettings {
        Map<String, Gateway> all = new LinkedHashMap<>(gateways);
        all.computeIfAbsent(Gateway.DEFAULT, Gateway::auto);
        gateways = Map.copyOf(all);
        senders = Map.copyOf(senders);
        policies = Map.copyOf(policies);
    }

    /// What sender and mail flow policy ask for; it is part of the key of a queue, so that each gateway has queues of its own.
    ///
    /// @param policy name of the mail flow policy; empty for what the relay made itself
    public Optional<String> preferred(ReversePath sender, String policy) {
        return sender.mailbox().flatMap(this::ofSender).or(() -> Optional.ofNullable(policies.get(policy)));
    }

    private Optional<String> ofSender(Mailbox sender) {
        return Optional.ofNullable(senders.get(Ascii.upper(sender.toString()))).or(() -> senderDomains.match(sender.domain()));
    }

    /// @param preferred a name that a later configuration may not know any more: then it does not count
    public Gateway gateway(Domain recipient, Optional<String> preferred) {
        return destinations.match(recipient).or(() -> preferred).map(gateways::get)
                .or(() -> fallback.map(gateways::get))
                .orElseGet(() -> gateways.get(Gateway.DEFAULT));
    }
}
