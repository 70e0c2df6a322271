package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.StateChange;

/// Whole sessions over a socket, with any octets in them (a target for a fuzzer). The first octet of an input says how the rest is cut into segments.
class SessionFuzzTest {

    private static final int SIZE = 2_000;
    private static final Pattern LONG_CHUNK = Pattern.compile("(?i)bdat +0*[1-9][0-9]{3,}");
    /// Ends content, an exchange of AUTH and the session; longer than the largest chunk that is waited for here.
    private static final String END = "\r\n.\r\n" + "QUIT\r\n".repeat(300);
    private static final AtomicReference<Throwable> BUG = new AtomicReference<>();
    private static final Path FOLDER = folder();
    private static final ListenerFixture RELAY = open();

    @AfterAll
    static void close() throws Exception {
        RELAY.close();
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("mailrelay-sessions");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static ListenerFixture open() {
        Thread.setDefaultUncaughtExceptionHandler((_, bug) -> BUG.compareAndSet(null, bug));
        MailFlowPolicy policy = ListenerFixture.relaying().withLimits(new MailFlowPolicy.Limits(SIZE, 10, 1_000, 1_000));
        SessionLimits patient = new SessionLimits(Duration.ZERO, Duration.ofSeconds(60), Duration.ofHours(1), 1, Duration.ofHours(1), Duration.ofSeconds(2));
        try {
            return ListenerFixture.in(FOLDER).policy(policy).limits(patient).withoutTls().open();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// Segments change nothing; every reply is well-formed; a message is answered 250 only behind MAIL, RCPT and DATA or BDAT of its own that were, and is stored within the limit without
    /// a bare CR, LF or NUL; no handler throws.
    @FuzzTest(maxDuration = "1m")
    void session(byte[] input) throws Exception {
        if (input.length == 0) {
            return;
        }
        BugDetectors.allowNetworkConnections();   // to the listener
        String octets = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
        if (LONG_CHUNK.matcher(octets).find() || octets.length() > 4_000) {
            return;
        }
        RELAY.events.clear();
        List<String> whole = replies(octets + END, Integer.MAX_VALUE);
        List<String> cut = replies(octets + END, 1 + (input[0] & 255) % 50);
        assertThat(cut).isEqualTo(whole);
        assertThat(BUG.get()).isNull();
        int accepted = inOrder(whole) + inOrder(cut);
        for (; accepted > 0; accepted--) {
            QueuedMessage message = RELAY.nextQueued();
            assertThat(message.envelope().recipients()).hasSizeBetween(1, 10);
            String stored = RELAY.stored(message);
            assertThat("\r\n" + stored).doesNotContain("\r\n.\r\n");
            if (message.envelope().parameters().body() != org.mailrelay.core.mail.BodyType.BINARY_MIME) {
                assertThat(stored.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
            }
            assertThat(stored.length()).isLessThanOrEqualTo(SIZE * 2);
            RELAY.spool.change(java.util.stream.IntStream.range(0, message.envelope().recipients().size())
                    .mapToObj(recipient -> new StateChange(message.mid(), recipient, new RecipientState.Deleted())).toList(), () -> { });
        }
        assertThat(RELAY.queued).isEmpty();
    }

    private static List<String> replies(String octets, int piece) throws IOException {
        List<String> replies = new ArrayList<>();
        try (Client client = RELAY.connect()) {
            try {
                for (int at = 0; at < octets.length(); at += piece) {
                    client.send(octets.substring(at, (int) Math.min(octets.length(), (long) at + piece)));
                }
            } catch (IOException hungUp) {
                // What it said before is there to be read.
            }
            while (true) {
                replies.add(client.reply().replaceAll("Message \\d+ accepted", "Message accepted"));
            }
        } catch (EOFException end) {
            return replies;
        }
    }

    /// @return how many messages were accepted
    private static int inOrder(List<String> replies) {
        int accepted = 0;
        int recipients = -1;
        for (String reply : replies) {
            assertThat(reply).matches("(?s)[2-5][0-9][0-9][ -][ -~\\n]*");
            if (reply.startsWith("250 2.1.0 ")) {
                recipients = 0;
            } else if (reply.startsWith("250 2.1.5 ")) {
                assertThat(recipients).isNotNegative();
                recipients++;
            } else if (reply.startsWith("354 ")) {
                assertThat(recipients).isPositive();
            } else if (reply.startsWith("250 2.0.0 ok: Message")) {
                assertThat(recipients).isPositive();
                recipients = -1;
                accepted++;
            } else if (reply.equals("250 2.0.0 reset") || reply.startsWith("250-") || reply.startsWith("250 relay.example.net") || reply.startsWith("503 5.5.1 MAIL first")) {
                recipients = -1;   // whatever was open is over
            }
        }
        return accepted;
    }
}
