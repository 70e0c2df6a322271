package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.access.Rate;
import org.mailrelay.core.access.Rates;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.listener.RateMeter.What;

class RatesTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Optional<Rate> TWO_AN_HOUR = Optional.of(new Rate(2, Duration.ofHours(1)));

    @TempDir
    Path folder;

    private ListenerFixture relay(Rates rates) throws Exception {
        return ListenerFixture.in(folder).policy(ListenerFixture.relaying().withRates(rates)).open();
    }

    private static Rates only(Optional<Rate> connections, Optional<Rate> messages, Optional<Rate> recipients, Optional<Rate> octets, Optional<Rate> ofSender) {
        return new Rates(Rates.Scope.CLIENT, connections, messages, recipients, octets, ofSender);
    }

    @Test
    void aMeterGivesAllAtOnceAndThenWhatTimeGivesBack() {
        RateMeter meter = new RateMeter();
        RateMeter.Key key = new RateMeter.Key(What.MESSAGE, "a");
        assertThat(meter.take(key, TWO_AN_HOUR, NOW)).isTrue();
        assertThat(meter.take(key, TWO_AN_HOUR, NOW)).isTrue();
        assertThat(meter.take(key, TWO_AN_HOUR, NOW)).isFalse();
        assertThat(meter.take(new RateMeter.Key(What.MESSAGE, "b"), TWO_AN_HOUR, NOW)).isTrue();
        assertThat(meter.take(key, TWO_AN_HOUR, NOW.plusSeconds(1_799))).isFalse();
        assertThat(meter.take(key, TWO_AN_HOUR, NOW.plusSeconds(1_801))).isTrue();
        assertThat(meter.take(key, TWO_AN_HOUR, NOW.minusSeconds(9_999))).as("a clock that goes back gives nothing").isFalse();
        meter.charge(key, TWO_AN_HOUR, 10, NOW.plusSeconds(1_801));
        assertThat(meter.any(key, TWO_AN_HOUR, NOW.plusSeconds(5_000))).isFalse();
        assertThat(meter.any(key, TWO_AN_HOUR, NOW.plusSeconds(50_000))).isTrue();
        assertThat(meter.take(key, Optional.empty(), NOW)).isTrue();
    }

    @Test
    void connectionsBeyondTheRateAreTold421() throws Exception {
        try (ListenerFixture relay = relay(only(TWO_AN_HOUR, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
                Client one = relay.connect(); Client two = relay.connect(); Client three = relay.connect()) {
            assertThat(one.reply()).startsWith("220 ");
            assertThat(two.reply()).startsWith("220 ");
            assertThat(three.reply()).isEqualTo("421 4.7.0 too many connections of late, try again later");
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).extracting(InjectionEvent.ReceivingFailed::why).containsExactly(ReceivingFailure.RATE);
        }
    }

    @Test
    void messagesAndSendersAndRecipientsBeyondTheirRatesAreTold452() throws Exception {
        try (ListenerFixture relay = relay(only(Optional.empty(), Optional.of(new Rate(3, Duration.ofHours(1))), TWO_AN_HOUR, Optional.empty(), TWO_AN_HOUR)); Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<a@example.com>")).startsWith("250 ");
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250 ");
            assertThat(client.ask("RCPT TO:<c@example.org>")).startsWith("250 ");
            assertThat(client.ask("RCPT TO:<d@example.org>")).isEqualTo("452 4.7.1 rate limit reached, try again later");
            client.ask("RSET");
            client.ask("MAIL FROM:<a@example.com>");
            client.ask("RSET");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).as("the sender's").isEqualTo("452 4.7.1 rate limit reached, try again later");
            assertThat(client.ask("MAIL FROM:<z@example.com>")).startsWith("250 ");
            client.ask("RSET");
            assertThat(client.ask("MAIL FROM:<y@example.com>")).as("the client's").isEqualTo("452 4.7.1 rate limit reached, try again later");
        }
    }

    @Test
    void whoHasSentMoreOctetsThanTheRateWaitsBeforeTheNextMessage() throws Exception {
        try (ListenerFixture relay = relay(only(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(new Rate(500, Duration.ofHours(1))), Optional.empty()));
                Client client = relay.inData()) {
            client.send("x".repeat(400) + "\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).isEqualTo("452 4.7.1 rate limit reached, try again later");
        }
    }

    @Test
    void aPolicysSendersAreTheOnlyOnesAndTheNullSender() throws Exception {
        List<SenderPattern> allowed = List.of(SenderPattern.parse("a@example.com").orElseThrow(), SenderPattern.parse("@example.net").orElseThrow(),
                SenderPattern.parse(".example.org").orElseThrow());
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(ListenerFixture.relaying().withAllowedSenders(allowed)).open(); Client client = relay.greeted()) {
            for (String good : List.of("<a@example.com>", "<x@EXAMPLE.NET>", "<x@sub.example.org>", "<>")) {
                assertThat(client.ask("MAIL FROM:" + good)).as(good).startsWith("250 ");
                client.ask("RSET");
            }
            for (String bad : List.of("<b@example.com>", "<A@example.com>", "<x@sub.example.net>", "<x@example.org>", "<x@evilexample.net>")) {
                assertThat(client.ask("MAIL FROM:" + bad)).as(bad).isEqualTo("550 5.7.1 sender address not allowed here");
            }
        }
    }

    @Test
    void aBannerSaysWhatTheConnectionIs() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(ListenerFixture.relaying().withBanner("{listener} {group} {address} at {hostname}")).open(); Client client = relay.connect()) {
            assertThat(client.reply()).isEqualTo("220 relay.example.net test HERE 127.0.0.1 at relay.example.net");
        }
    }
}
