package org.mailrelay.core.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsRequirement.Encryption;

/// The decision before connecting: settings, lookups and memory in, terms out. What binds a host is only ever raised, never lowered:
/// the operator's level first, then DANE, then MTA-STS (RFC 8461 §2), then the message's own need.
public final class HostRules {

    private HostRules() {
    }

    public static HostPlan plan(HostQuestion ask) {
        TlsRule rule = strongest(ask);
        if (rule.level() == TlsLevel.NONE) {
            return ask.need() == MessageNeed.REQUIRE_TLS ? new HostPlan.Skip(TlsReason.REQUIRETLS_UNDER_NONE, rule, "")
                    : new HostPlan.Try(inTheClear(ask, rule, TlsReason.POLICY_NONE));
        }
        Optional<HostPlan.Skip> unusable = unusable(ask, rule);
        if (unusable.isPresent()) {
            return unusable.get();
        }
        Draft draft = new Draft(ask, rule);
        draft.operator();
        draft.dane();
        draft.mtaSts();
        draft.message();
        draft.trial();
        boolean fallBack = draft.encryption == Encryption.IF_OFFERED && ask.entry().plaintextLater();
        return new HostPlan.Try(fallBack && ask.remembered() == LadderStep.CLEAR ? inTheClear(ask, rule, TlsReason.HANDSHAKE_FAILED_BEFORE) : draft.terms(fallBack));
    }

    private static HostTerms inTheClear(HostQuestion ask, TlsRule rule, TlsReason why) {
        Optional<HostTerms.Trial> trial = ask.entry().trial().map(stricter -> new HostTerms.Trial(stricter, List.of()));
        List<TlsBasis> because = new ArrayList<>(List.of(new TlsBasis.Operator(rule)));
        if (ask.need() != MessageNeed.NONE) {
            because.add(new TlsBasis.Message(ask.need()));
        }
        return new HostTerms(TlsRequirement.of(Encryption.NEVER), rule, false, ask.entry().nearMissDefers(), why, false, LadderStep.CLEAR,
                new HostTerms.Bounds(because, List.of(), false, trial));
    }

    /// What forbids the host before any connection.
    private static Optional<HostPlan.Skip> unusable(HostQuestion ask, TlsRule rule) {
        if (ask.hostName().isEmpty() && (ask.auth() || ask.need() == MessageNeed.REQUIRE_TLS)) {
            return Optional.of(new HostPlan.Skip(TlsReason.NO_NAME_TO_VERIFY, rule, ask.auth() ? "its credentials need a verified host" : "REQUIRETLS"));
        }
        if (ask.need() == MessageNeed.REQUIRE_TLS && !trustworthyName(ask)) {
            return Optional.of(new HostPlan.Skip(TlsReason.MX_NOT_AUTHENTICATED, rule, "MX " + ask.published().mx().words()));
        }
        boolean mandatory = ask.entry().dane() == DaneUse.MANDATORY;
        boolean binding = mandatory || ask.need() != MessageNeed.TLS_NOT_REQUIRED;
        return switch (ask.published().tlsa()) {
            case TlsaLookup.Failed(String detail) when binding -> Optional.of(new HostPlan.Skip(TlsReason.TLSA_LOOKUP_FAILED, rule, detail));
            case TlsaLookup.AllUnusable(Domain base) when mandatory -> Optional.of(new HostPlan.Skip(TlsReason.DANE_REQUIRED, rule, "no record of " + base + " can be used"));
            case TlsaLookup.None _ when mandatory -> Optional.of(new HostPlan.Skip(TlsReason.DANE_REQUIRED, rule,
                    "MX " + ask.published().mx().words() + ", addresses " + ask.published().addresses().words()));
            case TlsaLookup.Usable _ -> Optional.empty();   // DANE goes before MTA-STS
            case TlsaLookup.Failed _, TlsaLookup.AllUnusable _, TlsaLookup.None _ -> notListed(ask, rule);
        };
    }

    /// RFC 8461 §4.1: an MX that an enforced policy does not list is not used.
    private static Optional<HostPlan.Skip> notListed(HostQuestion ask, TlsRule rule) {
        if (ask.need() == MessageNeed.TLS_NOT_REQUIRED || !(ask.published().sts() instanceof StsLookup.InForce(StsPolicy policy, _))) {
            return Optional.empty();
        }
        return policy.mode() == StsPolicy.Mode.ENFORCE && !listed(ask)
                ? Optional.of(new HostPlan.Skip(TlsReason.STS_MX_MISMATCH, rule, "policy of " + policy.domain() + " id " + policy.id())) : Optional.empty();
    }

    /// The destination's level, raised by the route's, raised by the mail flow policy's; credentials ask for a verified peer.
    private static TlsRule strongest(HostQuestion ask) {
        TlsRule rule = ask.entry().rule();
        if (ask.route().isPresent()) {
            TlsRule route = ask.route().get().rule();
            TlsLevel level = ask.auth() ? route.level().raisedTo(TlsLevel.REQUIRED_VERIFY) : route.level();
            level = ask.implicitTls() ? level.raisedTo(TlsLevel.REQUIRED) : level;
            if (level.compareTo(rule.level()) > 0) {
                rule = new TlsRule(level, route.position(), route.entry());
            }
        }
        if (ask.messageFloor().isPresent() && ask.messageFloor().get().compareTo(rule.level()) > 0) {
            rule = new TlsRule(ask.messageFloor().get(), "delivery_tls of the mail flow policy", ask.entry().rule().entry());
        }
        return rule;
    }

    private static boolean listed(HostQuestion ask) {
        return ask.published().sts() instanceof StsLookup.InForce(StsPolicy policy, _) && policy.mode() != StsPolicy.Mode.NONE
                && ask.hostName().map(policy::lists).orElse(false);
    }

    /// A name that no forged MX answer can have brought: the operator's, a DNSSEC-validated one, or one that the domain's MTA-STS
    /// policy lists.
    private static boolean trustworthyName(HostQuestion ask) {
        return ask.hostName().isPresent() && (ask.route().isPresent() || ask.published().mx() == DnssecState.SECURE || listed(ask));
    }

    /// Terms in the making: each step may add, none takes away.
    private static final class Draft {
        private final HostQuestion ask;
        private final TlsRule rule;
        private Encryption encryption = Encryption.IF_OFFERED;
        private final List<TlsCheck> enforced = new ArrayList<>();
        private final List<TlsCheck> observed = new ArrayList<>();
        private final List<TlsBasis> because = new ArrayList<>();
        private final List<TlsReason> noted = new ArrayList<>();
        private List<TlsCheck> tried = List.of();

        Draft(HostQuestion ask, TlsRule rule) {
            this.ask = ask;
            this.rule = rule;
        }

        void operator() {
            because.add(new TlsBasis.Operator(rule));
            if (ask.implicitTls() || ask.auth() || rule.level().required()) {
                encryption = Encryption.ALWAYS;
            }
            if (ask.auth() && !daneStandsIn()) {
                add(enforced, new TlsCheck.Pkix(List.of(ask.hostName().orElseThrow().name()), ask.entry().identity().trust()));
            }
            List<TlsCheck> checks = checks(rule.level());
            checks.forEach(check -> add(rule.level() == TlsLevel.PREFERRED_VERIFY ? observed : enforced, check));
        }

        void dane() {
            boolean binding = ask.need() != MessageNeed.TLS_NOT_REQUIRED || ask.entry().dane() == DaneUse.MANDATORY;
            switch (ask.published().tlsa()) {
                case TlsaLookup.Usable(var records, var base, var names) -> {
                    because.add(new TlsBasis.Dane(base, records.size()));
                    enforce(binding, new TlsCheck.Dane(records, base, names));
                }
                case TlsaLookup.AllUnusable(var base) -> {
                    because.add(new TlsBasis.Dane(base, 0));
                    noted.add(TlsReason.TLSA_UNUSABLE);
                    encryption = binding ? Encryption.ALWAYS : encryption;
                }
                case TlsaLookup.Failed _ -> noted.add(TlsReason.TLSA_LOOKUP_FAILED);
                case TlsaLookup.None _ -> { }
            }
        }

        /// Where DANE binds, MTA-STS is only watched (RFC 8461 §2).
        void mtaSts() {
            switch (ask.published().sts()) {
                case StsLookup.InForce(var policy, _) when policy.mode() != StsPolicy.Mode.NONE && ask.hostName().isPresent() -> {
                    because.add(new TlsBasis.MtaSts(policy.domain(), policy.id(), policy.mode()));
                    boolean binding = policy.mode() == StsPolicy.Mode.ENFORCE && ask.need() != MessageNeed.TLS_NOT_REQUIRED && !daneUsable();
                    if (listed(ask)) {
                        enforce(binding, new TlsCheck.MtaSts(policy.domain(), policy.id(), ask.hostName().get(), ask.entry().identity().trust()));
                    } else {
                        noted.add(TlsReason.STS_MX_MISMATCH);
                    }
                }
                case StsLookup.FetchFailed(_, boolean untrusted) -> noted.add(untrusted ? TlsReason.STS_HOST_UNTRUSTED : TlsReason.STS_FETCH_FAILED);
                case StsLookup.Broken _ -> noted.add(TlsReason.STS_POLICY_BROKEN);
                case StsLookup.InForce _, StsLookup.NotAsked _, StsLookup.NoPolicy _ -> { }
            }
        }

        void message() {
            if (ask.need() != MessageNeed.NONE) {
                because.add(new TlsBasis.Message(ask.need()));
            }
            if (ask.need() == MessageNeed.REQUIRE_TLS) {
                encryption = encryption.raisedTo(Encryption.ALWAYS);
                if (!daneUsable()) {
                    add(enforced, new TlsCheck.Pkix(List.of(ask.hostName().orElseThrow().name()), ask.entry().identity().trust()));
                }
            }
        }

        void trial() {
            ask.entry().trial().ifPresent(stricter -> {
                because.add(new TlsBasis.Trial(stricter));
                tried = stricter.level() == TlsLevel.PREFERRED_VERIFY ? List.of() : checks(stricter.level());
                tried.stream().filter(check -> !enforced.contains(check)).forEach(check -> add(observed, check));
            });
        }

        HostTerms terms(boolean plaintextLater) {
            Optional<HostTerms.Trial> trial = ask.entry().trial().map(stricter -> new HostTerms.Trial(stricter, tried));
            return new HostTerms(new TlsRequirement(encryption, enforced, observed), rule, ask.implicitTls(), ask.entry().nearMissDefers(), TlsReason.POLICY_NONE,
                    plaintextLater, ask.remembered().encrypted() ? ask.remembered() : LadderStep.HYBRID, new HostTerms.Bounds(because, noted, ask.need() == MessageNeed.REQUIRE_TLS, trial));
        }

        private void enforce(boolean binding, TlsCheck check) {
            if (binding) {
                encryption = Encryption.ALWAYS;
                add(enforced, check);
            } else {
                add(observed, check);
            }
        }

        private boolean daneUsable() {
            return ask.published().tlsa() instanceof TlsaLookup.Usable
                    && (ask.need() != MessageNeed.TLS_NOT_REQUIRED || ask.entry().dane() == DaneUse.MANDATORY);
        }

        /// A DANE match satisfies a level that verifies, unless the operator said who the peer is.
        private boolean daneStandsIn() {
            return daneUsable() && !ask.entry().identity().ofTheOperators();
        }

        private List<TlsCheck> checks(TlsLevel level) {
            return switch (level) {
                case NONE, PREFERRED, REQUIRED -> List.of();
                case PREFERRED_VERIFY, REQUIRED_VERIFY -> daneStandsIn() ? List.of() : List.of(pkix(true));
                case REQUIRED_VERIFY_HOSTED -> daneStandsIn() ? List.of() : List.of(pkix(trustworthyName(ask)));
            };
        }

        private TlsCheck pkix(boolean hostCounts) {
            HostQuestion.Identity identity = ask.entry().identity();
            List<String> names = new ArrayList<>(identity.tlsNames());
            if (names.isEmpty()) {
                names.add(ask.recipientDomain().name());
                if (hostCounts && ask.hostName().isPresent() && !ask.hostName().get().equals(ask.recipientDomain())) {
                    names.add(ask.hostName().get().name());
                }
            }
            return new TlsCheck.Pkix(names, identity.trust(), identity.commonName());
        }

        private static void add(List<TlsCheck> checks, TlsCheck check) {
            if (!checks.contains(check)) {
                checks.add(check);
            }
        }
    }
}
