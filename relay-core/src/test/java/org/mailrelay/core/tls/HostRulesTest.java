package org.mailrelay.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsRequirement.Encryption;

/// The decision before connecting, over every combination of what it looks at. What must hold is computed here from the words of the policy, apart
/// from the rules under test.
class HostRulesTest {

    private static final Domain DOMAIN = Domain.of("example.com");
    private static final Domain HOST = Domain.of("mx1.example.com");
    private static final TlsRule NO_RULE = new TlsRule(TlsLevel.NONE, "conf/routes.yaml:3", "hub");
    private static final Trust OWN = new Trust(true, List.of(java.nio.file.Path.of("/ca.pem")));
    private static final List<TlsaLookup> TLSA = List.of(new TlsaLookup.None(), new TlsaLookup.AllUnusable(HOST), new TlsaLookup.Failed("SERVFAIL"),
            new TlsaLookup.Usable(List.of(new TlsaRecord(3, 1, 1, "ab".repeat(32))), HOST, List.of(HOST, DOMAIN)));
    private static final List<StsLookup> STS = List.of(new StsLookup.NotAsked(), new StsLookup.NoPolicy(), sts(StsPolicy.Mode.ENFORCE, "*.example.com"),
            sts(StsPolicy.Mode.ENFORCE, "other.example"), sts(StsPolicy.Mode.TESTING, "mx1.example.com"), sts(StsPolicy.Mode.TESTING, "other.example"),
            sts(StsPolicy.Mode.NONE, "mx1.example.com"), new StsLookup.FetchFailed("timeout", false), new StsLookup.FetchFailed("self-signed", true),
            new StsLookup.Broken(2, "mode: enfroce", "no such mode"));
    private static final List<Optional<HostQuestion.Route>> ROUTES = List.of(Optional.empty(), Optional.of(new HostQuestion.Route(NO_RULE, false, false)),
            Optional.of(new HostQuestion.Route(NO_RULE, true, false)), Optional.of(new HostQuestion.Route(NO_RULE, false, true)));
    private static final List<HostQuestion.Identity> IDENTITIES = List.of(HostQuestion.Identity.STANDARD,
            new HostQuestion.Identity(List.of(".partner.example"), Trust.SYSTEM, false, false), new HostQuestion.Identity(List.of(), OWN, true, true));
    private static final int CASES = 6 * 2 * 3 * 4 * 3 * 4 * 10 * 3 * 2 * 2 * 4;

    private static StsLookup sts(StsPolicy.Mode mode, String pattern) {
        return new StsLookup.InForce(new StsPolicy(DOMAIN, "20260101", mode, Duration.ofDays(7), List.of(pattern)), Instant.EPOCH);
    }

    /// Every combination, one after the other.
    private static int all(Consumer<HostQuestion> each) {
        int count = 0;
        for (TlsLevel level : TlsLevel.values()) {
            for (Optional<TlsLevel> floor : List.of(Optional.<TlsLevel>empty(), Optional.of(TlsLevel.REQUIRED))) {
                for (MessageNeed need : MessageNeed.values()) {
                    for (Optional<HostQuestion.Route> route : ROUTES) {
                        for (DaneUse dane : DaneUse.values()) {
                            for (TlsaLookup tlsa : TLSA) {
                                for (StsLookup sts : STS) {
                                    for (HostQuestion.Identity identity : IDENTITIES) {
                                        for (DnssecState mx : List.of(DnssecState.SECURE, DnssecState.INSECURE)) {
                                            for (boolean plaintextLater : List.of(true, false)) {
                                                for (LadderStep step : LadderStep.values()) {
                                                    HostQuestion.Entry entry = new HostQuestion.Entry(new TlsRule(level, "conf/destinations.yaml:14", "example.com"),
                                                            Optional.empty(), dane, identity, false, plaintextLater);
                                                    each.accept(new HostQuestion(entry, floor, need, DOMAIN, Optional.of(HOST), route,
                                                            new Published(mx, DnssecState.SECURE, tlsa, sts), step));
                                                    count++;
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return count;
    }

    private static TlsLevel level(HostQuestion ask) {
        TlsLevel level = ask.entry().rule().level().raisedTo(ask.messageFloor().orElse(TlsLevel.NONE));
        level = level.raisedTo(ask.implicitTls() ? TlsLevel.REQUIRED : TlsLevel.NONE);
        return level.raisedTo(ask.auth() ? TlsLevel.REQUIRED_VERIFY : TlsLevel.NONE);
    }

    /// DANE and MTA-STS bind unless the destination is `none` or the message waives them; `dane: mandatory` is the operator's and cannot be waived.
    private static boolean daneBinds(HostQuestion ask) {
        return level(ask) != TlsLevel.NONE && (ask.need() != MessageNeed.TLS_NOT_REQUIRED || ask.entry().dane() == DaneUse.MANDATORY);
    }

    private static boolean stsBinds(HostQuestion ask) {
        return level(ask) != TlsLevel.NONE && ask.need() != MessageNeed.TLS_NOT_REQUIRED && !(ask.published().tlsa() instanceof TlsaLookup.Usable)
                && ask.published().sts() instanceof StsLookup.InForce(var policy, _) && policy.mode() == StsPolicy.Mode.ENFORCE;
    }

    private static boolean listed(HostQuestion ask) {
        return ask.published().sts() instanceof StsLookup.InForce(var policy, _) && policy.mode() != StsPolicy.Mode.NONE && policy.lists(HOST);
    }

    private static boolean promised(HostQuestion ask) {
        boolean dane = daneBinds(ask) && (ask.published().tlsa() instanceof TlsaLookup.Usable || ask.published().tlsa() instanceof TlsaLookup.AllUnusable);
        return level(ask).required() || dane || stsBinds(ask) || ask.need() == MessageNeed.REQUIRE_TLS;
    }

    private static Optional<HostTerms> terms(HostQuestion ask) {
        return HostRules.plan(ask) instanceof HostPlan.Try(HostTerms terms) ? Optional.of(terms) : Optional.empty();
    }

    private static void everyTry(BiConsumer<HostQuestion, HostTerms> each) {
        all(ask -> terms(ask).ifPresent(terms -> each.accept(ask, terms)));
    }

    private static void check(boolean holds, HostQuestion ask) {
        if (!holds) {   // far cheaper than a description a case
            throw new AssertionError(ask + " -> " + HostRules.plan(ask));
        }
    }

    @Nested
    class OverTheWholeInputSpace {

        /// R-POL-1: every level, with all that DNS can say.
        @Test
        void theCasesOfTheTableAreCounted(TestInfo info) {
            int count = all(_ -> { });
            System.out.println("decision table before connecting: " + count + " cases, each under " + 7 + " properties");
            assertThat(count).isEqualTo(CASES);
        }

        /// R-POL-2: what the network says raises the level and never lowers it.
        @Test
        void neverPlaintextWhereEncryptionWasPromised() {
            everyTry((ask, terms) -> check(!promised(ask) || terms.encryptionPromised() && terms.step().encrypted() && !terms.plaintextLater(), ask));
        }

        @Test
        void neverGivenUpWhereNothingWasPromised() {
            all(ask -> check(promised(ask) || ask.entry().dane() == DaneUse.MANDATORY || daneBinds(ask) && ask.published().tlsa() instanceof TlsaLookup.Failed
                    || terms(ask).map(terms -> !terms.encryptionPromised() && terms.requirement().enforced().isEmpty()).orElse(false), ask));
        }

        /// RFC 7672 §2.2: "the SMTP client MUST NOT deliver mail via the associated MX host" when the lookup fails.
        @Test
        void aHostWhoseTlsaLookupFailedIsSkippedUnlessNothingAsksForIt() {
            all(ask -> check(!(ask.published().tlsa() instanceof TlsaLookup.Failed) || terms(ask).isEmpty() == daneBinds(ask)
                    || ask.need() == MessageNeed.REQUIRE_TLS, ask));
        }

        @Test
        void wherePolicyIsNoneNothingElseIsLookedAt() {
            all(ask -> check(level(ask) != TlsLevel.NONE || (ask.need() == MessageNeed.REQUIRE_TLS ? terms(ask).isEmpty()
                    : terms(ask).orElseThrow().requirement().encryption() == Encryption.NEVER), ask));
        }

        /// RFC 8461 §2: MTA-STS must not override a failing DANE validation.
        /// R-POL-3.
        @Test
        void daneGoesBeforeMtaStsAndSatisfiesALevelThatVerifiesUnlessTheOperatorSaidWhoThePeerIs() {
            everyTry((ask, terms) -> {
                List<TlsCheck> enforced = terms.requirement().enforced();
                boolean dane = daneBinds(ask) && ask.published().tlsa() instanceof TlsaLookup.Usable;
                boolean verify = level(ask).compareTo(TlsLevel.REQUIRED_VERIFY) >= 0;
                boolean own = !ask.entry().identity().tlsNames().isEmpty() || ask.entry().identity().ownTrust();
                check(enforced.stream().anyMatch(TlsCheck.Dane.class::isInstance) == dane, ask);
                check(enforced.stream().anyMatch(TlsCheck.MtaSts.class::isInstance) == (stsBinds(ask) && listed(ask)), ask);
                check(!verify || enforced.stream().anyMatch(TlsCheck.Pkix.class::isInstance) || dane && !own, ask);
                check(verify || ask.need() == MessageNeed.REQUIRE_TLS || enforced.stream().noneMatch(TlsCheck.Pkix.class::isInstance), ask);
            });
        }

        /// A forged MX answer brings a forged host name: its certificate is worth nothing.
        @Test
        void aHostedLevelCountsNoHostNameThatAForgedAnswerCouldHaveBrought() {
            everyTry((ask, terms) -> {
                boolean trustworthy = ask.route().isPresent() || ask.published().mx() == DnssecState.SECURE || listed(ask);
                if (level(ask) == TlsLevel.REQUIRED_VERIFY_HOSTED && !trustworthy && ask.need() != MessageNeed.REQUIRE_TLS) {
                    check(terms.requirement().enforced().stream().noneMatch(c -> c instanceof TlsCheck.Pkix(var names, _, _) && names.contains(HOST.name())), ask);
                }
            });
        }

        @Test
        void requireTlsNeedsAnAuthenticatedNameAVerifiedCertificateAndTheOffer() {
            all(ask -> {
                if (ask.need() == MessageNeed.REQUIRE_TLS) {
                    boolean trustworthy = ask.route().isPresent() || ask.published().mx() == DnssecState.SECURE || listed(ask);
                    check(terms(ask).map(terms -> trustworthy && terms.bounds().requireTls() && !terms.requirement().enforced().isEmpty()).orElse(true), ask);
                }
            });
        }

        /// R-POL-6: each with a reason of its own.
        @Test
        void everyReasonToSkipAndToNoteIsReachable() {
            Set<TlsReason> seen = EnumSet.noneOf(TlsReason.class);
            all(ask -> {
                switch (HostRules.plan(ask)) {
                    case HostPlan.Skip skip -> seen.add(skip.why());
                    case HostPlan.Try(HostTerms terms) -> seen.addAll(terms.bounds().noted());
                }
            });
            assertThat(seen).containsExactlyInAnyOrder(TlsReason.REQUIRETLS_UNDER_NONE, TlsReason.MX_NOT_AUTHENTICATED, TlsReason.TLSA_LOOKUP_FAILED,
                    TlsReason.DANE_REQUIRED, TlsReason.STS_MX_MISMATCH, TlsReason.TLSA_UNUSABLE, TlsReason.STS_FETCH_FAILED, TlsReason.STS_HOST_UNTRUSTED,
                    TlsReason.STS_POLICY_BROKEN);
        }

        @Test
        void aTrialChangesNothingOfWhatIsEnforced() {
            TlsRule trial = new TlsRule(TlsLevel.REQUIRED_VERIFY_HOSTED, "conf/destinations.yaml:15", "example.com");
            all(ask -> {
                HostQuestion.Entry e = ask.entry();
                HostQuestion watched = new HostQuestion(new HostQuestion.Entry(e.rule(), Optional.of(trial), e.dane(), e.identity(), e.nearMissDefers(), e.plaintextLater()),
                        ask.messageFloor(), ask.need(), ask.recipientDomain(), ask.hostName(), ask.route(), ask.published(), ask.remembered());
                Optional<HostTerms> with = terms(watched);
                check(with.isPresent() == terms(ask).isPresent() && with.map(terms -> {
                    HostTerms without = terms(ask).orElseThrow();
                    return terms.requirement().encryption() == without.requirement().encryption() && terms.requirement().enforced().equals(without.requirement().enforced())
                            && terms.plaintextLater() == without.plaintextLater();
                }).orElse(true), ask);
            });
        }
    }

    @Nested
    class Named {

        private HostQuestion ask(TlsLevel level, Published published, MessageNeed need) {
            HostQuestion.Entry entry = new HostQuestion.Entry(new TlsRule(level, "conf/destinations.yaml:14", "example.com"), Optional.empty(), DaneUse.OPPORTUNISTIC,
                    HostQuestion.Identity.STANDARD, false, true);
            return new HostQuestion(entry, Optional.empty(), need, DOMAIN, Optional.of(HOST), Optional.empty(), published, LadderStep.HYBRID);
        }

        /// RFC 7672 §2.2: TLSA records that are all unusable make TLS mandatory, "but authentication is not possible".
        @Test
        void unusableTlsaMeansEncryptedWithoutAuthentication() {
            HostTerms terms = terms(ask(TlsLevel.PREFERRED, new Published(DnssecState.SECURE, DnssecState.SECURE, new TlsaLookup.AllUnusable(HOST), new StsLookup.NotAsked()),
                    MessageNeed.NONE)).orElseThrow();
            assertThat(terms.requirement()).isEqualTo(TlsRequirement.of(Encryption.ALWAYS));
            assertThat(terms.bounds().because()).last().isEqualTo(new TlsBasis.Dane(HOST, 0));
        }

        /// RFC 8461 §5: in testing mode "sending MTAs ... deliver as though there were no policy".
        @Test
        void mtaStsInTestingIsOnlyWatched() {
            HostTerms terms = terms(ask(TlsLevel.PREFERRED, new Published(DnssecState.INSECURE, DnssecState.INSECURE, new TlsaLookup.None(),
                    sts(StsPolicy.Mode.TESTING, "mx1.example.com")), MessageNeed.NONE)).orElseThrow();
            assertThat(terms.requirement().encryption()).isEqualTo(Encryption.IF_OFFERED);
            assertThat(terms.requirement().observed()).containsExactly(new TlsCheck.MtaSts(DOMAIN, "20260101", HOST, Trust.SYSTEM));
        }

        /// RFC 8689 §4.2.2: a message with TLS-Required: No is delivered although DANE or MTA-STS would forbid it; the operator's level still binds.
        @Test
        void tlsNotRequiredWaivesWhatIsPublishedAndNotWhatTheOperatorSaid() {
            Published published = new Published(DnssecState.SECURE, DnssecState.SECURE, TLSA.getLast(), new StsLookup.NotAsked());
            assertThat(terms(ask(TlsLevel.PREFERRED, published, MessageNeed.TLS_NOT_REQUIRED)).orElseThrow().requirement().encryption()).isEqualTo(Encryption.IF_OFFERED);
            assertThat(terms(ask(TlsLevel.REQUIRED_VERIFY, published, MessageNeed.TLS_NOT_REQUIRED)).orElseThrow().requirement().enforced())
                    .containsExactly(new TlsCheck.Pkix(List.of("example.com", "mx1.example.com"), Trust.SYSTEM));
        }

        @Test
        void theServerNameIsTheTlsaBaseWhereDaneBinds() {
            Domain base = Domain.of("alias.example.net");
            Published published = new Published(DnssecState.SECURE, DnssecState.SECURE,
                    new TlsaLookup.Usable(List.of(new TlsaRecord(3, 1, 1, "ab".repeat(32))), base, List.of(base)), new StsLookup.NotAsked());
            assertThat(terms(ask(TlsLevel.PREFERRED, published, MessageNeed.NONE)).orElseThrow().requirement().serverName(Optional.of(HOST))).contains(base);
        }

        /// RFC 8461 §4.1: the wildcard stands for exactly one label.
        @Test
        void anMtaStsPatternMatchesOneLabelAndNoMore() {
            StsPolicy policy = new StsPolicy(DOMAIN, "1", StsPolicy.Mode.ENFORCE, Duration.ofDays(1), List.of("*.example.com", "mx.example.net"));
            assertThat(List.of("a.example.com", "mx.example.net")).allMatch(name -> policy.lists(Domain.of(name)));
            assertThat(List.of("a.b.example.com", "example.com", "a.mx.example.net", "badexample.com")).noneMatch(name -> policy.lists(Domain.of(name)));
        }

        /// RFC 8461 §4.1: a host that the policy in force does not list is not used, and one that it lists is verified by its own name.
        @Test
        void R_STS_5_aPolicyInForceNamesTheHostsAndHowTheyAreVerified() {
            Published lists = new Published(DnssecState.INSECURE, DnssecState.INSECURE, new TlsaLookup.None(), sts(StsPolicy.Mode.ENFORCE, "mx1.example.com"));
            assertThat(terms(ask(TlsLevel.PREFERRED, lists, MessageNeed.NONE)).orElseThrow().requirement())
                    .isEqualTo(new TlsRequirement(Encryption.ALWAYS, List.of(new TlsCheck.MtaSts(DOMAIN, "20260101", HOST, Trust.SYSTEM)), List.of()));
            Published others = new Published(DnssecState.INSECURE, DnssecState.INSECURE, new TlsaLookup.None(), sts(StsPolicy.Mode.ENFORCE, "mx2.example.com"));
            assertThat(HostRules.plan(ask(TlsLevel.PREFERRED, others, MessageNeed.NONE))).isInstanceOfSatisfying(HostPlan.Skip.class,
                    skip -> assertThat(skip.why()).isEqualTo(TlsReason.STS_MX_MISMATCH));
        }

        /// A domain without MX is its own host, under the policy by its own name; no answer of DNS need be secure.
        @Test
        void R_STS_9_aDomainThatIsItsOwnHostIsListedByItsOwnName() {
            Published published = new Published(DnssecState.UNVALIDATED, DnssecState.UNVALIDATED, new TlsaLookup.None(), sts(StsPolicy.Mode.ENFORCE, DOMAIN.name()));
            HostQuestion asked = ask(TlsLevel.PREFERRED, published, MessageNeed.NONE);
            HostQuestion itself = new HostQuestion(asked.entry(), asked.messageFloor(), asked.need(), DOMAIN, Optional.of(DOMAIN), Optional.empty(), published, LadderStep.HYBRID);
            assertThat(terms(itself).orElseThrow().requirement().enforced()).containsExactly(new TlsCheck.MtaSts(DOMAIN, "20260101", DOMAIN, Trust.SYSTEM));
        }

        @Test
        void aTrialSaysWhatItWouldHaveStopped() {
            TlsRule rule = new TlsRule(TlsLevel.REQUIRED_VERIFY, "conf/destinations.yaml:15", "example.com");
            TlsCheck pkix = new TlsCheck.Pkix(List.of("example.com"), Trust.SYSTEM);
            HostTerms.Trial trial = new HostTerms.Trial(rule, List.of(pkix));
            assertThat(TlsRules.trial(trial, Optional.of(TlsReason.NOT_OFFERED), List.of())).containsExactly(new TlsFault(TlsReason.NOT_OFFERED));
            assertThat(TlsRules.trial(trial, Optional.empty(), List.of(new CheckResult.Failed(pkix, TlsReason.HOST_MISMATCH, "d"))))
                    .containsExactly(new TlsFault(TlsReason.HOST_MISMATCH, "d"));
            assertThat(TlsRules.trial(trial, Optional.empty(), List.of(new CheckResult.Passed(pkix, "PKIX name example.com")))).isEmpty();
        }
    }
}
