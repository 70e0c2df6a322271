package org.mailrelay.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.path.PathRules.Evidence;
import org.mailrelay.core.path.PathRules.Met;
import org.mailrelay.core.path.PathRules.Weight;
import org.mailrelay.core.tls.AfterPathLook;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.TlsBasis;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRequirement.Encryption;
import org.mailrelay.core.tls.TlsRule;

class PathRulesTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final List<Showing> SHOWINGS = List.of(new Showing.Encrypted("a", false), new Showing.Encrypted("a", true), new Showing.Encrypted("b", false),
            new Showing.Encrypted("b", true), new Showing.Bare(), new Showing.Untried());
    private static final List<Duration> AGES = List.of(Duration.ZERO, Duration.ofHours(23), Duration.ofHours(25), Duration.ofDays(29), Duration.ofDays(31));

    private static List<Optional<Known>> everythingKnown() {
        List<Optional<Known>> all = new ArrayList<>(List.of(Optional.empty()));
        for (boolean encrypted : List.of(true, false)) {
            for (Duration age : AGES) {
                for (Optional<Instant> lost : List.of(Optional.<Instant>empty(), Optional.of(NOW.minus(WINDOW)), Optional.of(NOW.minus(WINDOW).minusSeconds(1)))) {
                    all.add(Optional.of(new Known(encrypted, encrypted ? List.of("a") : List.of(), NOW.minus(age), lost)));
                }
            }
        }
        return all;
    }

    private static final List<PathState> STATES = List.of(new PathState.Trusted(), new PathState.Suspected(NOW.minusSeconds(60), NOW.plusSeconds(1)),
            new PathState.Suspected(NOW.minusSeconds(60), NOW), new PathState.GivenUp(NOW.minusSeconds(60)), new PathState.GivenUp(NOW.minus(Duration.ofDays(2))));

    @Nested
    class WhatIsRememberedOfAHost {

        @Test
        void aLossNeedsSomethingThatWasThereBefore() {
            Set<Change> reached = new HashSet<>();
            for (Optional<Known> known : everythingKnown()) {
                for (Showing showing : SHOWINGS) {
                    Change change = Known.change(known, showing, NOW);
                    reached.add(change);
                    String found = known + " " + showing;
                    if (change.loss()) {
                        assertThat(known.orElseThrow().encrypted()).as(found).isTrue();
                    }
                    if (showing instanceof Showing.Encrypted(var certificate, boolean verified) && (verified || certificate.equals("a"))) {
                        assertThat(change.loss()).as(found).isFalse();
                    }
                    if (change == Change.OTHER_CERTIFICATE) {
                        assertThat(known.orElseThrow().seen()).as(found).isAfter(NOW.minus(Duration.ofHours(25)));
                    }
                }
            }
            assertThat(reached).containsExactlyInAnyOrder(Change.values());
        }

        @Test
        void whileThePathIsSuspectedNoLossReplacesWhatIsKnown() {
            for (Optional<Known> known : everythingKnown()) {
                for (Showing showing : SHOWINGS) {
                    Optional<Known> after = Known.after(known, showing, NOW, WINDOW, true);
                    if (Known.change(known, showing, NOW).loss()) {
                        assertThat(after.orElseThrow().certificates()).isEqualTo(known.orElseThrow().certificates());
                        assertThat(after.orElseThrow().seen()).isEqualTo(known.orElseThrow().seen());
                    }
                    if (known.isEmpty() && !(showing instanceof Showing.Encrypted)) {
                        assertThat(after).isEmpty();
                    }
                }
            }
        }

        @Test
        void aLossThatLastsIsTheHostsNewWay() {
            Optional<Known> known = Optional.of(new Known(true, List.of("a"), NOW.minus(WINDOW).minusSeconds(2), Optional.of(NOW.minus(WINDOW).minusSeconds(1))));
            assertThat(Known.after(known, new Showing.Bare(), NOW, WINDOW, false)).contains(new Known(false, List.of(), NOW, Optional.empty()));
            assertThat(Known.after(known, new Showing.Encrypted("b", false), NOW, WINDOW, false)).contains(new Known(true, List.of("b"), NOW, Optional.empty()));
        }

        @Test
        void aLossBeginsAnewWhereTheClockWasSetBack() {
            Optional<Known> known = Optional.of(new Known(true, List.of("a"), NOW, Optional.of(NOW.plus(Duration.ofDays(300)))));
            assertThat(Known.after(known, new Showing.Bare(), NOW, WINDOW, false).orElseThrow().lostSince()).contains(NOW);
        }

        @Test
        void aHostWithSeveralMachinesIsKnownByAllTheirCertificates() {
            Optional<Known> known = Optional.empty();
            for (int round = 0; round < 3; round++) {
                for (String certificate : List.of("a", "b", "c", "d")) {
                    if (round > 0) {
                        assertThat(Known.change(known, new Showing.Encrypted(certificate, false), NOW)).isEqualTo(Change.SAME);
                    }
                    known = Known.after(known, new Showing.Encrypted(certificate, round == 0), NOW, WINDOW, false);
                }
            }
            assertThat(known.orElseThrow().certificates()).containsExactly("d", "c", "b", "a");
        }

        @Test
        void whatWasNotTriedChangesNothingThatIsKnown() {
            everythingKnown().stream().filter(known -> known.isEmpty() || !known.get().encrypted())
                    .forEach(known -> assertThat(Known.after(known, new Showing.Untried(), NOW, WINDOW, false)).isEqualTo(known));
        }
    }

    @Nested
    class WhichHostsAreUnrelated {

        private Affiliation of(String name, String address) {
            try {
                return Affiliation.of(Optional.of(name).filter(text -> !text.isEmpty()).map(Domain::of), InetAddress.getByName(address));
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        @Test
        void anOperatorsHostsAndANetworksHostsCountOnce() {
            assertThat(Affiliation.unrelated(List.of(of("mx1.example.com", "192.0.2.1"), of("mx2.example.com", "198.51.100.1")))).isEqualTo(1);
            assertThat(Affiliation.unrelated(List.of(of("mx.example.com", "192.0.2.1"), of("mx.example.net", "192.0.2.200")))).isEqualTo(1);
            assertThat(Affiliation.unrelated(List.of(of("mx.example.com", "192.0.2.1"), of("mx.example.net", "198.51.100.1")))).isEqualTo(2);
            assertThat(Affiliation.unrelated(List.of(of("mx.a.co.uk", "192.0.2.1"), of("mx.b.co.uk", "198.51.100.1")))).isEqualTo(2);
            assertThat(Affiliation.unrelated(List.of(of("a.b.example.co.uk", "192.0.2.1"), of("c.example.co.uk", "198.51.100.1")))).isEqualTo(1);
            assertThat(Affiliation.unrelated(List.of(of("", "2001:db8:1::1"), of("", "2001:db8:1:2::1"), of("", "2001:db8:2::1")))).isEqualTo(2);
            assertThat(Affiliation.unrelated(List.of())).isZero();
        }
    }

    @Nested
    class WhenAPathIsSuspected {

        private final OwnPathTerms terms = OwnPathTerms.DEFAULT;

        private Collection<Met> met(int lost, int same, int first) {
            List<Met> all = new ArrayList<>();
            IntStream.range(0, lost).forEach(i -> all.add(new Met(new Affiliation("l" + i, "l" + i), i % 2 == 0 ? Change.TLS_LOST : Change.OTHER_CERTIFICATE)));
            IntStream.range(0, same).forEach(i -> all.add(new Met(new Affiliation("s" + i, "s" + i), Change.SAME)));
            IntStream.range(0, first).forEach(i -> all.add(new Met(new Affiliation("f" + i, "f" + i), i % 2 == 0 ? Change.FIRST : Change.NEVER_HAD)));
            return all;
        }

        @Test
        void bothTheNumberAndTheShareMustBeReached() {
            for (int lost = 0; lost <= 12; lost++) {
                for (int same = 0; same <= 12; same++) {
                    for (int first : List.of(0, 20)) {
                        assertThat(PathRules.alarming(terms, PathRules.weigh(met(lost, same, first)))).as(lost + " of " + (lost + same)).isEqualTo(lost >= 5 && lost >= same);
                    }
                }
            }
            assertThat(PathRules.alarming(OwnPathTerms.OFF, new Weight(100, 100))).isFalse();
        }

        @Test
        void statesFollowEachOtherInOneOrderOnly() {
            for (OwnPathTerms each : List.of(terms, OwnPathTerms.OFF, new OwnPathTerms(5, 50, WINDOW, Duration.ZERO))) {
                for (PathState state : STATES) {
                    for (Weight weight : List.of(new Weight(0, 0), new Weight(5, 10), new Weight(5, 11))) {
                        for (int affected = 0; affected <= 6; affected++) {
                            for (int back = 0; back <= affected; back++) {
                                follows(each, state, new Evidence(weight, affected, back));
                            }
                        }
                    }
                }
            }
        }

        private void follows(OwnPathTerms each, PathState state, Evidence evidence) {
            PathState next = PathRules.next(state, each, evidence, NOW);
            boolean recovered = evidence.back() > 0 && evidence.back() * 2 >= evidence.affected();
            switch (state) {
                case PathState.Trusted _ -> {
                    boolean alarm = each.on() && evidence.weight().lost() * 2 >= evidence.weight().of() && evidence.weight().lost() >= 5;
                    assertThat(next).isEqualTo(!alarm ? state : each.hold().isZero() ? new PathState.GivenUp(NOW) : new PathState.Suspected(NOW, NOW.plus(each.hold())));
                }
                case PathState.Suspected(var since, var until) ->
                        assertThat(next).isEqualTo(recovered || !each.on() ? new PathState.Trusted() : NOW.isBefore(until) ? state : new PathState.GivenUp(since));
                case PathState.GivenUp(var since) ->
                        assertThat(next).isEqualTo(recovered || !each.on() || since.isBefore(NOW.minus(Duration.ofDays(1))) ? new PathState.Trusted() : state);
            }
        }

        @Test
        void aClockThatIsSetBackMakesMailWaitNoLongerThanTheBound() {
            Evidence nothing = new Evidence(new Weight(0, 0), 3, 0);
            Instant later = NOW.plus(Duration.ofDays(300));
            assertThat(PathRules.next(new PathState.Suspected(later, later.plus(terms.hold())), terms, nothing, NOW)).isEqualTo(new PathState.Suspected(NOW, NOW.plus(terms.hold())));
            assertThat(PathRules.next(new PathState.GivenUp(later), terms, nothing, NOW)).isEqualTo(new PathState.GivenUp(NOW));
        }

        @Test
        void onlyWhatIsLostOrNewAndBareIsInDoubtAndOnlyWhileThePathIsSuspected() {
            for (PathState state : STATES) {
                for (Change change : Change.values()) {
                    for (Showing showing : SHOWINGS) {
                        boolean doubtful = change.loss() || change == Change.FIRST && !(showing instanceof Showing.Encrypted);
                        assertThat(PathRules.inDoubt(state, change, showing)).isEqualTo(state instanceof PathState.Suspected && doubtful);
                    }
                }
            }
        }
    }

    @Nested
    class WhatWaits {

        private HostTerms terms(Encryption encryption, TlsReason clear, MessageNeed need) {
            List<TlsBasis> because = need == MessageNeed.NONE ? List.of() : List.of(new TlsBasis.Message(need));
            return new HostTerms(TlsRequirement.of(encryption), new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:3", "default"), false, false, clear, false,
                    org.mailrelay.core.tls.LadderStep.HYBRID, new HostTerms.Bounds(because, List.of(), false, Optional.empty()));
        }

        /// What was promised stays promised, what the operator wants without TLS goes without, and a sender's `TLS-Required: No` is heard (RFC 8689 §4.2.2).
        @Test
        void onlyOpportunisticMailIsMadeToWaitAndNothingIsEverLowered() {
            for (Encryption encryption : Encryption.values()) {
                for (TlsReason clear : List.of(TlsReason.POLICY_NONE, TlsReason.HANDSHAKE_FAILED_BEFORE)) {
                    for (MessageNeed need : MessageNeed.values()) {
                        HostTerms terms = terms(encryption, clear, need);
                        boolean opportunistic = need != MessageNeed.TLS_NOT_REQUIRED
                                && (encryption == Encryption.IF_OFFERED || encryption == Encryption.NEVER && clear != TlsReason.POLICY_NONE);
                        assertThat(PathRules.afterLook(terms, new PathVerdict.Trusted())).isInstanceOf(AfterPathLook.GoOn.class);
                        assertThat(PathRules.afterLook(terms, new PathVerdict.Suspected("since then")) instanceof AfterPathLook.Wait).as(encryption + " " + clear + " " + need).isEqualTo(opportunistic);
                    }
                }
            }
        }
    }
}
