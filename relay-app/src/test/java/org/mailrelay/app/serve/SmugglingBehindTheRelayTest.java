package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// B-SMUG in both directions: every row of the catalogue goes into a whole relay, by DATA, by BDAT and under `bare_line_endings: normalise`, and a recorder behind
/// it keeps the wire. What leaves is as many messages as were answered 250, and on the wire nothing that any host could take for an end but the end.
class SmugglingBehindTheRelayTest {

    private static final List<String> ROWS = List.of("\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n.\r\r\n",
            "\r\r\n.\r\r\n", "\n..\n", "\r\n.\r\0\n", "\n\n.\n\n", "\r\n. \r\n", "\r\n..\r\n", "\r\n .\r\n", "\u0085.\u0085", "\u000b.\u000c", "\r\n...\r\n");
    private static final String SECOND = "MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nSubject: second\r\n\r\nsmuggled";

    @TempDir
    private Path folder;

    /// R-TXN-6.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void B_SMUG_whatLeavesIsWhatWasAccepted(boolean chunkingBehind) throws Exception {
        try (WireRecorder recorder = new WireRecorder(chunkingBehind);
                LoopbackRelay relay = new LoopbackRelay(folder, "relay.example.net", recorder.port(), List.of("{access: RELAY}", "{access: RELAY, bare_line_endings: normalise}"))) {
            int accepted = 0;
            for (String row : ROWS) {
                for (String from : List.of("127.0.0.1", "127.0.0.2")) {
                    for (boolean chunks : new boolean[] {false, true}) {
                        accepted += smuggle(relay.address(), from, row, chunks);
                    }
                }
            }
            int expected = accepted;
            relay.awaitLog(log -> log.lines().filter(line -> line.matches(".*Message finished MID \\d+ done")).count() >= expected);
            assertThat(accepted).as("the rows without bare CR and NUL pass somewhere").isGreaterThan(ROWS.size());
            check(recorder, accepted, chunkingBehind);
        }
    }

    /// The same check on a relay that takes LF . LF for the end and hands on what it reads as it is: it must not pass.
    @Test
    void theCheckFindsARelayWithTheHole() throws Exception {
        try (WireRecorder recorder = new WireRecorder(false); HoledRelay holed = new HoledRelay(recorder.port())) {
            int accepted = smuggle(holed.address(), "127.0.0.1", "\n.\n", false);
            holed.done();
            assertThatThrownBy(() -> check(recorder, accepted, false)).isInstanceOf(AssertionError.class);
        }
    }

    private static void check(WireRecorder recorder, int accepted, boolean chunks) {
        assertThat(recorder.contents()).hasSize(accepted).allSatisfy(content -> {
            String rest = content.replace("\r\n", "");
            assertThat(rest).doesNotContain("\r", "\n", "\0");
            if (!chunks) {
                assertThat("\r\n" + content).doesNotContain("\r\n.\r\n");
            }
        });
        assertThat(recorder.commands()).filteredOn(line -> line.startsWith("MAIL ")).hasSize(accepted).noneMatch(line -> line.contains("evil"));
        assertThat(recorder.commands()).noneMatch(line -> line.contains("victim"));
    }

    /// @return how many messages were answered 250: none or one
    private static int smuggle(InetSocketAddress relay, String from, String row, boolean chunks) throws IOException {
        String content = "Subject: first\r\n\r\nfirst" + row + SECOND;
        try (Socket socket = new Socket(relay.getAddress(), relay.getPort(), InetAddress.getByName(from), 0)) {
            socket.setSoTimeout(10_000);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            say(socket, "");
            reply(in);
            List<String> replies = new ArrayList<>();
            for (String line : List.of("EHLO client.example.com", "MAIL FROM:<a@example.com> BODY=8BITMIME", "RCPT TO:<b@example.org>")) {
                say(socket, line + "\r\n");
                replies.add(reply(in));
            }
            if (chunks) {
                // Cut inside what could be an end, so that no chunk holds it whole.
                int cut = "Subject: first\r\n\r\nfirst".length() + row.length() / 2;
                say(socket, "BDAT " + cut + "\r\n" + content.substring(0, cut));
                reply(in);
                say(socket, "BDAT " + (content.length() - cut) + " LAST\r\n" + content.substring(cut));
            } else {
                say(socket, "DATA\r\n");
                reply(in);
                say(socket, content + "\r\n.\r\n");
            }
            return reply(in).startsWith("250 ") ? 1 : 0;
        }
    }

    private static void say(Socket socket, String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String reply(InputStream in) throws IOException {
        String line;
        do {
            StringBuilder octets = new StringBuilder();
            for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
                octets.append((char) octet);
            }
            line = octets.toString();
        } while (line.length() > 3 && line.charAt(3) == '-');
        return line;
    }

    /// Ends a message at LF . LF too, as some servers did, and then goes on with the commands behind it.
    private static final class HoledRelay implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final int next;
        private final AtomicInteger passed = new AtomicInteger();
        private final Thread thread;

        HoledRelay(int next) throws IOException {
            this.next = next;
            thread = Thread.ofVirtual().start(this::serve);
        }

        InetSocketAddress address() {
            return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
        }

        void done() throws InterruptedException {
            thread.join(10_000);
            assertThat(passed.get()).isEqualTo(2);
        }

        private void serve() {
            try (Socket client = server.accept(); Socket host = new Socket(InetAddress.getLoopbackAddress(), next)) {
                InputStream in = new BufferedInputStream(client.getInputStream());
                InputStream replies = new BufferedInputStream(host.getInputStream());
                reply(replies);
                say(client, "220 holed.example\r\n");
                String sent = "";
                while (passed.get() < 2) {
                    String line = reply(in);
                    if (line.isEmpty()) {
                        return;
                    }
                    say(host, line.stripTrailing() + "\r\n");
                    sent = reply(replies).stripTrailing();
                    if (line.startsWith("DATA")) {
                        if (passed.get() == 0) {
                            say(client, sent + "\r\n");
                        }
                        StringBuilder content = new StringBuilder();
                        for (String each = reply(in); !each.stripTrailing().equals("."); each = reply(in)) {
                            content.append(each.stripTrailing()).append("\r\n");
                        }
                        say(host, content + ".\r\n");
                        sent = reply(replies).stripTrailing();
                        passed.incrementAndGet();
                    }
                    if (passed.get() == 0 || passed.get() == 1 && line.startsWith("DATA")) {
                        say(client, sent + "\r\n");   // behind the first 250 the client has left
                    }
                }
            } catch (IOException gone) {
                // the client has left
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
