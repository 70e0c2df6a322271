package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.access.SenderGroup;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Domain;

/// XCLIENT from a server in front, and from everybody else.
class XclientTest {

    private static final SenderGroup APPS = group("APPS", new PeerPattern.Block(AddressBlock.parse("192.0.2.0/24").orElseThrow(), "192.0.2.0/24"), Access.RELAY);
    private static final SenderGroup NAMED = group("NAMED", new PeerPattern.Host(Domain.of("app.example.com"), "app.example.com"), Access.RELAY);
    private static final SenderGroup BLOCKED = group("BLOCKED", new PeerPattern.Block(AddressBlock.parse("203.0.113.0/24").orElseThrow(), "203.0.113.0/24"), Access.REJECT);

    @TempDir
    Path folder;

    private static SenderGroup group(String name, PeerPattern match, Access access) {
        return new SenderGroup(name, List.of(match), MailFlowPolicy.of(name, access).withBanner("{group} {address}"), "access.yaml:1");
    }

    private ListenerFixture.Wish front() {
        return ListenerFixture.in(folder).behindAFront().policy(MailFlowPolicy.of("fronts", Access.ACCEPT)).groups(APPS, NAMED, BLOCKED);
    }

    @Test
    void theSessionGoesOnAsTheClientsFromItsGreetingOn() throws Exception {
        try (ListenerFixture relay = front().open(); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO front.example.com")).contains("XCLIENT ADDR NAME PORT");
            assertThat(client.ask("XCLIENT ADDR=192.0.2.7 NAME=[UNAVAILABLE] PORT=4711")).isEqualTo("220 relay.example.net APPS 192.0.2.7");
            assertThat(client.ask("MAIL FROM:<a@example.com>")).as("EHLO comes first again").startsWith("503 ");
            client.ask("EHLO app.example.com");
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250 ");
            client.ask("DATA");
            assertThat(client.ask("x\r\n.")).startsWith("250 ");
            var message = relay.nextQueued();
            assertThat(message.origin().injection().address()).isEqualTo("192.0.2.7");
            assertThat(new String(message.prologue(), StandardCharsets.US_ASCII)).contains("from app.example.com (unknown [192.0.2.7])");
            assertThat(relay.seen(InjectionEvent.ClientClaimed.class)).singleElement().satisfies(seen -> assertThat(seen.peerAddress()).isEqualTo("192.0.2.7"));
        }
    }

    @Test
    void aNameAndAnIpv6AddressAreTakenAndOneClientFollowsTheOther() throws Exception {
        try (ListenerFixture relay = front().open(); Client client = relay.greeted()) {
            assertThat(client.ask("xclient name=App.Example.com addr=IPV6:2001:db8::7")).isEqualTo("220 relay.example.net NAMED 2001:db8:0:0:0:0:0:7");
            assertThat(client.ask("XCLIENT ADDR=192.0.2.8")).isEqualTo("220 relay.example.net APPS 192.0.2.8");
            assertThat(client.ask("XCLIENT ADDR=198.51.100.1")).as("nobody's group is nobody").startsWith("554 5.7.1 ");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void aClientThatIsRefusedIsRefused() throws Exception {
        try (ListenerFixture relay = front().open(); Client client = relay.greeted()) {
            assertThat(client.ask("XCLIENT ADDR=203.0.113.9")).startsWith("554 5.7.1 ");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void B_RELAY_fromAnybodyElseItIsNoCommandAndGivesNothing() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(MailFlowPolicy.of("here", Access.ACCEPT)).groups(APPS).open(); Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO c.example.com")).doesNotContain("XCLIENT");
            assertThat(client.ask("XCLIENT ADDR=192.0.2.7")).startsWith("500 5.5.1 ");
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("RCPT TO:<b@example.org>")).isEqualTo("550 5.7.1 relaying denied");
            assertThat(relay.seen(InjectionEvent.ClientClaimed.class)).isEmpty();
            assertThat(relay.seen(InjectionEvent.UnknownCommand.class)).hasSize(1);
        }
    }

    @Test
    void B_RELAY_aClientBehindAProxyHasNoneOfTheProxysRights() throws Exception {
        try (ListenerFixture relay = front().behindAProxy().open(); Client other = relay.connect(); Client same = relay.connect()) {
            other.send("PROXY TCP4 127.0.0.9 127.0.0.1 4711 25\r\n");
            other.reply();
            assertThat(other.ask("EHLO c.example.com")).doesNotContain("XCLIENT");
            assertThat(other.ask("XCLIENT ADDR=192.0.2.7")).startsWith("500 5.5.1 ");
            same.send("PROXY TCP4 127.0.0.1 127.0.0.1 4711 25\r\n");
            same.reply();
            assertThat(same.ask("EHLO c.example.com")).as("the server in front is behind the proxy").contains("XCLIENT");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ADDR", "ADDR=", "ADDR=127.1", "ADDR=2130706433", "ADDR=192.0.2.07", "ADDR=[UNAVAILABLE]", "ADDR=2001:db8::1", "ADDR=IPV6:2001:db8::1%eth0", "ADDR=192.0.2.1 ADDR=192.0.2.2",
        "NAME=app.example.com", "ADDR=192.0.2.1 NAME=app.example.com+0D+0AMAIL", "ADDR=192.0.2.1 NAME=a+00b.example", "ADDR=192.0.2.1+0A", "ADDR=192.0.2.1 NAME=app_..example", "ADDR=192.0.2.1 PORT=99999",
        "ADDR=192.0.2.1 PORT=-1", "ADDR=192.0.2.1 LOGIN=admin", "ADDR=192.0.2.1 HELO=x", "ADDR=192.0.2.1  NAME=a.example", "ADDR=192.0.2.1\tNAME=a.example", "ADDR=\u00b9\u00b2\u00b3.0.2.1"})
    void B_INJ_whatIsNotOfTheGrammarChangesNothing(String argument) throws Exception {
        try (ListenerFixture relay = front().open(); Client client = relay.greeted()) {
            assertThat(client.ask("XCLIENT " + argument)).startsWith("501 5.5.4 ");
            assertThat(relay.seen(InjectionEvent.ClientClaimed.class)).isEmpty();
        }
    }

    @Test
    void insideATransactionItIsRefusedAndTheTransactionStays() throws Exception {
        try (ListenerFixture relay = front().open(); Client client = relay.greeted()) {
            client.ask("XCLIENT ADDR=192.0.2.7");
            client.ask("EHLO app.example.com");
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("XCLIENT ADDR=192.0.2.8")).startsWith("503 5.5.1 ");
            assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250 ");
            assertThat(relay.seen(MessageEvent.Started.class)).hasSize(1);
        }
    }

    @Test
    void startTlsForgetsAClientThatWasNamedInTheClear() throws Exception {
        try (ListenerFixture relay = front().open(); Client client = relay.greeted()) {
            client.ask("XCLIENT ADDR=192.0.2.7");
            client.ask("EHLO app.example.com");
            client.ask("STARTTLS");
            client.startTls();
            client.ask("EHLO app.example.com");
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("RCPT TO:<b@example.org>")).isEqualTo("550 5.7.1 relaying denied");
            client.ask("RSET");
            assertThat(client.ask("XCLIENT ADDR=192.0.2.7")).startsWith("220 ");
        }
    }
}
