package org.mailrelay.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsRequirement.Encryption;

class TlsRulesTest {

    private static final TlsRule NO_RULE = new TlsRule(TlsLevel.NONE, "conf/routes.yaml:3", "hub");
    private static final List<HostQuestion> QUESTIONS = questions();
    private static final int[] CODES = {220, 221, 250, 354, 421, 432, 454, 500, 501, 502, 530, 554};

    private static List<HostQuestion> questions() {
        List<Optional<HostQuestion.Route>> routes = List.of(Optional.empty(), Optional.of(new HostQuestion.Route(NO_RULE, false, false)),
                Optional.of(new HostQuestion.Route(NO_RULE, true, false)), Optional.of(new HostQuestion.Route(NO_RULE, false, true)));
        List<HostQuestion> all = new ArrayList<>();
        for (TlsLevel level : TlsLevel.values()) {
            for (Optional<TlsLevel> floor : List.of(Optional.<TlsLevel>empty(), Optional.of(TlsLevel.NONE), Optional.of(TlsLevel.REQUIRED))) {
                for (Optional<HostQuestion.Route> route : routes) {
                    for (Optional<Domain> host : List.of(Optional.of(Domain.of("mx1.example.com")), Optional.<Domain>empty())) {
                        for (int flags = 0; flags < 8; flags++) {
                            all.add(ask(level, floor, route, host, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0));
                        }
                    }
                }
            }
        }
        return all;
    }

    private static HostQuestion ask(TlsLevel level, Optional<TlsLevel> floor, Optional<HostQuestion.Route> route, Optional<Domain> host, boolean nearMissDefers,
            boolean plaintextLater, boolean failedBefore) {
        HostQuestion.Entry entry = new HostQuestion.Entry(new TlsRule(level, "conf/destinations.yaml:14", "example.com"), Optional.empty(), DaneUse.NONE,
                HostQuestion.Identity.STANDARD, nearMissDefers, plaintextLater);
        return new HostQuestion(entry, floor, MessageNeed.NONE, Domain.of("example.com"), host, route, Published.NOTHING, failedBefore ? LadderStep.CLEAR : LadderStep.HYBRID);
    }

    /// Promised by what the operator wrote, computed apart from the rules under test.
    private static boolean promised(HostQuestion ask) {
        return ask.entry().rule().level().required() || ask.messageFloor().map(TlsLevel::required).orElse(false)
                || ask.route().map(r -> r.auth() || r.implicitTls()).orElse(false);
    }

    private static HandshakeResult.Completed checks(HostTerms terms, boolean pass) {
        return new HandshakeResult.Completed(results(terms.requirement().enforced(), pass), results(terms.requirement().observed(), pass));
    }

    private static List<CheckResult> results(List<TlsCheck> checks, boolean pass) {
        return checks.stream().map(c -> pass ? (CheckResult) new CheckResult.Passed(c, "PKIX name") : new CheckResult.Failed(c, TlsReason.HOST_MISMATCH, "")).toList();
    }

    private static Optional<HostTerms> terms(HostQuestion ask) {
        return HostRules.plan(ask) instanceof HostPlan.Try(HostTerms terms) ? Optional.of(terms) : Optional.empty();
    }

    @Nested
    class OverTheWholeInputSpace {

        @Test
        void neverPlaintextWhereEncryptionWasPromised() {
            for (HostQuestion ask : QUESTIONS) {
                if (!promised(ask) || terms(ask).isEmpty()) {
                    continue;
                }
                HostTerms terms = terms(ask).orElseThrow();
                assertThat(terms.encryptionPromised()).as("%s", ask).isTrue();
                for (StartTlsOffer offer : StartTlsOffer.values()) {
                    assertThat(TlsRules.afterEhlo(terms, offer)).as("%s %s", ask, offer).isNotInstanceOf(AfterEhlo.Plaintext.class);
                }
                for (int code : CODES) {
                    assertThat(TlsRules.afterStartTlsReply(terms, code)).as("%s %s", ask, code).isNotInstanceOf(AfterStartTlsReply.Plaintext.class);
                }
                for (LadderStep step : LadderStep.values()) {
                    assertThat(TlsRules.afterHandshake(terms.at(step), new HandshakeResult.Failed("x"))).isNotInstanceOf(AfterHandshake.Proceed.class)
                            .isNotEqualTo(new AfterHandshake.StepDown(new TlsFault(TlsReason.HANDSHAKE_FAILED, "x"), LadderStep.CLEAR));
                }
            }
        }

        @Test
        void neverGivenUpWhereNothingWasPromised() {
            for (HostQuestion ask : QUESTIONS) {
                if (promised(ask)) {
                    continue;
                }
                HostTerms terms = terms(ask).orElseThrow();
                for (StartTlsOffer offer : StartTlsOffer.values()) {
                    boolean operatorDefers = offer == StartTlsOffer.NEAR_MISS && ask.entry().nearMissDefers() && terms.requirement().encryption() == Encryption.IF_OFFERED;
                    assertThat(TlsRules.afterEhlo(terms, offer) instanceof AfterEhlo.Abandon).as("%s %s", ask, offer).isEqualTo(operatorDefers);
                }
                assertThat(TlsRules.afterStartTlsReply(terms, 454)).isInstanceOf(AfterStartTlsReply.Plaintext.class);
                assertThat(TlsRules.afterHandshake(terms, checks(terms, false))).isInstanceOf(AfterHandshake.Proceed.class);
            }
        }

        @Test
        void whatIsNeither220NorARefusalNeverLeadsToPlaintext() {
            for (HostQuestion ask : QUESTIONS) {
                terms(ask).ifPresent(terms -> {
                    for (int code : new int[] {221, 250, 354, 421}) {
                        assertThat(TlsRules.afterStartTlsReply(terms, code)).isEqualTo(new AfterStartTlsReply.Abandon(TlsReason.UNEXPECTED_RESPONSE));
                    }
                });
            }
        }

        /// R-POL-6.
        @Test
        void everyReasonOfTheRulesIsReachable() {
            Set<TlsReason> seen = EnumSet.noneOf(TlsReason.class);
            for (HostQuestion ask : QUESTIONS) {
                switch (HostRules.plan(ask)) {
                    case HostPlan.Skip skip -> seen.add(skip.why());
                    case HostPlan.Try(HostTerms terms) -> collect(terms, seen);
                }
            }
            // Those left out are given by the checks of certificates or by lookups, or say only what did not happen.
            assertThat(seen).containsExactlyInAnyOrder(TlsReason.POLICY_NONE, TlsReason.NOT_OFFERED, TlsReason.NEAR_MISS, TlsReason.HELO_ONLY,
                    TlsReason.REFUSED_TEMPORARILY, TlsReason.REFUSED_PERMANENTLY, TlsReason.UNEXPECTED_RESPONSE, TlsReason.HANDSHAKE_FAILED,
                    TlsReason.HANDSHAKE_FAILED_BEFORE, TlsReason.HOST_MISMATCH, TlsReason.NO_NAME_TO_VERIFY);
        }

        private void collect(HostTerms terms, Set<TlsReason> seen) {
            for (StartTlsOffer offer : StartTlsOffer.values()) {
                switch (TlsRules.afterEhlo(terms, offer)) {
                    case AfterEhlo.Plaintext clear -> seen.add(clear.why());
                    case AfterEhlo.StartTls _ -> { }
                    case AfterEhlo.Abandon stop -> seen.add(stop.why());
                }
            }
            for (int code : CODES) {
                switch (TlsRules.afterStartTlsReply(terms, code)) {
                    case AfterStartTlsReply.Handshake _ -> { }
                    case AfterStartTlsReply.Plaintext clear -> seen.add(clear.why());
                    case AfterStartTlsReply.Abandon stop -> seen.add(stop.why());
                }
            }
            for (HandshakeResult result : List.of(new HandshakeResult.Failed("x"), checks(terms, false))) {
                switch (TlsRules.afterHandshake(terms, result)) {
                    case AfterHandshake.Proceed proceed -> assertThat(proceed.authenticated()).isFalse();
                    case AfterHandshake.StepDown down -> seen.add(down.why().why());
                    case AfterHandshake.Abandon stop -> stop.broken().forEach(fault -> seen.add(fault.why()));
                }
            }
        }
    }

    @Nested
    class AfterAFailedHandshake {

        private HostQuestion preferred(boolean failedBefore) {
            return ask(TlsLevel.PREFERRED, Optional.empty(), Optional.empty(), Optional.of(Domain.of("mx1.example.com")), false, true, failedBefore);
        }

        @Test
        void R_STLS_6_preferredGoesInTheClearOnlyInALaterAttempt() {
            HostTerms terms = terms(preferred(false)).orElseThrow();
            for (LadderStep step : List.of(LadderStep.HYBRID, LadderStep.CLASSICAL, LadderStep.REDUCED)) {
                assertThat(TlsRules.afterHandshake(terms.at(step), new HandshakeResult.Failed("alert")))
                        .isEqualTo(new AfterHandshake.StepDown(new TlsFault(TlsReason.HANDSHAKE_FAILED, "alert"), LadderStep.values()[step.ordinal() + 1]));
            }
            assertThat(TlsRules.afterEhlo(terms(preferred(true)).orElseThrow(), StartTlsOffer.OFFERED))
                    .isEqualTo(new AfterEhlo.Plaintext(TlsReason.HANDSHAKE_FAILED_BEFORE));
        }
    }
}
