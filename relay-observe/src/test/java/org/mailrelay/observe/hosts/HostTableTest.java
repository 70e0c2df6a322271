package org.mailrelay.observe.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

class HostTableTest {

    private static final Instant AT = Instant.parse("2026-01-17T12:00:00Z");
    private static final Domain EXAMPLE = Domain.of("example.com");
    private static final TlsRule RULE = new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:14", "example.com");

    private final HostTable table = new HostTable();

    private static DeliveryEvent.Connection connection(String domain) {
        return new DeliveryEvent.Connection(new Dcid(30), Domain.of(domain), "default", "mx1." + domain, "10.0.0.1", "192.0.2.1", 25);
    }

    private static DeliveryEvent.Verdict verdict(int code, String text) {
        return new DeliveryEvent.Verdict(new Dcid(30), new Mid(1), ReversePath.of("a@example.net"), Mailbox.of("b@example.com"), 0, new EnhancedCode(5, 1, 1), "words", code, List.of(text), "example.com");
    }

    private void told(DeliveryEvent event) {
        table.event(event, "");
    }

    private HostFigures figures() {
        return table.of(EXAMPLE).orElseThrow();
    }

    /// Its address may have been found dead by another destination: then it waits, and no connection was ever made for it.
    @Test
    void isDownWhereItsMailWaitsWithoutAWordFromAnyHost() {
        told(new DeliveryEvent.Delayed(AT, verdict(451, "later")));
        assertThat(figures().up()).isTrue();
        told(new DeliveryEvent.Delayed(AT, verdict(0, "Connection refused")));
        assertThat(figures().trouble()).contains(new HostFigures.Noted(AT, "Connection refused"));
    }

    @Test
    void countsWhatBecameOfRecipientsAndConnections() {
        told(new DeliveryEvent.Opened(AT, connection("example.com")));
        told(new DeliveryEvent.Delivered(AT, connection("example.com"), new Mid(1), List.of(0, 1), 10, Duration.ZERO));
        told(new DeliveryEvent.Delayed(AT, verdict(421, "later")));
        told(new DeliveryEvent.Bounced(AT, verdict(550, "no such user")));
        HostFigures figures = figures();
        assertThat(figures.connections()).isEqualTo(1);
        assertThat(figures.delivered()).isEqualTo(2);
        assertThat(figures.soft()).isEqualTo(1);
        assertThat(figures.hard()).isEqualTo(1);
        assertThat(figures.refusal()).contains(new HostFigures.Noted(AT, "550 no such user"));
        assertThat(figures.last()).map(HostFigures.Noted::text).contains("DCID 30 mx1.example.com [192.0.2.1]:25");
        told(new DeliveryEvent.Closed(AT, connection("example.com")));
        assertThat(figures().connections()).isZero();
    }

    @Test
    void isDownSinceTheFirstFailureAndUpOnceMailArrives() {
        told(new DeliveryEvent.ConnectionFailed(AT, connection("example.com"), "Connection refused", false));
        told(new DeliveryEvent.PolicyUnmet(AT.plusSeconds(60), connection("example.com"), RULE, List.of(TlsReason.NOT_OFFERED)));
        assertThat(figures().up()).isFalse();
        assertThat(figures().trouble()).contains(new HostFigures.Noted(AT, "STARTTLS not offered"));
        told(new DeliveryEvent.Delivered(AT, connection("example.com"), new Mid(1), List.of(0), 10, Duration.ZERO));
        assertThat(figures().up()).isTrue();
    }

    @Test
    void tellsTheTlsOfTheLastConnection() {
        told(new DeliveryEvent.InTheClear(AT, connection("example.com"), RULE, TlsReason.NOT_OFFERED));
        assertThat(figures().tls()).map(HostFigures.Noted::text).contains("in the clear: STARTTLS not offered");
        told(new DeliveryEvent.TlsSucceeded(AT, connection("example.com"), RULE, "TLSv1.3", "TLS_AES_256_GCM_SHA384"));
        told(new DeliveryEvent.PeerVerified(AT, connection("example.com"), "PKIX name mx1.example.com"));
        assertThat(figures().tls()).map(HostFigures.Noted::text).contains("TLSv1.3 TLS_AES_256_GCM_SHA384, verified by PKIX name mx1.example.com");
    }

    @Test
    void forgetsTheDestinationsThatWereQuietLongest() {
        told(new DeliveryEvent.Opened(AT, connection("first.example")));
        for (int n = 0; n < 50_000; n++) {
            told(new DeliveryEvent.Opened(AT, connection("d" + n + ".example")));
        }
        assertThat(table.all()).hasSize(50_000);
        assertThat(table.of(Domain.of("first.example"))).isEmpty();
    }
}
