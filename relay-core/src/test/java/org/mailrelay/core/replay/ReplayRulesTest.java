package org.mailrelay.core.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.StartTlsOffer;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.core.tls.Trust;

class ReplayRulesTest {

    private static final Domain DOMAIN = Domain.of("example.com");
    private static final Domain HOST = Domain.of("mx1.example.net");
    private static final List<TlsaLookup> TLSA = List.of(new TlsaLookup.None(), new TlsaLookup.AllUnusable(HOST), new TlsaLookup.Failed("SERVFAIL"),
            new TlsaLookup.Usable(List.of(new TlsaRecord(3, 1, 1, "ab".repeat(32))), HOST, List.of(HOST)));
    private static final List<StsLookup> STS = List.of(new StsLookup.NotAsked(), new StsLookup.NoPolicy(), sts(StsPolicy.Mode.ENFORCE, "mx1.example.net"),
            sts(StsPolicy.Mode.ENFORCE, "other.example"), sts(StsPolicy.Mode.TESTING, "other.example"));
    private static final List<Integer> REPLIES = List.of(0, 220, 454, 421);
    private static final SeenCertificate GOOD = certificate(List.of("mx1.example.net"), false, Optional.empty());
    private static final Optional<SeenHandshake.Match> MATCHED = Optional.of(new SeenHandshake.Match(Optional.empty(), "DANE-EE 3 1 1"));
    private static final List<Optional<SeenHandshake>> HANDSHAKES = List.of(Optional.empty(), Optional.of(new SeenHandshake.Failed("alert 40", false)), done(GOOD, MATCHED), done(GOOD, Optional.empty()),
            done(certificate(List.of("other.example"), false, Optional.empty()), Optional.of(new SeenHandshake.Match(Optional.of(TlsReason.DANE_MISMATCH), "1 record"))),
            done(certificate(List.of("mx1.example.net"), false, Optional.of(new TlsFault(TlsReason.CERTIFICATE_EXPIRED, "in 2025"))), Optional.empty()));

    private static StsLookup sts(StsPolicy.Mode mode, String pattern) {
        return new StsLookup.InForce(new StsPolicy(DOMAIN, "20260101", mode, Duration.ofDays(7), List.of(pattern)), Instant.EPOCH);
    }

    private static SeenCertificate certificate(List<String> names, boolean more, Optional<TlsFault> fault) {
        return new SeenCertificate("ab", Instant.EPOCH, names, more, Optional.empty(), Trust.SYSTEM, fault);
    }

    private static Optional<SeenHandshake> done(SeenCertificate certificate, Optional<SeenHandshake.Match> dane) {
        return Optional.of(new SeenHandshake.Completed("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", Optional.empty(), Optional.of(certificate), dane));
    }

    /// What may differ between policies here.
    private record Asked(TlsLevel level, DaneUse dane, boolean mtaSts, List<String> names, Trust trust, String version, List<String> ciphers, EhloReading ehlo, boolean clearLater) {

        static Asked of(TlsLevel level) {
            return new Asked(level, DaneUse.OPPORTUNISTIC, true, List.of(), Trust.SYSTEM, "TLSv1.2", List.of(), EhloReading.STRICT, true);
        }

        Asked withNames(String name) {
            return new Asked(level, dane, mtaSts, List.of(name), trust, version, ciphers, ehlo, clearLater);
        }

        DestinationPolicy policy() {
            TlsTerms terms = new TlsTerms(Optional.empty(), dane, mtaSts, ciphers, false, Optional.empty(), Optional.empty(), List.of());
            return new DestinationPolicy("example.com", new TlsRule(level, "conf/destinations.yaml:5", "example.com"), version, names, trust, clearLater, false, ehlo, false, false, false,
                    DestinationPolicy.IpPreference.V6_PREFERRED, 20, OptionalInt.empty(), 50, 100, Optional.empty(), BounceProfile.DEFAULT, terms);
        }
    }

    private static Circumstances then(DaneUse dane, MessageNeed need, Published published) {
        return new Circumstances(Optional.empty(), need, Optional.of(HOST), Optional.empty(), Optional.empty(), published, LadderStep.HYBRID, dane);
    }

    private static final Circumstances PLAIN = then(DaneUse.OPPORTUNISTIC, MessageNeed.NONE, new Published(DnssecState.INSECURE, DnssecState.INSECURE, new TlsaLookup.None(), new StsLookup.NoPolicy()));

    private static SeenPeer seen(StartTlsOffer offer, int reply, Optional<SeenHandshake> handshake) {
        return new SeenPeer(Optional.of(new SeenPeer.Hello(offer, offer, Set.of())), reply, handshake, Optional.of(Set.of(Keyword.REQUIRETLS)));
    }

    private static SeenPeer encrypted(SeenCertificate certificate) {
        return seen(StartTlsOffer.OFFERED, 220, done(certificate, Optional.empty()));
    }

    private static Foreseen foresee(Asked asked, Circumstances then, SeenPeer seen) {
        return ReplayRules.foresee(asked.policy(), DOMAIN, then, seen);
    }

    private interface Each {
        void accept(Asked asked, Circumstances then, SeenPeer seen, Foreseen foreseen);
    }

    private static int all(Each each) {
        int count = 0;
        for (TlsLevel level : TlsLevel.values()) {
            for (DaneUse dane : DaneUse.values()) {
                for (boolean mtaSts : List.of(true, false)) {
                    Asked asked = new Asked(level, dane, mtaSts, List.of(), Trust.SYSTEM, "TLSv1.2", List.of(), EhloReading.STRICT, true);
                    DestinationPolicy policy = asked.policy();
                    for (MessageNeed need : MessageNeed.values()) {
                        for (TlsaLookup tlsa : TLSA) {
                            for (StsLookup sts : STS) {
                                for (DaneUse before : List.of(DaneUse.NONE, DaneUse.OPPORTUNISTIC)) {
                                    Circumstances then = then(before, need, new Published(DnssecState.SECURE, DnssecState.SECURE, tlsa, sts));
                                    for (StartTlsOffer offer : StartTlsOffer.values()) {
                                        for (int reply : REPLIES) {
                                            for (Optional<SeenHandshake> handshake : HANDSHAKES) {
                                                SeenPeer seen = seen(offer, reply, handshake);
                                                each.accept(asked, then, seen, ReplayRules.foresee(policy, DOMAIN, then, seen));
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
        return count;
    }

    private static void check(boolean holds, Asked asked, Circumstances then, SeenPeer seen, Foreseen foreseen) {
        if (!holds) {   // far cheaper than a description a case
            throw new AssertionError(asked + " " + then + " " + seen + " -> " + foreseen);
        }
    }

    @Nested
    class OverRecordsAndLevels {

        @Test
        void theCasesAreCounted() {
            assertThat(all((_, _, _, _) -> { })).isEqualTo(6 * 3 * 2 * 3 * 4 * 5 * 2 * 4 * 4 * 6);
        }

        @Test
        void nothingCrossesInTheClearUnderARequiredLevel() {
            all((asked, then, seen, foreseen) -> check(!asked.level().required() || !(foreseen instanceof Foreseen.InTheClear), asked, then, seen, foreseen));
        }

        @Test
        void underNoneAllIsInTheClearButForRequireTls() {
            all((asked, then, seen, foreseen) -> check(asked.level() != TlsLevel.NONE
                    || (then.need() == MessageNeed.REQUIRE_TLS ? foreseen instanceof Foreseen.Deferred : foreseen instanceof Foreseen.InTheClear), asked, then, seen, foreseen));
        }

        /// Where the operator, DANE, MTA-STS and the message demand nothing, only an answer out of place stops mail.
        @Test
        void preferredDefersNothingThatNobodyDemands() {
            all((asked, then, seen, foreseen) -> {
                boolean demanded = then.need() != MessageNeed.NONE || asked.dane() != DaneUse.NONE && !(then.published().tlsa() instanceof TlsaLookup.None) || asked.dane() == DaneUse.MANDATORY
                        || asked.mtaSts() && then.published().sts() instanceof StsLookup.InForce(var policy, _) && policy.mode() == StsPolicy.Mode.ENFORCE;
                check(asked.level() != TlsLevel.PREFERRED || demanded || seen.startTlsReply() == 421 || !(foreseen instanceof Foreseen.Deferred), asked, then, seen, foreseen);
            });
        }

        @Test
        void nobodyIsVerifiedWithoutAPathOrAMatch() {
            all((asked, then, seen, foreseen) -> check(!(foreseen instanceof Foreseen.Verified)
                    || seen.handshake().orElseThrow() instanceof SeenHandshake.Completed done && (done.certificate().equals(Optional.of(GOOD)) || done.dane().equals(MATCHED)),
                    asked, then, seen, foreseen));
        }

        /// What was not looked up, not offered or not tried, and nothing else.
        @Test
        void onlyWhatWasNotAskedIsUnknown() {
            all((asked, then, seen, foreseen) -> check(!(foreseen instanceof Foreseen.Unknown) || asked.dane() != DaneUse.NONE && then.dane() == DaneUse.NONE
                    || asked.mtaSts() && then.published().sts() instanceof StsLookup.NotAsked || seen.startTlsReply() == 0 || seen.handshake().isEmpty()
                    || seen.handshake().get() instanceof SeenHandshake.Completed done && done.dane().isEmpty() && then.published().tlsa() instanceof TlsaLookup.Usable, asked, then, seen, foreseen));
        }

        /// `none` apart: DANE and MTA-STS are not asked for it.
        @Test
        void aHigherLevelNeverDeliversWhatALowerOneDefers() {
            all((asked, then, seen, foreseen) -> {
                if (foreseen instanceof Foreseen.Deferred && asked.level() != TlsLevel.NONE) {
                    for (TlsLevel higher : EnumSet.range(asked.level(), TlsLevel.REQUIRED_VERIFY_HOSTED)) {
                        Asked more = new Asked(higher, asked.dane(), asked.mtaSts(), asked.names(), asked.trust(), asked.version(), asked.ciphers(), asked.ehlo(), asked.clearLater());
                        Foreseen other = foresee(more, then, seen);
                        check(other instanceof Foreseen.Deferred, more, then, seen, other);
                    }
                }
            });
        }
    }

    @Test
    void aHostThatWasUsedInTheClearWouldBeLeftUnderRequired() {
        SeenPeer clear = seen(StartTlsOffer.NOT_OFFERED, 0, Optional.empty());
        assertThat(foresee(Asked.of(TlsLevel.PREFERRED), PLAIN, clear)).isInstanceOf(Foreseen.InTheClear.class);
        assertThat(foresee(Asked.of(TlsLevel.REQUIRED), PLAIN, clear)).isEqualTo(new Foreseen.Deferred(new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:5", "example.com"),
                List.of(new TlsFault(TlsReason.NOT_OFFERED))));
    }

    @Test
    void aNameThatNobodyLookedForIsFoundAmongThoseOfTheCertificate() {
        SeenPeer peer = encrypted(certificate(List.of("*.example.net", "mail.partner.example"), false, Optional.empty()));
        assertThat(foresee(Asked.of(TlsLevel.REQUIRED_VERIFY), PLAIN, peer)).isEqualTo(new Foreseen.Verified(
                new TlsRule(TlsLevel.REQUIRED_VERIFY, "conf/destinations.yaml:5", "example.com"), "PKIX name mx1.example.net"));
        assertThat(foresee(Asked.of(TlsLevel.REQUIRED_VERIFY).withNames(".partner.example"), PLAIN, peer).words()).isEqualTo("PKIX name .partner.example");
        assertThat(foresee(Asked.of(TlsLevel.REQUIRED_VERIFY).withNames("mx.partner.example"), PLAIN, peer).words()).startsWith("certificate name mismatch");
    }

    @Test
    void aNameThatWasNotKeptIsUnknown() {
        SeenPeer peer = encrypted(certificate(List.of("a.example"), true, Optional.empty()));
        assertThat(foresee(Asked.of(TlsLevel.REQUIRED_VERIFY).withNames("mx.partner.example"), PLAIN, peer)).isEqualTo(
                new Foreseen.Unknown("the certificate has more names than were kept, and mx.partner.example was not looked for then"));
    }

    @Test
    void otherAuthoritiesAreUnknown() {
        Asked own = new Asked(TlsLevel.REQUIRED_VERIFY, DaneUse.NONE, false, List.of(), new Trust(false, List.of(Path.of("/ca.pem"))), "TLSv1.2", List.of(), EhloReading.STRICT, true);
        assertThat(foresee(own, PLAIN, encrypted(GOOD))).isEqualTo(new Foreseen.Unknown("the chain was not held against these authorities (trust)"));
    }

    @Test
    void aHostThatAgreedOnAnOlderVersionFailsUnderANewerLeast() {
        Asked newer = new Asked(TlsLevel.REQUIRED, DaneUse.NONE, false, List.of(), Trust.SYSTEM, "TLSv1.3", List.of(), EhloReading.STRICT, true);
        assertThat(foresee(newer, PLAIN, encrypted(GOOD)).words()).isEqualTo("TLS handshake failed (the host speaks TLSv1.2 at most, the policy asks for TLSv1.3)");
        Asked optional = new Asked(TlsLevel.PREFERRED, DaneUse.NONE, false, List.of(), Trust.SYSTEM, "TLSv1.3", List.of(), EhloReading.STRICT, true);
        assertThat(foresee(optional, PLAIN, encrypted(GOOD))).isInstanceOf(Foreseen.InTheClear.class);
    }

    @Test
    void ciphersThatWereNotAgreedAreUnknown() {
        Asked few = new Asked(TlsLevel.REQUIRED, DaneUse.NONE, false, List.of(), Trust.SYSTEM, "TLSv1.2", List.of("AES128-SHA"), EhloReading.STRICT, true);
        assertThat(foresee(few, PLAIN, encrypted(GOOD))).isInstanceOf(Foreseen.Unknown.class);
    }

    /// The host this relay was written for: STARTTLS in the first line.
    @Test
    void theTolerantReadingIsForeseenToo() {
        SeenPeer.Hello hello = SeenPeer.Hello.ofEhlo(new Reply(250, List.of("STARTTLS", "SIZE 1000"), 0)).orElseThrow();
        assertThat(hello.offer(EhloReading.STRICT)).isNotEqualTo(StartTlsOffer.OFFERED);
        assertThat(hello.offer(EhloReading.TOLERANT)).isEqualTo(StartTlsOffer.OFFERED);
        SeenPeer peer = new SeenPeer(Optional.of(hello), 0, Optional.empty(), Optional.empty());
        Asked strict = Asked.of(TlsLevel.REQUIRED);
        Asked tolerant = new Asked(TlsLevel.REQUIRED, DaneUse.OPPORTUNISTIC, true, List.of(), Trust.SYSTEM, "TLSv1.2", List.of(), EhloReading.TOLERANT, true);
        assertThat(foresee(strict, PLAIN, peer)).isInstanceOf(Foreseen.Deferred.class);
        assertThat(foresee(tolerant, PLAIN, peer)).isEqualTo(new Foreseen.Unknown("STARTTLS is offered and was not tried"));
    }

    @Test
    void aHostThatPolicyLeftOutIsUnknownUnderOneThatTriesIt() {
        Circumstances listedNowhere = then(DaneUse.OPPORTUNISTIC, MessageNeed.NONE, new Published(DnssecState.INSECURE, DnssecState.INSECURE, new TlsaLookup.None(), STS.get(3)));
        assertThat(foresee(Asked.of(TlsLevel.PREFERRED), listedNowhere, SeenPeer.NOTHING)).isInstanceOf(Foreseen.Deferred.class);
        Asked off = new Asked(TlsLevel.PREFERRED, DaneUse.NONE, false, List.of(), Trust.SYSTEM, "TLSv1.2", List.of(), EhloReading.STRICT, true);
        assertThat(foresee(off, listedNowhere, SeenPeer.NOTHING)).isEqualTo(new Foreseen.Unknown("no connection was made that came as far as EHLO"));
    }

    @Test
    void aRouteWithCredentialsKeepsItsOwnDemand() {
        Circumstances routed = new Circumstances(Optional.empty(), MessageNeed.NONE, Optional.of(HOST),
                Optional.of(new HostQuestion.Route(new TlsRule(TlsLevel.NONE, "conf/routes.yaml:3", "ALL"), true, true)), Optional.of("hub:465"), Published.NOTHING, LadderStep.HYBRID, DaneUse.NONE);
        Asked none = new Asked(TlsLevel.NONE, DaneUse.NONE, false, List.of(), Trust.SYSTEM, "TLSv1.2", List.of(), EhloReading.STRICT, true);
        SeenPeer implicit = new SeenPeer(Optional.empty(), 0, done(GOOD, Optional.empty()), Optional.of(Set.of()));
        assertThat(foresee(none, routed, implicit)).isInstanceOf(Foreseen.Verified.class);
    }
}
