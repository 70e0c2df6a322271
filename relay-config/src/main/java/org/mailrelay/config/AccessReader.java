package org.mailrelay.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.access.Banner;
import org.mailrelay.core.access.CertificateUser;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.access.MailFlowPolicy.BareLineEndings;
import org.mailrelay.core.access.MailFlowPolicy.EarlyTalkers;
import org.mailrelay.core.access.MailFlowPolicy.Identity;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.access.MailFlowPolicy.Limits;
import org.mailrelay.core.access.MailFlowPolicy.VerifyClient;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.access.Rate;
import org.mailrelay.core.access.Rates;
import org.mailrelay.core.access.SenderGroup;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.tls.TlsLevel;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `access.yaml`, and refuses an open relay that does not say that it is one.
final class AccessReader {

    private final Map<String, MailFlowPolicy> policies = new HashMap<>();
    private final Map<String, Boolean> knownOpen = new HashMap<>();
    private final SourceReader sources;
    private final Set<String> listeners;
    private final AuthReader authReader;
    private final HygieneReader hygiene = new HygieneReader();
    private AuthSources authSources = AuthSources.NONE;

    /// @param listeners the names that `relay.yaml` gives to its listeners
    AccessReader(Path root, SourceReader sources, Set<String> listeners) {
        this.listeners = listeners;
        this.authReader = new AuthReader(root);
        this.sources = sources;
    }

    /// Where users are known; read along with the groups.
    AuthSources authSources() {
        return authSources;
    }

    List<SenderGroup> read(Section file) {
        authSources = authReader.read(file.section("authentication"));
        hygiene.read(file);
        file.section("mail_flow_policies").named().forEach((name, node) -> policies.put(name, policy(name, file.item("mail flow policy", node), node)));
        List<SenderGroup> groups = new ArrayList<>();
        for (Node node : file.list("sender_groups")) {
            group(file.item("sender group", node), node).ifPresent(groups::add);
        }
        file.finish();
        return groups;
    }

    private Optional<SenderGroup> group(Section in, Node node) {
        String name = in.text("name").orElse("");
        Set<String> where = new LinkedHashSet<>();
        for (String text : in.texts("listeners")) {
            if (listeners.contains(text)) {
                where.add(text);
            } else if (!text.equals("ALL")) {
                in.wrong("listeners", text, "ALL, or names of listeners of relay.yaml" + Units.nearest(text, listeners).map(near -> "; did you mean " + near + "?").orElse(""));
            }
        }
        List<PeerPattern> match = new ArrayList<>();
        for (String text : in.texts("match")) {
            pattern(text).ifPresentOrElse(match::add, () -> in.wrong("match", text, "ALL, an address, a block such as 10.1.1.0/24, a host name, .domain, user:name, user:*, certificate:name, certificate:subject:…, certificate:sha256:… or certificate:*"));
        }
        Optional<String> word = in.text("policy");
        in.finish();
        if (name.isEmpty() || word.isEmpty() || match.isEmpty()) {
            in.problems().at(node, "a sender group needs name, match and policy");
            return Optional.empty();
        }
        MailFlowPolicy policy = policies.get(word.get());
        if (policy == null) {
            in.wrong("policy", word.get(), "the name of an entry of mail_flow_policies"
                    + Units.nearest(word.get(), policies.keySet()).map(near -> "; did you mean " + near + "?").orElse(""));
            return Optional.empty();
        }
        if (policy.identity().auth() != Auth.OFF && !authSources.any()) {
            in.problems().at(node, "the policy " + word.get() + " has auth, and authentication names no users, directory or issuer to ask");
        }
        boolean proves = policy.identity().auth() == Auth.REQUIRED || policy.identity().verifyClient() == VerifyClient.REQUIRED;
        if (policy.access() == Access.RELAY && !proves && !knownOpen.getOrDefault(word.get(), false) && match.stream().anyMatch(AccessReader::everyone)) {
            in.problems().at(node, "the group " + name + " lets everyone relay (an open relay): narrow its match, or give the policy "
                    + word.get() + " auth: required or verify_client: required, or i_know_this_is_an_open_relay: true");
        }
        return Optional.of(new SenderGroup(name, where, match, policy, in.problems().position(node)));
    }

    /// Groups that want a certificate which no client is asked for, and policies that ask where nobody's certificate counts.
    static List<String> uncertified(List<SenderGroup> groups, AuthSources sources, List<RelaySettings.Listener> listeners) {
        List<String> out = new ArrayList<>();
        boolean asked = groups.stream().anyMatch(group -> group.policy().identity().verifyClient() != VerifyClient.OFF);
        boolean counts = listeners.stream().flatMap(listener -> listener.tls().stream()).anyMatch(tls -> !tls.clientAuthorities().isEmpty())
                || Stream.concat(groups.stream().flatMap(group -> group.match().stream()), sources.certificates().stream().map(CertificateUser::pattern)).anyMatch(PeerPattern.CertificatePin.class::isInstance);
        for (SenderGroup group : groups) {
            if (!asked && group.match().stream().anyMatch(PeerPattern.OfCertificate.class::isInstance)) {
                out.add(group.position() + ": the group " + group.name() + " matches by certificate, and no policy has verify_client: no client is asked for one");
            }
            if (!counts && group.policy().identity().verifyClient() != VerifyClient.OFF) {
                out.add(group.position() + ": the group " + group.name() + " asks clients for a certificate, and no listener has client_authorities: none can be verified");
            }
        }
        return out;
    }

    /// Groups behind one that already takes everyone.
    static List<String> shadowed(List<SenderGroup> groups) {
        List<String> out = new ArrayList<>();
        Optional<String> taker = Optional.empty();
        for (SenderGroup group : groups) {
            taker.ifPresent(name -> out.add(group.position() + ": the group " + group.name() + " is never reached, " + name + " before it takes everyone"));
            if (taker.isEmpty() && group.listeners().isEmpty() && group.policy().access() != Access.CONTINUE && group.match().stream().anyMatch(PeerPattern.Everyone.class::isInstance)) {
                taker = Optional.of(group.name());
            }
        }
        return out;
    }

    private static boolean everyone(PeerPattern pattern) {
        return switch (pattern) {
            case PeerPattern.Everyone _ -> true;
            case PeerPattern.Block block -> block.block().isEverything();
            case PeerPattern.Host _, PeerPattern.Below _, PeerPattern.User _, PeerPattern.OfCertificate _ -> false;
        };
    }

    private static Optional<PeerPattern> pattern(String text) {
        if (text.equals("ALL")) {
            return Optional.of(new PeerPattern.Everyone(text));
        }
        if (text.startsWith("user:")) {
            return text.length() == 5 ? Optional.empty() : Optional.of(new PeerPattern.User(text.substring(5), text));
        }
        if (text.startsWith("certificate:")) {
            return PeerPattern.ofCertificate(text.substring(12), text).map(pattern -> pattern);
        }
        Optional<AddressBlock> block = AddressBlock.parse(text);
        if (block.isPresent()) {
            return Optional.of(new PeerPattern.Block(block.get(), text));
        }
        if (text.matches("[0-9.:/]*")) {
            return Optional.empty();
        }
        return text.startsWith(".") ? Domain.parse(text.substring(1)).map(domain -> new PeerPattern.Below(domain, text))
                : Domain.parse(text).map(domain -> new PeerPattern.Host(domain, text));
    }

    private MailFlowPolicy policy(String name, Section in, Node node) {
        if (in.node("access").isEmpty()) {
            in.problems().at(node, "the policy " + name + " has no access, expected ACCEPT, RELAY, REJECT, TCPREFUSE or CONTINUE");
        }
        MailFlowPolicy base = MailFlowPolicy.of(name, in.word("access", Access.REJECT, Map.of("ACCEPT", Access.ACCEPT, "RELAY", Access.RELAY,
                "REJECT", Access.REJECT, "TCPREFUSE", Access.TCPREFUSE, "CONTINUE", Access.CONTINUE)));
        sources.ofPolicy(name, in);
        knownOpen.put(name, in.flag("i_know_this_is_an_open_relay", false));
        Optional<TlsLevel> raise = DestinationsReader.LEVELS.containsKey(in.text("delivery_tls").orElse("")) ? in.text("delivery_tls").map(DestinationsReader.LEVELS::get) : Optional.empty();
        if (raise.isEmpty() && in.text("delivery_tls").isPresent()) {
            in.wrong("delivery_tls", in.text("delivery_tls").get(), Units.oneOf(java.util.stream.Stream.of(TlsLevel.values()).map(TlsLevel::word).toList()));
        }
        Limits limits = new Limits(in.size("max_message_size", base.limits().messageSize()),
                in.number("max_messages_per_connection", base.limits().messagesPerConnection(), 1, 100_000_000),
                in.number("max_recipients_per_message", base.limits().recipientsPerMessage(), 100, 1_000_000),
                in.number("max_connections", base.limits().connections(), 1, 1_000_000),
                in.isNothing("future_release") ? Duration.ZERO : in.duration("future_release", Duration.ZERO));
        Auth auth = in.word("auth", Auth.OFF, Map.of("off", Auth.OFF, "none", Auth.OFF, "preferred", Auth.PREFERRED, "required", Auth.REQUIRED));
        MailFlowPolicy read = new MailFlowPolicy(name, base.access(),
                in.word("tls", base.tls(), Map.of("off", InboundTls.OFF, "preferred", InboundTls.PREFERRED, "required", InboundTls.REQUIRED)),
                new Identity(auth, in.flag("auth_in_the_clear", false),
                        in.word("verify_client", VerifyClient.OFF, Map.of("off", VerifyClient.OFF, "none", VerifyClient.OFF, "false", VerifyClient.OFF, "preferred", VerifyClient.PREFERRED, "required", VerifyClient.REQUIRED))),
                limits, rates(in), allowedSenders(in), banner(in), in.flag("received_header", base.receivedHeader()), hygiene.ofPolicy(in, auth),
                in.word("early_talkers", base.earlyTalkers(), Map.of("refuse", EarlyTalkers.REFUSE, "allow", EarlyTalkers.ALLOW)),
                in.word("bare_line_endings", base.bareLineEndings(), Map.of("refuse", BareLineEndings.REFUSE, "normalise", BareLineEndings.NORMALISE)), raise);
        in.finish();
        return read;
    }

    private static Rates rates(Section in) {
        return new Rates(in.word("rate_scope", Rates.Scope.CLIENT, Map.of("client", Rates.Scope.CLIENT, "address", Rates.Scope.ADDRESS, "group", Rates.Scope.GROUP)), rate(in, "connection_rate"),
                rate(in, "message_rate"), rate(in, "recipient_rate"), byteRate(in), rate(in, "sender_rate"));
    }

    private static Optional<Rate> rate(Section in, String key) {
        Optional<String> text = in.text(key).filter(word -> !word.equals("none") && !word.equals("off"));
        Optional<Rate> rate = text.filter(word -> word.matches("[1-9][0-9]{0,8}/.+")).flatMap(word -> rate(Long.parseLong(word.substring(0, word.indexOf('/'))), word));
        if (text.isPresent() && rate.isEmpty()) {
            in.wrong(key, text.get(), "none, or so many in so long, such as 180/1m");
        }
        return rate;
    }

    private static Optional<Rate> byteRate(Section in) {
        Optional<String> text = in.text("byte_rate").filter(word -> !word.equals("none") && !word.equals("off"));
        Optional<Rate> rate = text.filter(word -> word.indexOf('/') > 0).flatMap(word -> {
            long size = Units.size(word.substring(0, word.indexOf('/'))).orElse(0);
            return size > 0 ? rate(size, word) : Optional.empty();
        });
        if (text.isPresent() && rate.isEmpty()) {
            in.wrong("byte_rate", text.get(), "none, or a size in so long, such as 100MB/1h");
        }
        return rate;
    }

    private static Optional<Rate> rate(long count, String word) {
        return Units.duration(word.substring(word.indexOf('/') + 1)).filter(per -> !per.isZero()).map(per -> new Rate(count, per));
    }

    private static Optional<List<SenderPattern>> allowedSenders(Section in) {
        List<String> texts = in.texts("allowed_senders");
        if (texts.isEmpty() || texts.equals(List.of("none"))) {
            return Optional.empty();
        }
        List<SenderPattern> patterns = new ArrayList<>();
        for (String text : texts) {
            SenderPattern.parse(text).ifPresentOrElse(patterns::add, () -> in.wrong("allowed_senders", text, "an address, @domain or .domain"));
        }
        return Optional.of(List.copyOf(patterns));
    }

    private static Optional<String> banner(Section in) {
        Optional<String> text = in.text("banner");
        Optional<String> mistake = text.flatMap(Banner::mistake);
        mistake.ifPresent(expected -> in.wrong("banner", text.orElse(""), expected));
        return mistake.isPresent() ? Optional.empty() : text;
    }
}
