package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// The process dies between two steps of a bounce. The spool is copied at that moment, and an engine taken to the copy: the report is never lost, and a
/// second one goes out only where the crash fell between the report and the recipient's end. What the first engine reported is not under way yet when it dies:
/// a report that had arrived, but not been noted as delivered, would rightly come again.
@Timeout(60)
class ReportCrashTest {

    @TempDir
    Path folder;

    private static FakeMx refusing() {
        return new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("RCPT TO:<no@example.com>", Effect.line("550 5.1.1 no such user"))));
    }

    /// Sends one message that bounces, and keeps the spool as it is at the first event of this kind.
    private Mid crashAt(Class<? extends MailEvent> moment, FakeMx mx, Path image) throws Exception {
        CountDownLatch kept = new CountDownLatch(1);
        try (EngineFixture it = new EngineFixture(Files.createDirectories(folder.resolve("first")), List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.suspend(Domain.of("example.org"));
            it.onEvent(event -> {
                if (moment.isInstance(event) && kept.getCount() > 0) {
                    copy(folder.resolve("first"), image);
                    kept.countDown();
                }
            });
            Mid mid = it.send("a@example.org", "no@example.com");
            assertThat(kept.await(20, TimeUnit.SECONDS)).isTrue();
            return mid;
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                if (!file.endsWith("reserve")) {   // it may be written just now, and is made anew
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// @return reports that the sender's host got in all
    private long reportsAfter(Path image, Mid bounced, int written) throws Exception {
        try (FakeMx mx = refusing(); EngineFixture it = new EngineFixture(image, List.of(mx), EngineFixture.Terms.PLAIN)) {
            int queued = (int) it.spool().messages().count();
            it.engine.start();
            if (queued > 0) {
                it.await(MessageEvent.Finished.class, _ -> true, queued + written);
            }
            it.settleAll();
            assertThat(it.events(MessageEvent.GeneratedForBounce.class)).hasSize(written).allMatch(event -> event.bounced().equals(bounced));
            assertThat(it.spool().messages()).isEmpty();
            return reports(mx);
        }
    }

    private static long reports(FakeMx mx) {
        return mx.received().stream().filter(received -> received.content().contains("Final-Recipient: rfc822; no@example.com")).count();
    }

    @Test
    void beforeTheReportIsStoredItIsWrittenOnceAfterTheStart() throws Exception {
        try (FakeMx mx = refusing()) {
            Mid mid = crashAt(DeliveryEvent.DeliveryStarted.class, mx, folder.resolve("image"));
            assertThat(reportsAfter(folder.resolve("image"), mid, 1)).isEqualTo(1);
        }
    }

    @Test
    void betweenTheReportAndTheRecipientsEndASecondOneIsWrittenAndNoThird() throws Exception {
        try (FakeMx mx = refusing()) {
            Mid mid = crashAt(MessageEvent.GeneratedForBounce.class, mx, folder.resolve("image"));
            assertThat(reportsAfter(folder.resolve("image"), mid, 1)).isEqualTo(2);
        }
    }

    @Test
    void behindTheRecipientsEndTheStoredReportGoesOutAlone() throws Exception {
        try (FakeMx mx = refusing()) {
            Mid mid = crashAt(DeliveryEvent.Bounced.class, mx, folder.resolve("image"));
            assertThat(reportsAfter(folder.resolve("image"), mid, 0)).isEqualTo(1);
        }
    }
}
