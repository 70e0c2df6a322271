package org.mailrelay.core.settings;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.TlsLevel;

/// One of the operator's `tests:`: what must come out for a recipient. A configuration that fails one is not loaded.
///
/// @param position `conf/destinations.yaml:31`
/// @param from     the sender's domain, for routes by sender
/// @param expect   keys of [#FACTS] with the words expected
public record PolicyTest(String position, Domain to, Optional<Domain> from, Map<String, String> expect) {

    /// What can be expected; as the keys of an entry spell it.
    public static final List<String> FACTS = List.of("entry", "tls", "tls_trial", "dane", "mta_sts", "ehlo", "tls_min_version", "bounce_profile", "route");

    public PolicyTest {
        expect = Map.copyOf(expect);
    }

    /// @param fact the key
    public record Failure(PolicyTest test, String fact, String expected, String found) {
        @Override
        public String toString() {
            return "the test for " + test.to() + " fails: " + fact + ": expected " + expected + ", found " + found;
        }
    }

    /// @param now exceptions hold or have ended by it
    public static List<Failure> run(List<PolicyTest> tests, Settings settings, Instant now) {
        List<Failure> failures = new ArrayList<>();
        for (PolicyTest test : tests) {
            Map<String, String> found = facts(settings, test.to(), test.from(), now);
            FACTS.stream().filter(test.expect()::containsKey).filter(fact -> !test.expect().get(fact).equals(found.get(fact)))
                    .forEach(fact -> failures.add(new Failure(test, fact, test.expect().get(fact), found.getOrDefault(fact, "none"))));
        }
        return failures;
    }

    /// All facts of a recipient's domain, in the order of [#FACTS].
    public static Map<String, String> facts(Settings settings, Domain to, Optional<Domain> from, Instant now) {
        DestinationPolicy policy = settings.destinations().match(to).at(now);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("entry", policy.entry());
        facts.put("tls", policy.tls().level().word());
        facts.put("tls_trial", policy.terms().trial().map(trial -> trial.level().word()).orElse(TlsLevel.NONE.word()));
        facts.put("dane", policy.terms().dane().word());
        facts.put("mta_sts", policy.terms().mtaSts() ? "honour" : "off");
        facts.put("ehlo", policy.ehlo() == EhloReading.TOLERANT ? "tolerant" : "strict");
        facts.put("tls_min_version", policy.tlsMinVersion());
        facts.put("bounce_profile", policy.bounceProfile().name());
        facts.put("route", settings.routes().match(from, to).map(RouteEntry::key).orElse("MX"));
        return facts;
    }
}
