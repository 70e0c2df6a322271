package org.mailrelay.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.DestinationSettings;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `destinations.yaml`.
final class DestinationsReader {

    static final Map<String, TlsLevel> LEVELS = Map.of("none", TlsLevel.NONE, "preferred", TlsLevel.PREFERRED, "required", TlsLevel.REQUIRED);

    private final Path root;
    private final Trust trust;
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, BounceProfile> profiles = new HashMap<>(Map.of("default", BounceProfile.DEFAULT));

    DestinationsReader(Path root, Trust trust) {
        this.root = root;
        this.trust = trust;
    }

    DestinationSettings read(Section file) {
        Section written = file.section("bounce_profiles");
        written.named().forEach((name, node) -> profiles.put(name, profile(name, node, file.item("bounce profile", node))));
        DestinationPolicy base = new DestinationPolicy("default", new TlsRule(TlsLevel.PREFERRED, "built-in default", "default"), "TLSv1.2",
                List.of(), trust, true, false, EhloReading.STRICT, false, false, false, IpPreference.V6_PREFERRED, 20,
                OptionalInt.empty(), 50, 100, BounceProfile.DEFAULT);
        DestinationPolicy fallback = policy("default", file.section("default"), base);
        Map<Domain, DestinationPolicy> exact = new LinkedHashMap<>();
        Map<Domain, DestinationPolicy> below = new LinkedHashMap<>();
        Section entries = file.section("destinations");
        entries.named().forEach((name, node) -> place(entries, name, policy(name, file.item("default", node), fallback), exact, below));
        file.notBuilt("tests");
        file.finish();
        return new DestinationSettings(fallback, new DomainTable<>(exact, below));
    }

    /// `.partner.example` goes to `below`, a plain name to `exact`.
    static <T> void place(Section entries, String name, T entry, Map<Domain, T> exact, Map<Domain, T> below) {
        boolean suffix = name.startsWith(".");
        Optional<Domain> domain = Domain.parse(suffix ? name.substring(1) : name);
        if (domain.isEmpty()) {
            entries.problems().at(entries.keyNode(name), "found " + name + ", expected a domain or .domain");
        } else if ((suffix ? below : exact).put(domain.get(), entry) != null) {
            entries.problems().at(entries.keyNode(name), name + " stands here twice");
        }
    }

    private BounceProfile profile(String name, Node node, Section in) {
        BounceProfile base = BounceProfile.DEFAULT;
        in.notBuilt("delay_warning", "none", "off");
        var initial = in.duration("initial_retry", base.initialRetry());
        var longest = in.duration("max_retry", base.maxRetry());
        int retries = in.number("max_retries", base.maxRetries(), 0, 1_000_000);
        var queued = in.duration("max_time_in_queue", base.maxTimeInQueue());
        var original = in.word("dsn_original", base.original(),
                Map.of("headers", BounceProfile.Original.HEADERS, "full", BounceProfile.Original.FULL, "none", BounceProfile.Original.NONE));
        in.finish();
        if (initial.isZero() || initial.compareTo(longest) > 0) {
            in.problems().at(node, "initial_retry (" + initial + ") must be more than 0 and not longer than max_retry (" + longest + ")");
            return base;
        }
        return new BounceProfile(name, retries, queued, initial, longest, original);
    }

    private DestinationPolicy policy(String name, Section in, DestinationPolicy base) {
        TlsRule tls = tls(in, name).orElse(base.tls());
        in.notBuilt("dane", "none", "off");
        in.notBuilt("mta_sts", "off", "none");
        in.notBuilt("tls_trial", "none", "off");
        in.notBuilt("recipient_rate", "none", "off");
        for (String key : List.of("tls_ciphers", "client_certificate", "alert", "exception")) {
            in.notBuilt(key, "none");
        }
        in.notBuilt("source", "default");
        BounceProfile bounce = in.text("bounce_profile").map(word -> Optional.ofNullable(profiles.get(word)).orElseGet(() -> {
            in.wrong("bounce_profile", word, "the name of an entry of bounce_profiles"
                    + Units.nearest(word, profiles.keySet()).map(near -> "; did you mean " + near + "?").orElse(""));
            return base.bounceProfile();
        })).orElse(base.bounceProfile());
        boolean tolerant = in.word("ehlo", base.ehlo(), Map.of("strict", EhloReading.STRICT, "tolerant", EhloReading.TOLERANT)) == EhloReading.TOLERANT;
        List<String> names = in.texts("tls_names");
        OptionalInt perMx = base.connectionsPerMx();
        if (in.text("connections_per_mx").isPresent()) {
            String word = in.text("connections_per_mx").get();
            perMx = word.equals("none") || word.equals("off") ? OptionalInt.empty() : OptionalInt.of(in.number("connections_per_mx", 1, 1, 100_000));
        }
        DestinationPolicy read = new DestinationPolicy(name, tls,
                in.word("tls_min_version", base.tlsMinVersion(), Map.of("TLSv1.2", "TLSv1.2", "TLSv1.3", "TLSv1.3")),
                names.isEmpty() ? base.tlsNames() : names, in.trust(root, base.trust()),
                in.flag("plaintext_after_handshake_failure", base.plaintextAfterHandshakeFailure()),
                in.flag("allow_common_name", base.allowCommonName()), tolerant ? EhloReading.TOLERANT : EhloReading.STRICT,
                in.word("ehlo_near_miss", base.nearMissDefers(), Map.of("deliver", false, "defer", true)),
                in.word("replies", base.strictReplies(), Map.of("lenient", false, "strict", true)),
                in.flag("fail_fast", base.failFast()),
                in.word("ip", base.ip(), Map.of("v6-preferred", IpPreference.V6_PREFERRED, "v4-preferred", IpPreference.V4_PREFERRED,
                        "v6-required", IpPreference.V6_REQUIRED, "v4-required", IpPreference.V4_REQUIRED)),
                in.number("connections", base.connections(), 1, 100_000), perMx,
                in.number("messages_per_connection", base.messagesPerConnection(), 1, 1_000_000),
                in.number("recipients_per_message", base.recipientsPerMessage(), 1, 100_000), bounce);
        in.finish();
        if (tls.level() == TlsLevel.NONE && in.node("tls").isPresent()) {
            for (String key : List.of("tls_names", "tls_min_version", "trust", "fail_fast")) {
                in.node(key).ifPresent(node -> warnings.add(in.problems().position(node) + ": " + key + " has no effect in the entry " + name + ", which has tls: none"));
            }
        }
        return read;
    }

    List<String> warnings() {
        return warnings;
    }

    static Optional<TlsRule> tls(Section in, String entry) {
        Optional<Node> node = in.node("tls");
        if (node.isEmpty()) {
            return Optional.empty();
        }
        String word = in.text("tls").orElse("");
        if (List.of("preferred-verify", "required-verify", "required-verify-hosted").contains(word)) {
            in.problems().at(node.get(), "tls: " + word + " is not built yet; write required");
            return Optional.empty();
        }
        return Optional.of(new TlsRule(in.word("tls", TlsLevel.REQUIRED, LEVELS), in.problems().position(node.get()), entry));
    }
}
