package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.EarlyTalkers;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;

/// Who speaks out of turn, and who takes their time (RFC 2920, R-PIPE-1, R-TMO-2), over sockets.
class PipeliningTest {

    @TempDir
    Path folder;

    private static MailFlowPolicy strict() {
        return ListenerFixture.relaying().withEarlyTalkers(EarlyTalkers.REFUSE);
    }

    @Test
    void R_PIPE_1_whoSpeaksBeforeTheGreetingIsToldSoAndLeft() throws Exception {
        SessionLimits patient = new SessionLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMinutes(5), 100, Duration.ofHours(1), Duration.ofSeconds(2));
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(strict()).limits(patient).open(); Client client = relay.connect()) {
            client.send("EHLO c.example.com\r\n");
            assertThat(client.reply()).isEqualTo("554 5.5.0 protocol synchronisation error");
            assertThat(client.closed()).isTrue();
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).singleElement().satisfies(seen -> assertThat(seen.why()).isEqualTo(ReceivingFailure.EARLY_TALKER));
        }
    }

    @Test
    void R_PIPE_1_whoWaitsIsGreeted() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(strict()).open(); Client client = relay.greeted()) {
            assertThat(client.ask("NOOP")).startsWith("250 ");
        }
    }

    @Test
    void R_PIPE_1_aTrustedClientMaySpeakEarly() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.connect()) {
            client.send("EHLO c.example.com\r\nMAIL FROM:<a@example.com>\r\n");
            assertThat(client.reply()).startsWith("220 ");
            assertThat(client.reply()).startsWith("250-");
            assertThat(client.reply()).startsWith("250 2.1.0 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO c.example.com\r\nNOOP\r\n", "HELO c.example.com\r\nN", "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n"})
    void R_PIPE_1_nothingMayStandBehindEhloOrDataInAGroup(String group) throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(strict()).open(); Client client = relay.greeted()) {
            client.send(group);
            String last = client.reply();
            while (last.startsWith("250 ")) {
                last = client.reply();
            }
            assertThat(last).isEqualTo("554 5.5.0 protocol synchronisation error");
            assertThat(client.closed()).isTrue();
            assertThat(relay.queued).isEmpty();
        }
    }

    @Test
    void R_PIPE_1_groupsAreAnsweredInOrder() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(strict()).open(); Client client = relay.greeted()) {
            client.send("RSET\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n");
            assertThat(List.of(client.reply(), client.reply(), client.reply(), client.reply(), client.reply())).containsExactly("250 2.0.0 reset", "250 2.1.0 sender <a@example.com> ok",
                    "250 2.1.5 recipient <b@example.org> ok", "250 2.1.5 recipient <c@example.org> ok", "354 go ahead");
            client.send("x\r\n.\r\nMAIL FROM:<a@example.com>\r\nNOOP\r\n");
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
            assertThat(client.reply()).startsWith("250 2.1.0 ");
            assertThat(client.reply()).isEqualTo("250 2.0.0 ok");
        }
    }

    @Test
    void R_TMO_2_singleOctetsBuyNoTime() throws Exception {
        SessionLimits hasty = new SessionLimits(Duration.ZERO, Duration.ofSeconds(5), Duration.ofMillis(300), 100, Duration.ofHours(1), Duration.ofMillis(300));
        try (ListenerFixture relay = ListenerFixture.in(folder).limits(hasty).open(); Client client = relay.greeted()) {
            client.send("N");
            client.send("O");
            assertThat(client.reply()).isEqualTo("421 4.4.2 timeout");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void R_TMO_2_aClientThatNeitherReadsNorLeavesIsClosed() throws Exception {
        SessionLimits hasty = new SessionLimits(Duration.ZERO, Duration.ofSeconds(5), Duration.ofMillis(100), 100, Duration.ofHours(1), Duration.ofMillis(100));
        CountDownLatch closed = new CountDownLatch(1);
        try (ListenerFixture relay = ListenerFixture.in(folder).limits(hasty).watcher(event -> {
            if (event instanceof InjectionEvent.Closed) {
                closed.countDown();
            }
        }).open(); Client client = relay.connect()) {
            client.send("EHLO a.example\r\n".repeat(190));
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /// Who reads the log reads a connection's end last.
    @Test
    void theEndOfAConnectionIsToldBehindWhatItGaveUp() throws Exception {
        List<MailEvent> told = new CopyOnWriteArrayList<>();
        CountDownLatch closed = new CountDownLatch(1);
        try (ListenerFixture relay = ListenerFixture.in(folder).watcher(event -> {
            told.add(event);
            if (event instanceof InjectionEvent.Closed) {
                closed.countDown();
            }
        }).open(); Client client = relay.inData()) {
            client.close();
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(told.stream().filter(event -> event instanceof MessageEvent.ReceivingAborted || event instanceof MessageEvent.Finished || event instanceof InjectionEvent.Lost
                || event instanceof InjectionEvent.Closed).<Class<?>>map(MailEvent::getClass)).containsExactly(MessageEvent.ReceivingAborted.class, MessageEvent.Finished.class,
                InjectionEvent.Lost.class, InjectionEvent.Closed.class);
    }
}
