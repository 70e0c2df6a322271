package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.InjectionEvent;

/// PROXY headers over sockets. The client's address decides, not the proxy's.
class ProxyTest {

    @TempDir
    Path folder;

    private ListenerFixture behindAProxy() throws Exception {
        return ListenerFixture.in(folder).behindAProxy().open();
    }

    @Test
    void theClientThatTheProxyNamesIsTheOneThatIsJudgedAndLogged() throws Exception {
        try (ListenerFixture relay = behindAProxy(); Client trusted = relay.connect(); Client stranger = relay.connect()) {
            trusted.send("PROXY TCP4 127.0.0.9 127.0.0.1 4711 25\r\n");
            assertThat(trusted.reply()).startsWith("220 ");
            trusted.ask("EHLO c.example.com");
            trusted.ask("MAIL FROM:<a@example.com>");
            trusted.ask("RCPT TO:<b@example.org>");
            trusted.ask("DATA");
            assertThat(trusted.ask("x\r\n.")).startsWith("250 ");
            assertThat(new String(relay.nextQueued().prologue(), StandardCharsets.US_ASCII)).contains("[127.0.0.9]");
            assertThat(relay.seen(InjectionEvent.Opened.class).getFirst().peerAddress()).isEqualTo("127.0.0.9");
            stranger.send("PROXY TCP6 2001:db8::9 2001:db8::1 4711 25\r\n");
            assertThat(stranger.reply()).isEqualTo("554 5.7.1 Your access to this mail system has been rejected");
        }
    }

    @Test
    void theHeaderMayComeInPiecesAndVersionTwoCounts() throws Exception {
        try (ListenerFixture relay = behindAProxy(); Client pieces = relay.connect(); Client second = relay.connect(); Client check = relay.connect()) {
            pieces.sendApart("PRO", "XY TCP4 127.0.0.9 127.0.0.1 4711 25\r", "\n");
            assertThat(pieces.reply()).startsWith("220 ");
            second.send("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u007f\0\0\u0009\u007f\0\0\u0001\u0010\u0001\0\u0019");
            assertThat(second.reply()).startsWith("220 ");
            check.send("\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0");
            assertThat(check.reply()).as("the proxy's own check").startsWith("220 ");
        }
    }

    @Test
    void whatTheClientSentBehindTheHeaderIsNotLost() throws Exception {
        try (ListenerFixture relay = behindAProxy(); Client client = relay.connect()) {
            client.send("PROXY TCP4 127.0.0.9 127.0.0.1 4711 25\r\nEHLO c.example.com\r\n");
            assertThat(client.reply()).startsWith("220 ");
            assertThat(client.reply()).startsWith("250-relay.example.net");
        }
    }

    @Test
    void aProxyWithoutItsHeaderIsClosedWithoutAWord() throws Exception {
        try (ListenerFixture relay = behindAProxy(); Client client = relay.connect()) {
            client.send("EHLO c.example.com\r\n");
            assertThat(client.closed()).isTrue();
            assertThat(relay.seen(InjectionEvent.Opened.class)).isEmpty();
        }
    }

    @Test
    void B_RELAY_aHeaderFromWhoeverIsNoProxyIsAnUnknownCommand() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("PROXY TCP4 192.0.2.1 198.51.100.1 56324 25")).startsWith("500 5.5.1 ");
            assertThat(relay.seen(InjectionEvent.Opened.class).getFirst().peerAddress()).isEqualTo("127.0.0.1");
        }
    }
}
