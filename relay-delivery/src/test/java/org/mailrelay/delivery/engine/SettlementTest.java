package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.report.ReportRules;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsDemand;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// What becomes of recipients, on real sockets and a clock that the test moves.
@Timeout(60)
class SettlementTest {

    @TempDir
    Path folder;

    private static FakeMx host(Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.empty(), effects));
    }

    private static boolean done(MessageEvent.Finished event, Mid mid) {
        return event.mid().equals(mid) && event.done();
    }

    @Test
    void recipientsOfOneTransactionFareEachAsItsReplySays() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<no@example.com>", Effect.line("550 5.1.1 no such user"),
                "RCPT TO:<later@example.com>", Effect.line("450 4.2.1 busy")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "yes@example.com", "no@example.com", "later@example.com");
            assertThat(it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid)).rids()).containsExactly(0);
            assertThat(it.await(DeliveryEvent.Bounced.class, e -> true).verdict().rid()).isEqualTo(1);
            DeliveryEvent.Delayed delayed = it.await(DeliveryEvent.Delayed.class, e -> true);
            assertThat(delayed.verdict().rid()).isEqualTo(2);
            assertThat(delayed.verdict().code()).isEqualTo(450);
            assertThat(it.events(MessageEvent.Finished.class)).noneMatch(e -> done(e, mid));
        }
    }

    /// R-BNC-6: one report a message, with a group for each recipient.
    @Test
    void oneReportTellsTheSenderOfAllThatFailed() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<no@example.com>", Effect.line("550 5.1.1 no such user"),
                "RCPT TO:<bad@example.com>", Effect.line("553 5.1.3 no such name")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "no@example.com", "bad@example.com");
            it.await(MessageEvent.Finished.class, e -> done(e, mid));
            Mid report = it.await(MessageEvent.GeneratedForBounce.class, e -> e.bounced().equals(mid)).mid();
            it.await(MessageEvent.Finished.class, e -> done(e, report));
            assertThat(it.events(MessageEvent.GeneratedForBounce.class)).hasSize(1);
            FakeMx.Received received = mx.received().getLast();
            assertThat(received.commands().getFirst()).startsWith("MAIL FROM:<>");
            assertThat(received.commands().get(1)).startsWith("RCPT TO:<a@example.org>");
            assertThat(received.content()).contains("Content-Type: multipart/report").contains("Final-Recipient: rfc822; no@example.com")
                    .contains("Status: 5.1.1").contains("Final-Recipient: rfc822; bad@example.com").contains("Status: 5.1.3").contains("Auto-Submitted: auto-replied");
        }
    }

    /// At most 50 KiB go along: a header may end anywhere about that border, and what is cut is cut behind a whole line.
    @Test
    void aReportIsMadeWhereverTheHeaderOfTheMessageEnds() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<no@example.com>", Effect.line("550 5.1.1 no such user")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            for (int header = ReportRules.MOST_RETURNED - 3; header <= ReportRules.MOST_RETURNED + 3; header++) {
                it.engine.suspend();
                Mid mid = it.sendContent(padded(header) + "\r\nthe body of it\r\n", "a@example.org", "no@example.com");
                it.spool().releaseMemory(mid);
                it.engine.resume();
                it.await(MessageEvent.Finished.class, e -> done(e, mid));
                Mid notice = it.await(MessageEvent.GeneratedForBounce.class, e -> e.bounced().equals(mid)).mid();
                it.await(MessageEvent.Finished.class, e -> done(e, notice));
                String report = mx.received().getLast().content();
                assertThat(report.contains("X-Last: z\r\n")).isEqualTo(header <= ReportRules.MOST_RETURNED);
                assertThat(report).contains("p\r\n").doesNotContain("the body of it");
            }
        }
    }

    @Test
    void aMessageWithoutAHeaderGivesNothingOfItsBodyAway() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<no@example.com>", Effect.line("550 5.1.1 no such user")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.sendContent("\r\nthe body of it\r\n\r\nmore\r\n", "a@example.org", "no@example.com");
            Mid report = it.await(MessageEvent.GeneratedForBounce.class, e -> e.bounced().equals(mid)).mid();
            it.await(MessageEvent.Finished.class, e -> done(e, report));
            assertThat(mx.received().getLast().content()).doesNotContain("the body of it");
        }
    }

    /// Header lines of `octets` octets in all, the line ends included.
    private static String padded(int octets) {
        String last = "X-Last: z\r\n";
        StringBuilder header = new StringBuilder();
        while (octets - last.length() - header.length() > 200) {
            header.append("X-Pad: ").append("p".repeat(91)).append("\r\n");
        }
        int rest = octets - last.length() - header.length();
        return header.append("X-Pad: ").append("p".repeat(rest - 9)).append("\r\n").append(last).toString();
    }

    /// RFC 5321 §6.1: mail with the null reverse-path must not cause a report.
    /// R-LOOP-2.
    @Test
    void aReportThatCannotBeDeliveredIsADoubleBounceAndNoFurtherReport() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT", Effect.line("550 5.1.1 no such user")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("", "no@example.com");
            it.await(MessageEvent.Finished.class, e -> done(e, mid));
            assertThat(it.events(DeliveryEvent.DoubleBounced.class)).hasSize(1);
            assertThat(it.events(MessageEvent.GeneratedForBounce.class)).isEmpty();
        }
    }

    @Test
    void whatIsRefusedForNowIsTriedAgainByTheProfileAndGivenUpAfterItsTries() throws Exception {
        BounceProfile three = new BounceProfile("three", 2, Duration.ofHours(72), Duration.ofSeconds(60), Duration.ofHours(1));
        try (FakeMx mx = host(Map.of("RCPT", Effect.line("451 4.3.0 not now")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.bounces(three))) {
            Mid mid = it.send("", "b@example.com");
            DeliveryEvent.Pending first = it.await(DeliveryEvent.Pending.class, e -> true);
            assertThat(Duration.between(it.clock.instant(), first.next())).isBetween(Duration.ofSeconds(54), Duration.ofSeconds(66));
            it.settle();
            it.advanceToTheNextTry();
            DeliveryEvent.Pending second = it.await(DeliveryEvent.Pending.class, e -> true, 2).get(1);
            assertThat(Duration.between(it.clock.instant(), second.next())).isBetween(Duration.ofSeconds(107), Duration.ofSeconds(133));
            it.settle();
            it.advanceToTheNextTry();
            it.await(MessageEvent.Finished.class, e -> done(e, mid));
            assertThat(it.events(DeliveryEvent.Bounced.class)).hasSize(1);
        }
    }

    /// Else a domain that is gone, with a million messages for it, would take all memory at once.
    @Test
    void muchMailThatIsNotTriedIsEndedNoFasterThanTheDiskTakesIt() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.discarding())) {
            it.engine.suspend();
            it.sendAll(6_000, _ -> "b@example.com");
            AtomicLong most = new AtomicLong();
            it.onEvent(event -> {
                if (event instanceof DeliveryEvent.Discarded) {
                    most.accumulateAndGet(it.engine.recipients().delivering(), Math::max);
                }
            });
            it.engine.resume();
            it.await(DeliveryEvent.Discarded.class, _ -> true, 6_000);
            it.settleAll();
            assertThat(most.get()).as("on their way to the disk at once").isBetween(1L, 1_100L);
            assertThat(it.engine.gauges()).isEqualTo(new DeliveryEngine.Gauges(0, 0, 0, false));
        }
    }

    @Test
    void mailForDevNullIsTakenAndDropped() throws Exception {
        try (EngineFixture it = new EngineFixture(folder, List.of(), EngineFixture.Terms.PLAIN.discarding())) {
            Mid mid = it.send("a@example.org", "b@example.com");
            assertThat(it.await(DeliveryEvent.Discarded.class, e -> e.mid().equals(mid)).position()).isEqualTo("conf/routes.yaml:7");
            it.await(MessageEvent.Finished.class, e -> done(e, mid));
        }
    }

    @Test
    void whatWaitsIsDeletedOnRequestAndNothingIsSent() throws Exception {
        try (FakeMx mx = host(Map.of("GREETING", Effect.line("554 5.3.2 closed")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "b@example.com", "c@example.com");
            it.await(DeliveryEvent.Waits.class, e -> true);
            assertThat(it.engine.act(entry -> entry.mid().equals(mid), new Order.Delete())).isEqualTo(new DeliveryEngine.Done(2, 0));
            it.await(MessageEvent.Finished.class, e -> e.mid().equals(mid));
            assertThat(it.events(MessageEvent.Deleted.class)).hasSize(2);
            assertThat(it.engine.snapshot()).isEmpty();
            assertThat(it.events(MessageEvent.GeneratedForBounce.class)).isEmpty();
        }
    }

    @Test
    void aRestartTakesUpWhatWaitedAndNothingThatWasDone() throws Exception {
        try (FakeMx mx = host(Map.of("RCPT TO:<later@example.com>", Effect.line("450 4.2.1 busy")));
                EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            Mid mid = it.send("a@example.org", "yes@example.com", "later@example.com");
            it.await(DeliveryEvent.Pending.class, e -> true);
            it.await(DeliveryEvent.Delivered.class, e -> true);
            it.restart();
            assertThat(it.engine.snapshot()).hasSize(1);
            assertThat(it.engine.snapshot().getFirst().rids()).containsExactly(1);
            assertThat(it.engine.snapshot().getFirst().attempts()).isEqualTo(1);
            assertThat(it.engine.snapshot().getFirst().cause()).isEqualTo(new WaitCause("4.2.1 busy", Optional.of(new EnhancedCode(4, 2, 1)), 450, Optional.empty(),
                    List.of(it.events(DeliveryEvent.Delayed.class).getFirst().verdict().dcid())));
            it.engine.act(entry -> entry.mid().equals(mid), new Order.Retry());
            it.await(DeliveryEvent.Pending.class, e -> true, 2);
            assertThat(mx.received().stream().filter(received -> received.content().contains("hello"))).hasSize(1);
        }
    }

    @Test
    void requiredTlsThatIsNeverOfferedBouncesAs574AtTheEndOfItsTimeAndNotBefore() throws Exception {
        try (FakeMx mx = host(Map.of()); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN.tls(TlsLevel.REQUIRED))) {
            Mid mid = it.send("", "b@example.com");
            it.await(DeliveryEvent.Waits.class, e -> true);
            Instant end = it.clock.instant().plus(Duration.ofHours(72));
            while (it.clock.instant().isBefore(end)) {
                it.settle();
                it.clock.advance(Duration.ofMinutes(67));
            }
            it.await(MessageEvent.Finished.class, e -> done(e, mid));
            DeliveryEvent.Bounced bounced = it.events(DeliveryEvent.Bounced.class).getFirst();
            assertThat(bounced.verdict().status().toString()).isEqualTo("5.7.4");
            assertThat(bounced.verdict().demand()).contains(new TlsDemand(new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:1", "default"), List.of(TlsReason.NOT_OFFERED)));
            assertThat(it.events(DeliveryEvent.Waits.class).getFirst().demand()).isEqualTo(bounced.verdict().demand());
            assertThat(Duration.between(it.events(DeliveryEvent.Waits.class).getFirst().at(), bounced.at())).isGreaterThanOrEqualTo(Duration.ofHours(72).minusSeconds(60));
            assertThat(mx.received()).isEmpty();
            assertThat(mx.commands()).noneMatch(command -> command.startsWith("MAIL"));
        }
    }
}
