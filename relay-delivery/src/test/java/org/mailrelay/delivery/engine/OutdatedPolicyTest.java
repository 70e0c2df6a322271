package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// RFC 8461 §5.1: before mail is put off on account of a policy, "check for the presence of a new policy".
@Timeout(60)
class OutdatedPolicyTest {

    private static final TestCa NOBODYS = new TestCa(Instant.now());

    @TempDir
    Path folder;
    private final FakeMx host = new FakeMx(new FakeMx.Script(Optional.of(NOBODYS.good("mx1.example.com")), Map.of()));
    private final AtomicInteger looked = new AtomicInteger();
    private EngineFixture it;

    @BeforeEach
    void open() throws Exception {
        it = new EngineFixture(folder, List.of(host), EngineFixture.Terms.PLAIN.tls(TlsLevel.PREFERRED));
        it.named("mx1.example.com", host.address().getPort(), DestinationPolicy.IpPreference.V4_PREFERRED, EngineFixture.Terms.PLAIN.tls(TlsLevel.PREFERRED));
        it.dns.record("mx1.example.com", "A", "127.0.0.1");
    }

    @AfterEach
    void close() throws Exception {
        it.close();
        host.close();
    }

    /// @param modes one after the other, the last for good
    private void publish(StsPolicy.Mode... modes) {
        it.published = (_, _) -> {
            int number = Math.min(looked.getAndIncrement(), modes.length - 1);
            StsPolicy policy = new StsPolicy(Domain.of("example.com"), "id" + modes[number], modes[number], Duration.ofDays(7), List.of("mx1.example.com"));
            return new Published(DnssecState.INSECURE, DnssecState.INSECURE, new TlsaLookup.None(), new StsLookup.InForce(policy, Instant.EPOCH));
        };
    }

    @Test
    void R_STS_7_aPolicyThatHasBeenRelaxedLetsTheMailGoAtOnce() throws Exception {
        publish(StsPolicy.Mode.ENFORCE, StsPolicy.Mode.TESTING);
        Mid mid = it.send("a@example.org", "b@example.com");
        it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
        assertThat(it.events(DeliveryEvent.PolicyUnmet.class)).hasSize(1);
        assertThat(it.events(DeliveryEvent.Waits.class)).isEmpty();
        assertThat(host.received()).singleElement().satisfies(got -> assertThat(got.encrypted()).isTrue());
    }

    @Test
    void R_STS_7_underTheSamePolicyNoHostIsTriedTwice() throws Exception {
        publish(StsPolicy.Mode.ENFORCE);
        Mid mid = it.send("a@example.org", "b@example.com");
        DeliveryEvent.Waits waits = it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
        assertThat(waits.reason()).contains("certificate not trusted");
        assertThat(looked).as("looked up before it waits").hasValue(2);
        assertThat(it.events(DeliveryEvent.Opened.class)).hasSize(1);
        it.clock.advance(Duration.ofMinutes(2));
        it.await(DeliveryEvent.PolicyUnmet.class, _ -> true, 2);
        assertThat(it.events(DeliveryEvent.Opened.class)).as("and so it is at every try").hasSize(2);
        assertThat(host.received()).isEmpty();
    }
}
