package org.mailrelay.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.access.Banner;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.access.MailFlowPolicy.BareLineEndings;
import org.mailrelay.core.access.MailFlowPolicy.EarlyTalkers;
import org.mailrelay.core.access.MailFlowPolicy.Identity;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.access.MailFlowPolicy.Limits;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.access.Rate;
import org.mailrelay.core.access.Rates;
import org.mailrelay.core.access.SenderGroup;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsLevel;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `access.yaml`, and refuses an open relay that does not say that it is one.
final class AccessReader {

    private final Map<String, MailFlowPolicy> policies = new HashMap<>();
    private final Map<String, Boolean> knownOpen = new HashMap<>();
    private final SourceReader sources;
    private final AuthReader authReader;
    private final HygieneReader hygiene = new HygieneReader();
    private AuthSources authSources = AuthSources.NONE;

    AccessReader(Path root, SourceReader sources) {
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
        List<PeerPattern> match = new ArrayList<>();
        for (String text : in.texts("match")) {
            pattern(text).ifPresentOrElse(match::add, () -> in.wrong("match", text, "ALL, an address, a block such as 10.1.1.0/24, a host name, .domain, user:name or user:*"));
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
        boolean proves = policy.identity().auth() == Auth.REQUIRED;
        if (policy.access() == Access.RELAY && !proves && !knownOpen.getOrDefault(word.get(), false) && match.stream().anyMatch(AccessReader::everyone)) {
            in.problems().at(node, "the group " + name + " lets everyone relay (an open relay): narrow its match, or give the policy "
                    + word.get() + " auth: required, or i_know_this_is_an_open_relay: true");
        }
        return Optional.of(new SenderGroup(name, match, policy, in.problems().position(node)));
    }

    /// Groups behind one that already takes everyone.
    static List<String> shadowed(List<SenderGroup> groups) {
        List<String> out = new ArrayList<>();
        Optional<String> taker = Optional.empty();
        for (SenderGroup group : groups) {
            taker.ifPresent(name -> out.add(group.position() + ": the group " + group.name() + " is never reached, " + name + " before it takes everyone"));
            if (taker.isEmpty() && group.policy().access() != Access.CONTINUE && group.match().stream().anyMatch(PeerPattern.Everyone.class::isInstance)) {
                taker = Optional.of(group.name());
            }
        }
        return out;
    }

    private static boolean everyone(PeerPattern pattern) {
        return switch (pattern) {
            case PeerPattern.Everyone _ -> true;
            case PeerPattern.Block block -> block.block().isEverything();
            case PeerPattern.Host _, PeerPattern.Below _, PeerPattern.User _, PeerPattern.Certificate _ -> false;
        };
    }

    private static Optional<PeerPattern> pattern(String text) {
        if (text.equals("ALL")) {
            return Optional.of(new PeerPattern.Everyone(text));
        }
        if (text.startsWith("user:")) {
            return text.length() == 5 ? Optional.empty() : Optional.of(new PeerPattern.User(text.substring(5), text));
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
        in.notBuilt("verify_client", "off", "none", "false");
        sources.ofPolicy(name, in);
        knownOpen.put(name, in.flag("i_know_this_is_an_open_relay", false));
        Optional<TlsLevel> raise = DestinationsReader.LEVELS.containsKey(in.text("delivery_tls").orElse("")) ? in.text("delivery_tls").map(DestinationsReader.LEVELS::get) : Optional.empty();
        if (raise.isEmpty() && in.text("delivery_tls").isPresent()) {
            in.wrong("delivery_tls", in.text("delivery_tls").get(), Units.oneOf(java.util.stream.Stream.of(TlsLevel.values()).map(TlsLevel::word).toList()));
        }
        Limits limits = new Limits(in.size("max_message_size", base.limits().messageSize()),
                in.number("max_messages_per_connection", base.limits().messagesPerConnection(), 1, 100_000_000),
                in.number("max_recipients_per_message", base.limits().recipientsPerMessage(), 100, 1_000_000),
                in.number("max_connections", base.limits().connections(), 1, 1_000_000));
        Auth auth = in.word("auth", Auth.OFF, Map.of("off", Auth.OFF, "none", Auth.OFF, "preferred", Auth.PREFERRED, "required", Auth.REQUIRED));
        MailFlowPolicy read = new MailFlowPolicy(name, base.access(),
                in.word("tls", base.tls(), Map.of("off", InboundTls.OFF, "preferred", InboundTls.PREFERRED, "required", InboundTls.REQUIRED)),
                new Identity(auth, in.flag("auth_in_the_clear", false), MailFlowPolicy.VerifyClient.OFF),
                limits, rates(in), allowedSenders(in), banner(in), in.flag("received_header", base.receivedHeader()), hygiene.ofPolicy(in, auth),
                in.word("early_talkers", base.earlyTalkers(), Map.of("refuse", EarlyTalkers.REFUSE, "allow", EarlyTalkers.ALLOW)),
                in.word("bare_line_endings", base.bareLineEndings(), Map.of("refuse", BareLineEndings.REFUSE, "normalise", BareLineEndings.NORMALISE)), raise);
        in.finish();
        return read;
    }

    private static Rates rates(Section in) {
        return new Rates(in.word("rate_scope", Rates.Scope.CLIENT, Map.of("client", Rates.Scope.CLIENT, "group", Rates.Scope.GROUP)), rate(in, "connection_rate"),
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
