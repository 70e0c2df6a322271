package org.mailrelay.observe.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

class OutagesTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final TlsRule RULE = new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:14", "example.com");

    private final Outages outages = new Outages();

    private static DeliveryEvent.Connection connection(String domain) {
        return new DeliveryEvent.Connection(new Dcid(30), Domain.of(domain), domain, "mx1." + domain, "192.0.2.1", "192.0.2.2", 25);
    }

    private static DeliveryEvent unmet(String domain, long seconds) {
        return new DeliveryEvent.PolicyUnmet(NOW.plusSeconds(seconds), connection(domain), RULE, List.of(TlsReason.NOT_OFFERED));
    }

    private static DeliveryEvent delivered(String domain, long seconds) {
        return new DeliveryEvent.Delivered(NOW.plusSeconds(seconds), connection(domain), new Mid(1), List.of(0), 10, Duration.ZERO);
    }

    @Test
    void anOutageIsToldOnceAndItsEndOnce() {
        assertThat(outages.on(unmet("example.com", 0))).isEmpty();
        assertThat(outages.on(unmet("example.com", 61))).contains(new SystemEvent.PolicyStopsMail(NOW.plusSeconds(61), Domain.of("example.com"), "example.com",
                "mx1.example.com", RULE, List.of(TlsReason.NOT_OFFERED), NOW));
        assertThat(outages.on(unmet("example.com", 200))).isEmpty();
        assertThat(outages.open()).isEqualTo(1);
        assertThat(outages.on(delivered("example.com", 300))).contains(new SystemEvent.MailGoesOn(NOW.plusSeconds(300), Domain.of("example.com"), "example.com",
                "mx1.example.com", Duration.ofSeconds(300)));
        assertThat(outages.on(delivered("example.com", 301))).isEmpty();
        assertThat(outages.open()).isZero();
    }

    @Test
    void oneRefusingHostIsNoOutageWhereAnotherTakesTheMail() {
        assertThat(outages.on(unmet("example.com", 0))).isEmpty();
        assertThat(outages.on(unmet("example.com", 1))).as("the same round").isEmpty();
        assertThat(outages.on(delivered("example.com", 2))).isEmpty();
        assertThat(outages.on(unmet("example.com", 100))).isEmpty();
        assertThat(outages.on(unmet("other.example", 200))).isEmpty();
    }

    @Test
    void hostsThatWereNeverTriedCountToo() {
        DeliveryEvent.HostSkipped skipped = new DeliveryEvent.HostSkipped(NOW, Domain.of("example.com"), "example.com", "mx1.example.com", "192.0.2.2", RULE,
                TlsReason.STS_MX_MISMATCH, "", List.of(),
                new Circumstances(Optional.empty(), MessageNeed.NONE, Optional.of(Domain.of("mx1.example.com")), Optional.empty(), Optional.empty(), Published.NOTHING, LadderStep.HYBRID, DaneUse.NONE));
        assertThat(outages.on(skipped)).isEmpty();
        assertThat(outages.on(unmet("example.com", 61))).isPresent();
    }

    /// Domains whose mail was bounced or deleted are never heard of again; they must not fill the memory until nobody is told of anything.
    @Test
    void tenThousandOldTroublesDoNotSilenceANewOne() {
        for (int i = 0; i < 10_000; i++) {
            outages.on(unmet("d" + i + ".example", 0));
        }
        outages.on(unmet("new.example", 10));
        assertThat(outages.on(unmet("new.example", 100))).isPresent();
    }
}
