package org.mailrelay.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.DestinationSettings;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.PolicyException;
import org.mailrelay.core.settings.PolicyTest;
import org.mailrelay.core.settings.RecipientRate;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.CipherSuites;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `destinations.yaml`.
final class DestinationsReader {

    static final Map<String, TlsLevel> LEVELS = Stream.of(TlsLevel.values()).collect(Collectors.toUnmodifiableMap(TlsLevel::word, level -> level));
    private static final List<String> OLD_VERSIONS = List.of("TLSv1", "TLSv1.1");

    private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,8})/(.+)");
    private static final Duration SHORTEST_PERIOD = Duration.ofSeconds(1);
    private static final Duration LONGEST_PERIOD = Duration.ofDays(31);

    private final Path root;
    private final Trust trust;
    private final Map<String, TlsTerms.ClientCertificate> certificates;
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, BounceProfile> profiles = new HashMap<>(Map.of("default", BounceProfile.DEFAULT));

    private final SourceReader sources;

    /// @param certificates `delivery.certificates`
    DestinationsReader(Path root, Trust trust, Map<String, TlsTerms.ClientCertificate> certificates, SourceReader sources) {
        this.root = root;
        this.trust = trust;
        this.certificates = certificates;
        this.sources = sources;
    }

    DestinationSettings read(Section file) {
        Section written = file.section("bounce_profiles");
        written.named().forEach((name, node) -> profiles.put(name, profile(name, node, file.item("bounce profile", node))));
        DestinationPolicy base = new DestinationPolicy("default", new TlsRule(TlsLevel.PREFERRED, "built-in default", "default"), "TLSv1.2",
                List.of(), trust, true, false, EhloReading.STRICT, false, false, false, IpPreference.V6_PREFERRED, 20,
                OptionalInt.empty(), 50, 100, Optional.empty(), profiles.getOrDefault("default", BounceProfile.DEFAULT), new TlsTerms(Optional.empty(), DaneUse.OPPORTUNISTIC, true, List.of(), false, Optional.empty(), Optional.empty(), List.of()));
        DestinationPolicy fallback = policy("default", file.section("default"), base);
        Map<Domain, DestinationPolicy> exact = new LinkedHashMap<>();
        Map<Domain, DestinationPolicy> below = new LinkedHashMap<>();
        Section entries = file.section("destinations");
        entries.named().forEach((name, node) -> place(entries, name, policy(name, file.item("default", node), fallback), exact, below));
        List<PolicyTest> tests = PolicyTestReader.read(file);
        file.finish();
        return new DestinationSettings(fallback, new DomainTable<>(exact, below), tests);
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
        var initial = in.duration("initial_retry", base.initialRetry());
        var longest = in.duration("max_retry", base.maxRetry());
        int retries = in.number("max_retries", base.maxRetries(), 0, 1_000_000);
        var queued = in.duration("max_time_in_queue", base.maxTimeInQueue());
        Optional<Duration> warning = in.text("delay_warning").filter(word -> !isNone(word)).map(_ -> in.duration("delay_warning", queued.dividedBy(2)));
        BounceProfile.Reports reports = reports(node, in);
        in.finish();
        if (initial.isZero() || initial.compareTo(longest) > 0) {
            in.problems().at(node, "initial_retry (" + initial + ") must be more than 0 and not longer than max_retry (" + longest + ")");
            return base;
        }
        if (warning.isPresent() && (warning.get().isZero() || warning.get().compareTo(queued) >= 0)) {
            in.problems().at(node, "delay_warning (" + warning.get() + ") must be more than 0 and shorter than max_time_in_queue (" + queued + ")");
            return base;
        }
        return new BounceProfile(name, retries, queued, initial, longest, warning, reports);
    }

    private static BounceProfile.Reports reports(Node node, Section in) {
        BounceProfile.Reports base = BounceProfile.Reports.DEFAULT;
        var original = in.word("dsn_original", base.original(),
                Map.of("headers", BounceProfile.Original.HEADERS, "full", BounceProfile.Original.FULL, "none", BounceProfile.Original.NONE, "off", BounceProfile.Original.NONE));
        Optional<Mailbox> from = mailbox(in, "bounce_from");
        Optional<Mailbox> doubles = mailbox(in, "double_bounce_to");
        int perAddress = in.number("reports_per_address", base.limits().perAddress(), 1, 1_000_000);
        int perDomain = in.number("reports_per_domain", Math.max(perAddress, base.limits().perDomain()), 1, 1_000_000);
        if (perDomain < perAddress) {
            in.problems().at(node, "reports_per_domain (" + perDomain + ") must not be less than reports_per_address (" + perAddress + ")");
            return base;
        }
        return new BounceProfile.Reports(original, from, doubles, new BounceProfile.ReportLimits(perAddress, perDomain));
    }

    private static Optional<Mailbox> mailbox(Section in, String key) {
        Optional<String> word = in.text(key).filter(text -> !isNone(text));
        try {
            return word.map(Mailbox::of);
        } catch (IllegalArgumentException noAddress) {
            in.wrong(key, word.orElseThrow(), "an address, or none");
            return Optional.empty();
        }
    }

    private static boolean isNone(String word) {
        return word.equals("none") || word.equals("off");
    }

    private DestinationPolicy policy(String name, Section in, DestinationPolicy base) {
        TlsRule tls = tls(in, name).orElse(base.tls());
        sources.ofDestination(name, in);
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
                version(in, tls.level(), base.tlsMinVersion()),
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
                in.number("recipients_per_message", base.recipientsPerMessage(), 1, 100_000), recipientRate(in, base.recipientRate()), bounce, terms(name, in, tls.level(), base.terms()));
        in.finish();
        if (tls.level() == TlsLevel.NONE && in.node("tls").isPresent()) {
            for (String key : List.of("dane", "mta_sts", "tls_trial", "tls_names", "tls_min_version", "tls_ciphers", "trust", "client_certificate", "allow_common_name", "fail_fast")) {
                in.node(key).ifPresent(node -> warnings.add(in.problems().position(node) + ": " + key + " has no effect in the entry " + name + ", which has tls: none"));
            }
        }
        return read;
    }

    static Optional<RecipientRate> recipientRate(Section in, Optional<RecipientRate> base) {
        Optional<String> text = in.text("recipient_rate");
        if (text.isEmpty()) {
            return base;
        }
        if (isNone(text.get())) {
            return Optional.empty();
        }
        Matcher match = RATE.matcher(text.get());
        Optional<RecipientRate> rate = match.matches()
                ? Units.duration(match.group(2)).filter(per -> per.compareTo(SHORTEST_PERIOD) >= 0 && per.compareTo(LONGEST_PERIOD) <= 0)
                        .map(per -> new RecipientRate(Integer.parseInt(match.group(1)), per))
                : Optional.empty();
        if (rate.isEmpty()) {
            in.wrong("recipient_rate", text.get(), "none, or so many in 1s to 31d, such as 180/1m");
        }
        return rate;
    }

    private TlsTerms terms(String name, Section in, TlsLevel level, TlsTerms base) {
        Optional<PolicyException> exception = ExceptionReader.read(in, name, level);
        Optional<TlsTerms.ClientCertificate> certificate = in.text("client_certificate").isEmpty() || in.isNothing("client_certificate") ? Optional.empty()
                : in.text("client_certificate").flatMap(word -> Optional.ofNullable(certificates.get(word)).or(() -> {
                    in.wrong("client_certificate", word, "the name of an entry of delivery.certificates"
                            + Units.nearest(word, certificates.keySet()).map(near -> "; did you mean " + near + "?").orElse(""));
                    return Optional.empty();
                }));
        List<String> ciphers = in.isNothing("tls_ciphers") ? List.of() : in.texts("tls_ciphers");
        ciphers.stream().filter(cipher -> !CipherSuites.KNOWN.contains(cipher)).forEach(cipher -> in.wrong("tls_ciphers", cipher, "a TLS 1.2 suite in OpenSSL's spelling"
                + Units.nearest(cipher, CipherSuites.KNOWN).map(near -> "; did you mean " + near + "?").orElse("")));
        return new TlsTerms(trial(name, in, level, base.trial()),
                in.word("dane", base.dane(), Map.of("none", DaneUse.NONE, "opportunistic", DaneUse.OPPORTUNISTIC, "mandatory", DaneUse.MANDATORY)),
                in.word("mta_sts", base.mtaSts(), Map.of("off", false, "honour", true)), in.node("tls_ciphers").isPresent() ? ciphers : base.ciphers(),
                base.ownTrust() || in.node("trust").isPresent(), in.node("client_certificate").isPresent() ? certificate : base.certificate(), exception,
                in.node("alert").isPresent() ? in.mailboxes("alert") : base.alert());
    }

    private static Optional<TlsRule> trial(String name, Section in, TlsLevel level, Optional<TlsRule> base) {
        Optional<Node> node = in.node("tls_trial");
        if (node.isEmpty()) {
            return base.filter(rule -> rule.level().compareTo(level) > 0);
        }
        TlsLevel trial = in.word("tls_trial", TlsLevel.NONE, LEVELS);
        if (trial == TlsLevel.NONE) {
            return Optional.empty();
        }
        if (trial.compareTo(level) <= 0) {
            in.wrong("tls_trial", trial.word(), "a level above the entry's, which is " + level.word());
        }
        return Optional.of(new TlsRule(trial, in.problems().position(node.get()), name));
    }

    /// RFC 9325 §3.1.1: nothing below TLS 1.2 where encryption is demanded.
    private static String version(Section in, TlsLevel level, String base) {
        String version = in.word("tls_min_version", base, Map.of("TLSv1", "TLSv1", "TLSv1.1", "TLSv1.1", "TLSv1.2", "TLSv1.2", "TLSv1.3", "TLSv1.3"));
        if (!OLD_VERSIONS.contains(version) || !level.required()) {
            return version;
        }
        if (in.node("tls_min_version").isPresent()) {
            in.wrong("tls_min_version", version, "TLSv1.2 or TLSv1.3 at the level " + level.word());
        }
        return "TLSv1.2";
    }

    List<String> warnings() {
        return warnings;
    }

    static Optional<TlsRule> tls(Section in, String entry) {
        Optional<Node> node = in.node("tls");
        if (node.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new TlsRule(in.word("tls", TlsLevel.REQUIRED, LEVELS), in.problems().position(node.get()), entry));
    }
}
