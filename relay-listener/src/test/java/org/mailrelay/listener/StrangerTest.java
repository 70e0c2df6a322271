package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MessageEvent;

/// A stranger who says he is somebody (B-RELAY), and a browser that was led to us (B-STLS 9, cross-protocol attacks inside TLS).
class StrangerTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"EHLO localhost", "EHLO relay.example.net", "EHLO [127.0.0.1]", "HELO trusted.example", "XCLIENT ADDR=127.0.0.1 NAME=trusted.example",
            "XFORWARD ADDR=127.0.0.1", "PROXY TCP4 10.1.1.1 10.1.1.2 1000 25", "AUTH PLAIN AGEAYg==", "XEXCH50 1 1", "ETRN d.example", "TURN"})
    void B_RELAY_noNameAndNoWordGivesARight(String word) throws Exception {
        MailFlowPolicy guests = MailFlowPolicy.of("guests", MailFlowPolicy.Access.ACCEPT);
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(guests).open(); Client client = relay.greeted()) {
            String answer = client.ask(word);
            assertThat(answer).matches(word.startsWith("EHLO") || word.startsWith("HELO") ? "(?s)250.*" : "5.*");
            assertThat(client.ask("MAIL FROM:<x@relay.example.net>")).startsWith("250 ");
            assertThat(client.ask("RCPT TO:<t@d.example>")).isEqualTo("550 5.7.1 relaying denied");
            assertThat(relay.seen(InjectionEvent.Opened.class).getFirst().peerAddress()).isEqualTo("127.0.0.1");
        }
    }

    /// Whoever used the connection before leaves nothing to the next: a new EHLO keeps no recipient, and a right that came with a message goes with it.
    @Test
    void B_RELAY_anEarlierTransactionOnTheConnectionGivesNothing() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.inData()) {
            assertThat(client.ask("x\r\n.")).startsWith("250 ");
            client.ask("EHLO another.example");
            client.send("RCPT TO:<t@d.example>\r\nDATA\r\n");
            assertThat(List.of(client.reply(), client.reply())).allMatch(reply -> reply.startsWith("503 "));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST / HTTP/1.1", "GET /?MAIL%20FROM HTTP/1.1", "PRI * HTTP/2.0", "CONNECT relay.example.net:25 HTTP/1.1", "OPTIONS * HTTP/1.1"})
    void B_STLS_9_aBrowserInsideTlsIsLeftBeforeTheCommandsInItsBody(String line) throws Exception {
        for (boolean implicit : new boolean[] {false, true}) {
            Path own = java.nio.file.Files.createDirectory(folder.resolve(String.valueOf(implicit)));
            ListenerFixture.Wish wish = ListenerFixture.in(own);
            try (ListenerFixture relay = (implicit ? wish.implicitTls() : wish).open(); Client client = implicit ? relay.connect() : relay.greeted()) {
                if (!implicit) {
                    client.ask("STARTTLS");
                }
                client.startTls();
                client.send(line + "\r\nHost: relay.example.net\r\nContent-Length: 200\r\n\r\nEHLO a.example\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\n");
                String last = implicit ? client.reply().startsWith("220") ? client.reply() : "" : client.reply();
                assertThat(last).isEqualTo("421 4.5.1 this is an SMTP server");
                assertThat(client.closed()).isTrue();
                assertThat(relay.seen(MessageEvent.Started.class)).isEmpty();
            }
        }
    }
}
