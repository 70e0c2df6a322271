package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two relays that send everything to each other (B-LOOP): a message ends at the limit of Received fields, its sender is told once, and that report, which goes
/// round as well, ends without another (RFC 5321 §6.3, RFC 3464 §2).
class MailLoopTest {

    @TempDir
    private Path folder;

    @Test
    void B_LOOP_aMessageBetweenTwoRelaysEndsWithOneReportAndTheReportWithNone() throws Exception {
        int onePort = freePort();
        try (LoopbackRelay two = new LoopbackRelay(Files.createDirectory(folder.resolve("two")), "two.example.net", onePort, List.of("{access: RELAY}"));
                LoopbackRelay one = new LoopbackRelay(Files.createDirectory(folder.resolve("one")), "one.example.net", onePort, two.address().getPort(), List.of("{access: RELAY}"))) {
            send(one.address());
            two.awaitLog(text -> text.lines().anyMatch(line -> line.contains(" Double bounce: MID ")));
            assertThat(one.log().lines().filter(line -> line.endsWith("Receiving Failed: Message loop"))).as("the message, then its report").hasSize(2);
            assertThat((one.log() + two.log()).lines().filter(line -> line.contains("was generated for bounce of MID"))).hasSize(1);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static void send(InetSocketAddress relay) throws IOException {
        try (Socket socket = new Socket(relay.getAddress(), relay.getPort());
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            socket.getOutputStream().write("EHLO a.example\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n".getBytes(StandardCharsets.US_ASCII));
            while (!in.readLine().startsWith("354")) {
                // the greeting and the replies before
            }
            socket.getOutputStream().write("Subject: round and round\r\n\r\nx\r\n.\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(in.readLine()).startsWith("250 ");
        }
    }
}
