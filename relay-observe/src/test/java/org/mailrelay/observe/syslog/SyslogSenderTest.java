package org.mailrelay.observe.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.RelaySettings.Syslog;
import org.mailrelay.core.tls.Trust;

@Timeout(30)
class SyslogSenderTest {

    private static final Instant AT = Instant.parse("2026-01-07T13:13:16.250Z");
    private static final MailEvent QUEUED = new MessageEvent.Queued(AT, new Mid(6), 1, 10);

    private static Syslog settings(int port, Syslog.Transport transport, Syslog.Format format) {
        return new Syslog("127.0.0.1", port, transport, format, 2, Trust.SYSTEM);
    }

    private static SyslogSender sender(Syslog settings) {
        return new SyslogSender(settings, "relay.example.net", ZoneOffset.UTC, SocketFactory.getDefault(), MailEvent.Level.INFO, _ -> { });
    }

    @Test
    void writesBothForms() {
        SyslogLine old = new SyslogLine(settings(514, Syslog.Transport.UDP, Syslog.Format.RFC3164), "relay.example.net", ZoneId.of("Europe/Berlin"));
        assertThat(new String(old.of(AT, MailEvent.Level.WARNING, "MID 6 x"), StandardCharsets.US_ASCII)).isEqualTo("<20>Jan  7 14:13:16 relay.example.net mail_logs: MID 6 x");
        SyslogLine now = new SyslogLine(settings(514, Syslog.Transport.UDP, Syslog.Format.RFC5424), "relay.example.net", ZoneId.of("Europe/Berlin"));
        assertThat(new String(now.of(AT, MailEvent.Level.INFO, "MID 6 x"), StandardCharsets.US_ASCII)).isEqualTo("<22>1 2026-01-07T13:13:16.250Z relay.example.net mail_logs - - - MID 6 x");
    }

    @Test
    void sendsADatagramALine() throws Exception {
        try (DatagramSocket server = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SyslogSender sender = sender(settings(server.getLocalPort(), Syslog.Transport.UDP, Syslog.Format.RFC5424))) {
            sender.event(QUEUED, "MID 6 queued for delivery");
            DatagramPacket packet = new DatagramPacket(new byte[1_000], 1_000);
            server.receive(packet);
            assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII)).endsWith(" mail_logs - - - MID 6 queued for delivery");
        }
    }

    @Test
    void sendsLinesWithTheirLengthAndComesBackAfterTheServerWentAway() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                SyslogSender sender = sender(settings(server.getLocalPort(), Syslog.Transport.TCP, Syslog.Format.RFC3164))) {
            sender.event(QUEUED, "one");
            try (Socket first = server.accept()) {
                assertThat(read(first.getInputStream())).endsWith("mail_logs: one");
            }
            // a line or two may be lost to a connection that was closed unseen; the ones behind them arrive over the next
            CompletableFuture<String> next = CompletableFuture.supplyAsync(() -> {
                try (Socket second = server.accept()) {
                    return read(second.getInputStream());
                } catch (java.io.IOException failed) {
                    throw new java.io.UncheckedIOException(failed);
                }
            });
            String arrived = "";
            while (arrived.isEmpty()) {
                sender.event(QUEUED, "again");
                arrived = within20Millis(next);
            }
            assertThat(arrived).endsWith("mail_logs: again");
        }
    }

    @Test
    void aServerThatIsAwayDelaysNobodyAndLossesAreCounted() {
        CompletableFuture<Long> told = new CompletableFuture<>();
        try (SyslogSender sender = new SyslogSender(settings(1, Syslog.Transport.TCP, Syslog.Format.RFC5424), "relay.example.net", ZoneOffset.UTC, SocketFactory.getDefault(),
                MailEvent.Level.INFO, told::complete)) {
            for (int n = 0; n < (1 << 15) + 100; n++) {
                sender.event(QUEUED, "line");
            }
            sender.look();
            assertThat(told).isCompletedWithValueMatching(count -> count >= 99 && count <= 100);
        }
    }

    /// The connection is full, and nothing takes from it: the end comes all the same, and the thread is gone.
    @Test
    void aServerThatTakesNothingHoldsUpNoEnd() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            SyslogSender sender = sender(settings(server.getLocalPort(), Syslog.Transport.TCP, Syslog.Format.RFC5424));
            String line = "x".repeat(4_000);
            for (int n = 0; n < 5_000; n++) {
                sender.event(QUEUED, line);
            }
            try (Socket silent = server.accept()) {
                sender.close();
                assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().equals("syslog 127.0.0.1") && thread.isAlive());
            }
        }
    }

    @Test
    void leavesOutWhatIsBelowTheLevel() throws Exception {
        try (DatagramSocket server = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SyslogSender sender = new SyslogSender(settings(server.getLocalPort(), Syslog.Transport.UDP, Syslog.Format.RFC5424), "relay.example.net", ZoneOffset.UTC,
                        SocketFactory.getDefault(), MailEvent.Level.WARNING, _ -> { })) {
            sender.event(QUEUED, "info");
            sender.event(new SystemEvent.LinesDropped(AT, "mail_logs", 1), "warning");
            DatagramPacket packet = new DatagramPacket(new byte[1_000], 1_000);
            server.receive(packet);
            assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII)).endsWith("warning");
        }
    }

    /// Empty when it has not come by then.
    private static String within20Millis(CompletableFuture<String> next) throws Exception {
        try {
            return next.get(20, TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            return "";
        }
    }

    private static String read(InputStream in) throws java.io.IOException {
        int length = 0;
        for (int c = in.read(); c != ' '; c = in.read()) {
            length = length * 10 + c - '0';
        }
        return new String(in.readNBytes(length), StandardCharsets.US_ASCII);
    }
}
