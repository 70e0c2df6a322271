package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// What TLS terms do to a queue, on real sockets and a clock that the test moves.
@Timeout(60)
class TlsTermsTest {

    private static final TestCa CA = new TestCa(Instant.now());

    @TempDir
    Path folder;

    @Test
    void aHandshakeThatFailsIsTriedOnEveryEncryptedStepAtOnceAndThenWaits() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx1.example.com")), Map.of("STARTTLS", new Effect.GoAheadThenAlert())));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.tls(TlsLevel.REQUIRED))) {
            Mid mid = it.send("a@example.org", "b@example.com");
            DeliveryEvent.Waits waits = it.await(DeliveryEvent.Waits.class, e -> e.mid().equals(mid));
            assertThat(waits.reason()).startsWith("TLS handshake failed (");
            assertThat(it.events(DeliveryEvent.TlsSteppedDown.class)).extracting(DeliveryEvent.TlsSteppedDown::to).containsExactly(LadderStep.CLASSICAL, LadderStep.REDUCED);
            assertThat(it.events(DeliveryEvent.TlsFailed.class)).hasSize(3);
            assertThat(it.events(DeliveryEvent.DeliveryStarted.class)).isEmpty();
        }
    }

    /// RFC 8689 §4.2.1: no host is left that could take it: 5.7.30, at once and with the reason, although the level asks for nothing.
    @Test
    void R_RTLS_2_aMessageWithRequireTlsBouncesWhereNoHostCanBeVerified() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.tls(TlsLevel.PREFERRED))) {
            MailParameters parameters = new MailParameters(BodyType.SEVEN_BIT, false, true, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
            Mid mid = it.send(new Envelope(ReversePath.of("a@example.org"), List.of(Recipient.of(Mailbox.of("b@example.com"))), parameters), "Subject: x\r\n\r\nhello\r\n");
            DeliveryEvent.Verdict verdict = it.await(DeliveryEvent.Bounced.class, e -> e.verdict().mid().equals(mid)).verdict();
            assertThat(verdict.entry()).isEqualTo("default");
            assertThat(verdict.status()).hasToString("5.7.30");
            assertThat(verdict.texts()).containsExactly("127.0.0.1: no host name to verify: the route names an address (REQUIRETLS)");
            Mid other = it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(other));
            assertThat(mx.commands()).filteredOn(line -> line.startsWith("MAIL FROM:<a@example.org>")).hasSize(1);
        }
    }

    /// R-POL-7: a connection in the clear is open and takes the next message of its destination; one that demands more is not among them.
    @Test
    void aMessageThatDemandsTlsIsNotTakenAlongOnAConnectionInTheClear() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("CONTENT", new Effect.Gate("250 2.0.0 ok\r\n"))));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.tls(TlsLevel.PREFERRED).connections(1))) {
            Mid first = it.send("a@example.org", "b@example.com");
            it.await(DeliveryEvent.DeliveryStarted.class, e -> e.mid().equals(first));
            Mid demanding = it.send(new Envelope(ReversePath.of("demanding@example.org"), List.of(Recipient.of(Mailbox.of("b@example.com"))), MailParameters.NONE.withRequireTls(true)),
                    "Subject: x\r\n\r\nhello\r\n");
            Mid last = it.send("a@example.org", "b@example.com");
            mx.open();
            it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(last));
            assertThat(it.await(DeliveryEvent.Bounced.class, e -> e.verdict().mid().equals(demanding)).verdict().status()).hasToString("5.7.30");
            assertThat(mx.commands()).noneMatch(line -> line.contains("demanding@example.org") && line.startsWith("MAIL"));
        }
    }
}
