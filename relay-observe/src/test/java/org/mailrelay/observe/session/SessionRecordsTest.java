package org.mailrelay.observe.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
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
                Optional.of(new SessionRecord.Trial("required-verify", List.of(TlsReason.HOST_MISMATCH))), "", List.of(), 2, List.of(STS), false));
    }

    @Test
    void keepsConnectionsThatNeverOpenedAndHostsThatPolicyLeftOut() throws Exception {
        told(new DeliveryEvent.ConnectionFailed(AT, connection(30), "Connection\trefused\n", false));
        told(new DeliveryEvent.HostSkipped(AT, EXAMPLE, "example.com", "mx2.example.com", "192.0.2.2", RULE, TlsReason.STS_MX_MISMATCH, "policy of example.com id 1", List.of(STS)));
        assertThat(kept()).satisfiesExactly(refused -> assertThat(refused.failure()).isEqualTo("Connection refused "),
                skipped -> {
                    assertThat(skipped.unmet()).containsExactly(TlsReason.STS_MX_MISMATCH);
                    assertThat(skipped.policies()).containsExactly(STS);
                    assertThat(skipped.dcid()).isZero();
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
