package org.mailrelay.observe.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenCertificate;
import org.mailrelay.core.replay.SeenHandshake;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.PublishedPolicy;
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
import org.mailrelay.observe.store.LineStore;
import org.mailrelay.testkit.time.ManualClock;

class SessionRecordsTest {

    private static final Instant AT = Instant.parse("2026-01-17T12:00:00Z");
    private static final Domain EXAMPLE = Domain.of("example.com");
    private static final TlsRule RULE = new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:14", "example.com");
    private static final PublishedPolicy STS = new PublishedPolicy(PublishedPolicy.Type.STS, List.of("version: STSv1", "mode: enforce", "mx: *.example.com", "max_age: 86400"), EXAMPLE,
            List.of("*.example.com"));

    @TempDir
    Path folder;

    private LineStore store;
    private SessionRecords records;

    @BeforeEach
    void open() {
        store = new LineStore(folder, "connections", new LineStore.Bounds(Duration.ofDays(7), 1 << 24), new ManualClock(AT));
        records = new SessionRecords(store, Optional.of("tls-reports@relay.example.net"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static DeliveryEvent.Connection connection(long dcid) {
        return new DeliveryEvent.Connection(new Dcid(dcid), EXAMPLE, "example.com", "mx1.example.com", "10.0.0.1", "192.0.2.1", 25);
    }

    private void told(DeliveryEvent event) {
        records.event(event, "");
    }

    private List<SessionRecord> kept() throws Exception {
        List<SessionRecord> kept = new ArrayList<>();
        records.read(AT.minusSeconds(1), AT.plusSeconds(60), kept::add);
        return kept;
    }

    /// R-EHLO-21.
    @Test
    void keepsOneRecordOfAConnectionWithThePoliciesOfItsHost() throws Exception {
        told(new DeliveryEvent.HostPlanned(AT, EXAMPLE, "mx1.example.com", List.of(STS), List.of(TlsReason.TLSA_UNUSABLE)));
        told(new DeliveryEvent.Opened(AT, connection(30)));
        told(new DeliveryEvent.TlsSucceeded(AT, connection(30), RULE, "TLSv1.3", "TLS_AES_256_GCM_SHA384"));
        told(new DeliveryEvent.PeerNotVerified(AT, connection(30), TlsReason.HOST_MISMATCH.words() + ": other.example"));
        told(new DeliveryEvent.TrialUnmet(AT, connection(30), new TlsRule(TlsLevel.REQUIRED_VERIFY, "conf/destinations.yaml:15", "example.com"), List.of(TlsReason.HOST_MISMATCH)));
        told(new DeliveryEvent.Delivered(AT, connection(30), new Mid(1), List.of(0, 1), 10, Duration.ZERO));
        assertThat(kept()).isEmpty();
        told(new DeliveryEvent.Closed(AT, connection(30)));
        assertThat(kept()).containsExactly(new SessionRecord(AT, 30, EXAMPLE, "example.com", "mx1.example.com", "192.0.2.1", "10.0.0.1", RULE.toString(), "TLSv1.3",
                "TLS_AES_256_GCM_SHA384", Optional.empty(), List.of(), List.of(TlsReason.TLSA_UNUSABLE, TlsReason.HOST_MISMATCH),
                Optional.of(new SessionRecord.Trial("required-verify", List.of(TlsReason.HOST_MISMATCH))), "", List.of(), new SessionRecord.Carried(0, 0, 2), List.of(STS), false,
                Optional.empty()));
    }

    private static Published published(TlsaLookup tlsa, StsLookup sts) {
        return new Published(DnssecState.SECURE, DnssecState.INSECURE, tlsa, sts);
    }

    private static Circumstances circumstances(Published published) {
        return new Circumstances(Optional.of(TlsLevel.REQUIRED), MessageNeed.TLS_NOT_REQUIRED, Optional.of(Domain.of("mx1.example.com")),
                Optional.of(new HostQuestion.Route(new TlsRule(TlsLevel.REQUIRED, "conf/routes.yaml:7", "ALL"), true, true)), Optional.of("smarthost.example:587"), published, LadderStep.REDUCED, DaneUse.MANDATORY);
    }

    private static SeenPeer seen(SeenHandshake handshake) {
        return new SeenPeer(Optional.of(new SeenPeer.Hello(StartTlsOffer.NEAR_MISS, StartTlsOffer.OFFERED, Set.of(Keyword.SIZE, Keyword.DSN))), 220, Optional.of(handshake),
                Optional.of(Set.of()));
    }

    private static SeenHandshake done(Optional<SeenCertificate> certificate, Optional<SeenHandshake.Match> dane) {
        return new SeenHandshake.Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", Optional.of("X25519MLKEM768"), certificate, dane);
    }

    private static List<SessionRecord.Facts> facts() {
        TlsaRecord record = new TlsaRecord(3, 1, 1, "ab".repeat(32));
        List<Published> published = List.of(Published.NOTHING, published(new TlsaLookup.Usable(List.of(record, new TlsaRecord(2, 0, 2, "cd".repeat(64))), Domain.of("mx1.example.com"),
                List.of(EXAMPLE, Domain.of("mx1.example.com"))), new StsLookup.NoPolicy()), published(new TlsaLookup.AllUnusable(EXAMPLE), new StsLookup.FetchFailed("timeout", true)),
                published(new TlsaLookup.Failed("SERVFAIL, bogus"), new StsLookup.Broken(2, "", "no mode")),
                published(new TlsaLookup.None(), new StsLookup.InForce(new StsPolicy(EXAMPLE, "20260101", StsPolicy.Mode.TESTING, Duration.ofDays(1), List.of("*.example.com", "mx.example.net")), AT)));
        SeenCertificate certificate = new SeenCertificate("ab12", AT.plusSeconds(9), List.of("mx1.example.com", "*.example.com"), true, Optional.empty(), Trust.SYSTEM, Optional.empty());
        SeenCertificate bad = new SeenCertificate("ab12", AT, List.of(), false, Optional.of("mx1.example.com"), new Trust(false, List.of(Path.of("/etc/own.pem"))),
                Optional.of(new TlsFault(TlsReason.CERTIFICATE_EXPIRED, "valid from 2025")));
        List<SeenPeer> peers = List.of(SeenPeer.NOTHING, seen(new SeenHandshake.Failed("alert 40", true)), seen(done(Optional.empty(), Optional.empty())),
                seen(done(Optional.of(certificate), Optional.of(new SeenHandshake.Match(Optional.empty(), "DANE-EE")))),
                seen(done(Optional.of(bad), Optional.of(new SeenHandshake.Match(Optional.of(TlsReason.HOST_MISMATCH), "none, of them")))));
        return published.stream().flatMap(what -> peers.stream().map(peer -> new SessionRecord.Facts(circumstances(what), peer, ""))).toList();
    }

    @Test
    void whatTheHostShowedIsReadAgainAsItWas() throws Exception {
        for (SessionRecord.Facts fact : facts()) {
            told(new DeliveryEvent.PeerSeen(AT, connection(30), RULE, fact.circumstances(), fact.seen()));
            told(new DeliveryEvent.ConnectionFailed(AT, connection(30), "timeout", false));
        }
        assertThat(kept()).extracting(record -> record.facts().orElseThrow()).containsExactlyElementsOf(facts()).hasSize(25);
    }

    @Test
    void remoteTextsBreakNoRecord() throws Exception {
        Circumstances plain = circumstances(published(new TlsaLookup.Failed("a\tb\u001fc\n,=".repeat(200)), new StsLookup.NoPolicy()));
        told(new DeliveryEvent.PeerSeen(AT, connection(30), RULE, plain, seen(new SeenHandshake.Failed("x\u001f\t\r\n=,held".repeat(500), false))));
        told(new DeliveryEvent.ConnectionFailed(AT, connection(30), "held\ttime=1\n", false));
        assertThat(kept()).singleElement().satisfies(record -> {
            assertThat(record.facts().orElseThrow().circumstances().published().tlsa()).isInstanceOf(TlsaLookup.Failed.class);
            assertThat(record.facts().orElseThrow().seen().handshake()).containsInstanceOf(SeenHandshake.Failed.class);
        });
    }

    /// A record of the version before.
    @Test
    void recordsWithoutWhatTheHostShowedAreStillRead() throws Exception {
        store.append(AT, 0, 0, 30, "time=" + AT.toEpochMilli() + "\tdcid=30\tdomain=example.com\tentry=default\tmx=mx1.example.com\taddress=192.0.2.1\tversion=TLSv1.3\tdelivered=3\tnext=new");
        assertThat(kept()).singleElement().satisfies(record -> {
            assertThat(record.delivered()).isEqualTo(3);
            assertThat(record.facts()).isEmpty();
        });
    }

    @Test
    void countsWhatAConnectionCarriedAndWhatBeganToWaitForIt() throws Exception {
        told(new DeliveryEvent.Opened(AT, connection(30)));
        told(new DeliveryEvent.DeliveryStarted(AT, connection(30), new Mid(1), List.of(0, 1)));
        told(new DeliveryEvent.DeliveryStarted(AT, connection(30), new Mid(2), List.of(0)));
        told(new DeliveryEvent.Delivered(AT, connection(30), new Mid(1), List.of(0), 10, Duration.ZERO));
        told(new DeliveryEvent.Closed(AT, connection(30)));
        for (int rid = 0; rid < 2; rid++) {
            told(delayed(31, 3, rid, new EnhancedCode(4, 7, 4), 0));
        }
        told(delayed(31, 4, 0, new EnhancedCode(4, 7, 5), 0));
        told(delayed(31, 5, 0, new EnhancedCode(4, 7, 1), 450));
        told(delayed(31, 6, 0, new EnhancedCode(4, 4, 1), 0));
        records.look();
        List<HeldRecord> held = new ArrayList<>();
        List<SessionRecord> sessions = new ArrayList<>();
        records.read(AT.minusSeconds(1), AT.plusSeconds(60), new SessionRecords.Reader() {
            @Override
            public void session(SessionRecord session) {
                sessions.add(session);
            }

            @Override
            public void held(HeldRecord record) {
                held.add(record);
            }
        });
        assertThat(sessions).singleElement().satisfies(record -> assertThat(record.carried()).isEqualTo(new SessionRecord.Carried(2, 3, 1)));
        assertThat(held).containsExactly(new HeldRecord(AT, 31, EXAMPLE, 2, 3));
    }

    private static DeliveryEvent.Delayed delayed(long dcid, long mid, int rid, EnhancedCode status, int code) {
        return new DeliveryEvent.Delayed(AT, new DeliveryEvent.Verdict(new Dcid(dcid), new Mid(mid), ReversePath.of("a@example.net"), Mailbox.of("b@example.com"), rid,
                status, "words", code, List.of("text"), "default"));
    }

    @Test
    void keepsConnectionsThatNeverOpenedAndHostsThatPolicyLeftOut() throws Exception {
        told(new DeliveryEvent.ConnectionFailed(AT, connection(30), "Connection\trefused\n", false));
        told(new DeliveryEvent.HostSkipped(AT, EXAMPLE, "example.com", "mx2.example.com", "192.0.2.2", RULE, TlsReason.STS_MX_MISMATCH, "policy of example.com id 1", List.of(STS),
                circumstances(Published.NOTHING)));
        assertThat(kept()).satisfiesExactly(refused -> assertThat(refused.failure()).isEqualTo("Connection refused "),
                skipped -> {
                    assertThat(skipped.unmet()).containsExactly(TlsReason.STS_MX_MISMATCH);
                    assertThat(skipped.policies()).containsExactly(STS);
                    assertThat(skipped.dcid()).isZero();
                    assertThat(skipped.facts()).contains(new SessionRecord.Facts(circumstances(Published.NOTHING), SeenPeer.NOTHING, ""));
                });
    }

    /// R-RPT-6
    @Test
    void marksTheConnectionThatCarriedAReport() throws Exception {
        records.event(new MessageEvent.SenderGiven(AT, new Mid(7), new Icid(0), ReversePath.of("tls-reports@relay.example.net")), "");
        records.event(new MessageEvent.SenderGiven(AT, new Mid(8), new Icid(5), ReversePath.of("tls-reports@relay.example.net")), "");
        for (long mid : List.of(7L, 8L)) {
            told(new DeliveryEvent.Opened(AT, connection(mid)));
            told(new DeliveryEvent.DeliveryStarted(AT, connection(mid), new Mid(mid), List.of(0)));
            told(new DeliveryEvent.Closed(AT, connection(mid)));
        }
        assertThat(kept()).extracting(SessionRecord::ofReport).containsExactly(true, false);
    }

    @Test
    void readsOnlyTheTimeThatWasAsked() throws Exception {
        told(new DeliveryEvent.ConnectionFailed(AT.plusSeconds(59), connection(30), "in", false));
        told(new DeliveryEvent.ConnectionFailed(AT.plusSeconds(60), connection(31), "out", false));
        assertThat(kept()).extracting(SessionRecord::failure).containsExactly("in");
    }
}
