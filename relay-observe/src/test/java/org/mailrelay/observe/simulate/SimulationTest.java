package org.mailrelay.observe.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenCertificate;
import org.mailrelay.core.replay.SeenHandshake;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DestinationSettings;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.PolicyException;
import org.mailrelay.core.settings.RouteSettings;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.StartTlsOffer;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.observe.session.HeldRecord;
import org.mailrelay.observe.session.SessionRecord;

class SimulationTest {

    private static final Instant AT = Instant.parse("2026-01-17T12:00:00Z");
    private static final Domain EXAMPLE = Domain.of("example.com");
    private static final SeenPeer CLEAR = new SeenPeer(Optional.of(new SeenPeer.Hello(StartTlsOffer.NOT_OFFERED, StartTlsOffer.NOT_OFFERED, Set.of())), 0, Optional.empty(), Optional.empty());
    private static final SeenPeer GOOD = shaken(Optional.empty());
    private static final SeenPeer EXPIRED = shaken(Optional.of(new TlsFault(TlsReason.CERTIFICATE_EXPIRED, "in 2025")));

    private static SeenPeer shaken(Optional<TlsFault> fault) {
        return new SeenPeer(Optional.of(new SeenPeer.Hello(StartTlsOffer.OFFERED, StartTlsOffer.OFFERED, Set.of())), 220,
                Optional.of(new SeenHandshake.Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", Optional.empty(),
                        Optional.of(new SeenCertificate("ab", AT, List.of("example.com"), false, Optional.empty(), Trust.SYSTEM, fault)), Optional.empty())), Optional.of(Set.of()));
    }

    private static DestinationSettings destinations(TlsLevel level, Optional<PolicyException> exception) {
        TlsTerms terms = new TlsTerms(Optional.empty(), DaneUse.OPPORTUNISTIC, true, List.of(), false, Optional.empty(), exception, List.of());
        DestinationPolicy policy = new DestinationPolicy("example.com", rule(level), "TLSv1.2", List.of(), Trust.SYSTEM, true, false, EhloReading.STRICT, false, false, false,
                DestinationPolicy.IpPreference.V6_PREFERRED, 20, OptionalInt.empty(), 50, 100, Optional.empty(), BounceProfile.DEFAULT, terms);
        return new DestinationSettings(policy, new DomainTable<>(Map.of(EXAMPLE, policy), Map.of()));
    }

    private static TlsRule rule(TlsLevel level) {
        return new TlsRule(level, "conf/destinations.yaml:5", "example.com");
    }

    private static SessionRecord record(Instant at, long dcid, String mx, TlsLevel level, SeenPeer seen, List<TlsReason> unmet, long recipients) {
        Circumstances then = new Circumstances(Optional.empty(), MessageNeed.NONE, Optional.of(Domain.of(mx)), Optional.empty(), Optional.empty(),
                new Published(org.mailrelay.core.tls.DnssecState.INSECURE, org.mailrelay.core.tls.DnssecState.INSECURE, new org.mailrelay.core.tls.TlsaLookup.None(),
                        new org.mailrelay.core.tls.StsLookup.NoPolicy()), LadderStep.HYBRID, DaneUse.OPPORTUNISTIC);
        boolean tls = seen.handshake().isPresent();
        return new SessionRecord(at, dcid, EXAMPLE, "example.com", mx, "192.0.2.1", "10.0.0.1", rule(level).toString(), tls ? "TLSv1.3" : "", "",
                tls || !unmet.isEmpty() ? Optional.empty() : Optional.of(TlsReason.NOT_OFFERED), unmet, List.of(), Optional.empty(), "", List.of(),
                new SessionRecord.Carried(recipients, recipients, recipients), List.of(), false, Optional.of(new SessionRecord.Facts(then, seen, "")));
    }

    private static SessionRecord used(String mx, SeenPeer seen) {
        return record(AT, 30, mx, TlsLevel.PREFERRED, seen, List.of(), 2);
    }

    private static Simulation under(TlsLevel level) {
        return new Simulation(destinations(level, Optional.empty()), RouteSettings.none(), AT);
    }

    private static Shift only(Simulation simulation) {
        return simulation.outlooks().getFirst().inOrder().getFirst();
    }

    @Nested
    class OverRecordsAndLevels {

        @ParameterizedTest
        @EnumSource(TlsLevel.class)
        void whatTheLevelMakesOfEachKindOfHost(TlsLevel level) {
            Map<SeenPeer, Fate> expected = switch (level) {
                case NONE -> Map.of(CLEAR, Fate.CLEAR, GOOD, Fate.CLEAR, EXPIRED, Fate.CLEAR);
                case PREFERRED -> Map.of(CLEAR, Fate.CLEAR, GOOD, Fate.ENCRYPTED, EXPIRED, Fate.ENCRYPTED);
                case PREFERRED_VERIFY -> Map.of(CLEAR, Fate.CLEAR, GOOD, Fate.VERIFIED, EXPIRED, Fate.ENCRYPTED);
                case REQUIRED -> Map.of(CLEAR, Fate.DEFERRED, GOOD, Fate.ENCRYPTED, EXPIRED, Fate.ENCRYPTED);
                case REQUIRED_VERIFY, REQUIRED_VERIFY_HOSTED -> Map.of(CLEAR, Fate.DEFERRED, GOOD, Fate.VERIFIED, EXPIRED, Fate.DEFERRED);
            };
            expected.forEach((seen, fate) -> {
                Simulation simulation = under(level);
                simulation.session(used("mx1.example.com", seen));
                assertThat(only(simulation).after()).as(level + " " + seen).isEqualTo(fate);
                assertThat(only(simulation).before()).isEqualTo(seen == CLEAR ? Fate.CLEAR : Fate.ENCRYPTED);
            });
        }

        @Test
        void lessProtectionAndDeferralAreWorseAndNothingElseIs() {
            for (Fate before : Fate.values()) {
                for (Fate after : Fate.values()) {
                    boolean worse = List.of(Fate.CLEAR, Fate.ENCRYPTED, Fate.VERIFIED).contains(before) && (after == Fate.DEFERRED || before == Fate.VERIFIED && after == Fate.ENCRYPTED
                            || before != Fate.CLEAR && after == Fate.CLEAR);
                    assertThat(Fate.worse(before, after)).as(before + " -> " + after).isEqualTo(worse);
                }
            }
        }
    }

    @Test
    void whatBeganToWaitCountsWithItsConnectionThoughItsRecordComesLater() {
        Simulation simulation = under(TlsLevel.PREFERRED);
        simulation.held(new HeldRecord(AT, 31, EXAMPLE, 4, 6));
        simulation.held(new HeldRecord(AT, 99, EXAMPLE, 1, 1));
        simulation.session(record(AT, 31, "mx1.example.com", TlsLevel.REQUIRED, CLEAR, List.of(TlsReason.NOT_OFFERED), 0));
        DomainOutlook outlook = simulation.outlooks().getFirst();
        assertThat(outlook.before()).containsExactly(Map.entry(Fate.DEFERRED, new Amount(1, 4, 6)));
        assertThat(outlook.after()).containsExactly(Map.entry(Fate.CLEAR, new Amount(1, 4, 6)));
        assertThat(simulation.outlooks().getFirst().before()).as("asked again").containsExactly(Map.entry(Fate.DEFERRED, new Amount(1, 4, 6)));
        assertThat(outlook.worse()).isFalse();
    }

    @Test
    void namesTheOtherHostsThatWouldTakeWhatOneWouldNot() {
        Simulation simulation = under(TlsLevel.REQUIRED_VERIFY);
        simulation.session(used("mx1.example.com", EXPIRED));
        simulation.session(used("mx2.example.com", GOOD));
        DomainOutlook outlook = simulation.outlooks().getFirst();
        assertThat(outlook.inOrder()).extracting(outlook::elsewhere).containsExactly(List.of("mx2.example.com"), List.of());
        assertThat(outlook.worse()).isTrue();
    }

    @Test
    void attemptsInWhichPolicyHadNoSayAndOldRecordsAreCountedApart() {
        Simulation simulation = under(TlsLevel.REQUIRED);
        SessionRecord refused = new SessionRecord(AT, 32, EXAMPLE, "example.com", "mx1.example.com", "192.0.2.1", "", "", "", "", Optional.empty(), List.of(), List.of(), Optional.empty(),
                "Connection refused", List.of(), SessionRecord.Carried.NOTHING, List.of(), false, Optional.empty());
        SessionRecord old = new SessionRecord(AT, 33, EXAMPLE, "example.com", "mx1.example.com", "192.0.2.1", "", "", "TLSv1.3", "", Optional.empty(), List.of(), List.of(), Optional.empty(),
                "", List.of(), SessionRecord.Carried.NOTHING, List.of(), false, Optional.empty());
        simulation.session(refused);
        simulation.session(old);
        DomainOutlook outlook = simulation.outlooks().getFirst();
        assertThat(outlook.failures()).isEqualTo(1);
        assertThat(outlook.unrecordedAttempts()).isEqualTo(1);
        assertThat(outlook.changes()).isFalse();
    }

    @Test
    void manyReasonsOfOneDomainTakeBoundedMemoryAndLoseNoCount() {
        Simulation simulation = under(TlsLevel.REQUIRED);
        for (int n = 0; n < 5_000; n++) {
            simulation.session(used("mx" + n + ".example.com", CLEAR));
        }
        DomainOutlook outlook = simulation.outlooks().getFirst();
        assertThat(outlook.inOrder()).hasSizeLessThanOrEqualTo(101);
        assertThat(outlook.after()).containsExactly(Map.entry(Fate.DEFERRED, new Amount(5_000, 10_000, 10_000)));
    }

    @Nested
    class Exceptions {

        private static final PolicyException EXCEPTION = new PolicyException("conf/destinations.yaml:7", "example.com", Optional.of(rule(TlsLevel.PREFERRED)), Optional.empty(), Optional.empty(),
                Optional.empty(), "no TLS", "net@example.org", LocalDate.of(2026, 1, 31), AT.plusSeconds(1_000_000));

        private final ExceptionNeeds needs = new ExceptionNeeds(destinations(TlsLevel.REQUIRED, Optional.of(EXCEPTION)), RouteSettings.none());

        private ExceptionNeeds.Need need(SessionRecord... records) {
            List.of(records).forEach(needs::session);
            return needs.needs().getFirst();
        }

        private SessionRecord at(int hour, SeenPeer seen) {
            return record(AT.plusSeconds(hour * 3_600L), hour, "mx1.example.com", TlsLevel.PREFERRED, seen, List.of(), 1);
        }

        @Test
        void isNeededNoMoreOnceTheAttemptsMeetThePolicyWithoutIt() {
            ExceptionNeeds.Need need = need(at(1, CLEAR), at(2, GOOD), at(50, EXPIRED));
            assertThat(need.isNeededNoMore()).isTrue();
            assertThat(need.without()).isEqualTo(2);
            assertThat(need.attempts()).isEqualTo(3);
            assertThat(need.stoppedLast()).contains(AT.plusSeconds(3_600));
            assertThat(need.first()).contains(AT.plusSeconds(2 * 3_600));
        }

        @Test
        void isNeededWhereTheLastAttemptWouldHaveBeenStopped() {
            ExceptionNeeds.Need need = need(at(1, GOOD), at(2, CLEAR));
            assertThat(need.isNeededNoMore()).isFalse();
            assertThat(need.stoppedBy()).isEqualTo("STARTTLS not offered");
        }

        @Test
        void saysNothingWithoutAnAttempt() {
            assertThat(need().isNeededNoMore()).isFalse();
            assertThat(need().untold()).isEmpty();
        }

        /// Records come in the order in which connections ended.
        @Test
        void aLongConnectionThatNeededItDoesNotHideBehindAShortOne() {
            assertThat(need(at(5, GOOD), at(1, CLEAR)).isNeededNoMore()).isFalse();
            assertThat(need(at(6, GOOD)).isNeededNoMore()).isTrue();
        }
    }
}
