package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Memory attacks (B-DOS) on a listener in a JVM with 64 MiB of heap: it does not grow by them, and serves others meanwhile.
class MemoryTest {

    private static final long SLACK = 6L << 20;

    private static Process listener;
    private static PrintWriter questions;
    private static BufferedReader answers;
    private static InetSocketAddress address;
    private static long before;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                SmallListener.class.getName(), folder.toString());
        listener = new ProcessBuilder(command).redirectError(new File(folder.toFile(), "errors")).start();
        questions = new PrintWriter(listener.getOutputStream(), true, StandardCharsets.US_ASCII);
        answers = new BufferedReader(new InputStreamReader(listener.getInputStream(), StandardCharsets.US_ASCII));
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(answers.readLine()));
        for (int i = 0; i < 20; i++) {
            oneMessage();
        }
        before = heap();
    }

    @AfterAll
    static void stop() throws Exception {
        questions.close();
        if (!listener.waitFor(20, TimeUnit.SECONDS)) {
            listener.destroyForcibly();
        }
    }

    private static long heap() throws IOException {
        questions.println("heap");
        return Long.parseLong(answers.readLine());
    }

    private static Client greeted() throws IOException {
        Client client = new Client(address);
        client.reply();
        client.ask("EHLO c.example.com");
        return client;
    }

    private static Client inData() throws IOException {
        Client client = greeted();
        client.ask("MAIL FROM:<a@example.com>");
        client.ask("RCPT TO:<b@example.org>");
        client.ask("DATA");
        return client;
    }

    private static void oneMessage() throws IOException {
        try (Client client = inData()) {
            assertThat(client.ask("x\r\n.")).startsWith("250 ");
        }
    }

    private static void staysFlat() throws IOException {
        assertThat(heap() - before).isLessThan(SLACK);
        oneMessage();
    }

    /// Sends until the server has had enough of it.
    private static void pour(Client client, String octets, int times) {
        try {
            for (int i = 0; i < times; i++) {
                client.send(octets);
            }
        } catch (IOException closed) {
            assertThat(closed).hasMessageMatching("(?i).*(broken pipe|reset|closed).*");
        }
    }

    @Test
    void aCommandLineWithoutEnd() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Client client = greeted()) {
                pour(client, "x".repeat(1 << 20), 16);
            }
        }
        staysFlat();
    }

    @Test
    void aHeaderLineWithoutEnd() throws Exception {
        try (Client client = inData()) {
            client.send("Subject: ");
            pour(client, "x".repeat(1 << 20), 100);
            assertThat(heap() - before).isLessThan(SLACK);
        }
        staysFlat();
    }

    @Test
    void aHundredThousandHeaderLinesAndContinuations() throws Exception {
        try (Client client = inData()) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 100_000; i++) {
                lines.append("X-Field-").append(i).append(": value\r\n");
            }
            client.send(lines + "Subject: a\r\n" + (" " + "more of it ".repeat(15) + "\r\n").repeat(100_000));
            assertThat(heap() - before).isLessThan(SLACK);
            assertThat(client.ask("\r\nbody\r\n.")).startsWith("250 ");
        }
        staysFlat();
    }

    @Test
    void aMillionRecipients() throws Exception {
        try (Client client = greeted()) {
            client.ask("MAIL FROM:<a@example.com>");
            pour(client, "RCPT TO:<someone@example.org>\r\n".repeat(10_000), 100);
        }
        staysFlat();
    }

    @Test
    void unknownVerbsThatAreAllDifferent() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            try (Client client = greeted()) {
                StringBuilder verbs = new StringBuilder();
                for (int k = 0; k < 5; k++) {
                    verbs.append("V").append(i).append('X').append(k).append("Y".repeat(2_000)).append("\r\n");
                }
                client.send(verbs.toString());
                client.reply();
            }
        }
        staysFlat();
    }

    @Test
    void commandsThatLeadNowhere() throws Exception {
        for (String loop : List.of("NOOP\r\n", "RSET\r\n", "EHLO a.example\r\n", "MAIL FROM:<a@example.com>\r\nRSET\r\n", "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nRSET\r\n")) {
            for (int i = 0; i < 10; i++) {
                try (Client client = greeted()) {
                    pour(client, loop.repeat(1_000), 20);
                }
            }
        }
        staysFlat();
    }

    @Test
    void authWithoutEndAndTokensWithoutEnd() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Client client = greeted()) {
                client.send("AUTH OAUTHBEARER ");
                pour(client, "QUFB".repeat(1 << 18), 16);
            }
        }
        staysFlat();
    }

    @Test
    void chunksOfOneOctetAndChunksThatNeverCome() throws Exception {
        List<Client> waiting = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                Client client = greeted();
                waiting.add(client);
                client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nBDAT 900000000\r\nx");
            }
            try (Client client = greeted()) {
                client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\n");
                client.reply();
                client.reply();
                for (int i = 0; i < 200; i++) {
                    client.send("BDAT 1\r\nx".repeat(100));
                    for (int k = 0; k < 100; k++) {
                        assertThat(client.reply()).startsWith("250 ");
                    }
                }
                assertThat(heap() - before).isLessThan(SLACK);
            }
        } finally {
            for (Client client : waiting) {
                client.close();
            }
        }
        staysFlat();
    }

    @Test
    void clientsThatReadNoReply() throws Exception {
        List<Client> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                Client client = new Client(address);
                silent.add(client);
                pour(client, "EHLO a.example\r\n".repeat(190), 1);
            }
            oneMessage();
            assertThat(heap() - before).isLessThan(SLACK + 100 * 16_384);
        } finally {
            for (Client client : silent) {
                client.close();
            }
        }
        staysFlat();
    }

    /// The first octets of a ClientHello say how long it is; what is set aside for those who send no more is little.
    @Test
    void handshakesThatAreAnnouncedAndNeverCome() throws Exception {
        List<Client> halfOpen = new ArrayList<>();
        try {
            for (int i = 0; i < 1_200; i++) {
                Client client = new Client(address);
                halfOpen.add(client);
                client.send("EHLO a.example\r\nSTARTTLS\r\n");
            }
            for (Client client : halfOpen) {
                client.reply();
                client.reply();
                assertThat(client.reply()).startsWith("220 ");
                client.send("\u0016\u0003\u0001\u0000\u0005\u0001\u0000\u007f\u00f0\u0003");   // 32,752 octets
            }
            oneMessage();
        } finally {
            for (Client client : halfOpen) {
                client.close();
            }
        }
        staysFlat();
    }
    /// A client that reads nothing is not read from either, once what the kernel takes of our replies is full: the commands that it goes on sending stay its own.
    @Test
    void commandsOfAClientThatReadsNoReplyAreNotRead() throws Exception {
        String recipient = "RCPT TO:<" + "r".repeat(60) + "@" + ("d".repeat(60) + ".").repeat(3) + "example>\r\n";
        int most = 80 << 20;
        try (SocketChannel client = SocketChannel.open(); Selector writable = Selector.open()) {
            client.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
            client.connect(address);
            client.configureBlocking(false);
            client.register(writable, SelectionKey.OP_WRITE);
            ByteBuffer commands = ByteBuffer.wrap(("EHLO a.example\r\nMAIL FROM:<a@example.com>\r\n" + recipient.repeat(990)).getBytes(StandardCharsets.US_ASCII));
            int sent = 0;
            while (sent < most && writable.select(3_000) > 0) {
                writable.selectedKeys().clear();
                sent += client.write(commands);
                if (!commands.hasRemaining()) {
                    commands.rewind();
                }
            }
            assertThat(sent).as("octets that were taken of it").isBetween(100_000, most - 1);
            assertThat(heap() - before).isLessThan(SLACK);
        }
        staysFlat();
    }
}
