package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

class PolicyDoubtsTest {

    private final PolicyDoubts doubts = new PolicyDoubts();

    private void unmet(String domain, String mx) {
        doubts.on(new DeliveryEvent.PolicyUnmet(Instant.EPOCH, new DeliveryEvent.Connection(new Dcid(1), Domain.of(domain), "default", mx, "10.0.0.1", "192.0.2.1", 25),
                new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:1", "default"), List.of(TlsReason.HOST_MISMATCH)));
    }

    @Test
    void aDoubtIsSettledOnceForTheDomainAndForTheSmartHost() {
        unmet("example.com", "smarthost.example");
        assertThat(doubts.settle(Domain.of("example.com"))).isTrue();
        assertThat(doubts.settle(Domain.of("example.com"))).isFalse();
        assertThat(doubts.settle(Domain.of("smarthost.example"))).isTrue();
        assertThat(doubts.settle(Domain.of("other.example"))).isFalse();
    }

    /// Domains without any MTA-STS policy are never asked for: they must not keep out those that have one.
    @Test
    void manyThatNobodyAsksForDoNotKeepOutTheNext() {
        for (int i = 0; i < 5_000; i++) {
            unmet("d" + i + ".example.com", "192.0.2.1");
        }
        assertThat(doubts.settle(Domain.of("d4999.example.com"))).isTrue();
        assertThat(doubts.settle(Domain.of("d1.example.com"))).isFalse();
    }
}
