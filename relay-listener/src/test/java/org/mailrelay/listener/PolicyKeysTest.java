package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.access.MailFlowPolicy.Identity;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.access.MailFlowPolicy.VerifyClient;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.access.Rate;
import org.mailrelay.core.access.Rates;
import org.mailrelay.core.access.SenderGroup;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.listener.auth.UserFile;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.testkit.dns.FakeDns;

/// Whom a sender group is for, and what its policy then does, as a client sees it.
class PolicyKeysTest {

    @TempDir
    Path folder;

    private static SenderGroup group(String name, PeerPattern match, MailFlowPolicy policy) {
        return new SenderGroup(name, List.of(match), policy, "access.yaml:1");
    }

    private static MailFlowPolicy relaying(String name) {
        return MailFlowPolicy.of(name, Access.RELAY);
    }

    private static PeerPattern block(String text) {
        return new PeerPattern.Block(AddressBlock.parse(text).orElseThrow(), text);
    }

    /// A connection that a proxy says is from there.
    private static Client from(ListenerFixture relay, String address) throws Exception {
        Client client = relay.connect();
        client.send("PROXY TCP4 " + address + " 127.0.0.1 4711 25\r\n");
        return client;
    }

    @Test
    void hostNamesCountWhereReverseAndForwardDnsAgree() throws Exception {
        try (FakeDns dns = FakeDns.start()) {
            dns.record("1.2.0.192.in-addr.arpa", "PTR", "app.example.com.").record("app.example.com", "A", "192.0.2.1")
                    .record("2.2.0.192.in-addr.arpa", "PTR", "app.example.com.")
                    .record("3.2.0.192.in-addr.arpa", "PTR", "a.apps.example.org.").record("a.apps.example.org", "A", "192.0.2.3");
            SenderGroup named = group("NAMED", new PeerPattern.Host(Domain.of("app.example.com"), "app.example.com"), relaying("named").withBanner("named"));
            SenderGroup below = group("BELOW", new PeerPattern.Below(Domain.of("apps.example.org"), ".apps.example.org"), relaying("below").withBanner("below"));
            SenderGroup rest = group("REST", new PeerPattern.Everyone("ALL"), relaying("rest").withBanner("rest"));
            try (ListenerFixture relay = ListenerFixture.in(folder).behindAProxy().dns(dns.address()).groups(named, below, rest).open();
                    Client confirmed = from(relay, "192.0.2.1"); Client claimed = from(relay, "192.0.2.2"); Client suffix = from(relay, "192.0.2.3"); Client nameless = from(relay, "192.0.2.4")) {
                assertThat(confirmed.reply()).endsWith(" named");
                assertThat(claimed.reply()).as("its name leads elsewhere").endsWith(" rest");
                assertThat(suffix.reply()).endsWith(" below");
                assertThat(nameless.reply()).endsWith(" rest");
                assertThat(relay.seen(InjectionEvent.Opened.class)).filteredOn(InjectionEvent.Opened::verified).hasSize(2);
            }
        }
    }

    @Test
    void eachRangeHasLimitsTlsAndAuthOfItsOwn() throws Exception {
        SenderGroup small = group("SMALL", block("127.0.0.2"), relaying("small").withLimits(new MailFlowPolicy.Limits(1_000, 10, 100, 10)));
        SenderGroup secure = group("SECURE", block("127.0.0.3"), relaying("secure").withTls(InboundTls.REQUIRED));
        SenderGroup refused = group("REFUSED", block("127.0.0.4"), MailFlowPolicy.of("refused", Access.REJECT));
        SenderGroup silent = group("SILENT", block("127.0.0.5"), MailFlowPolicy.of("silent", Access.TCPREFUSE));
        SenderGroup accepted = group("ACCEPTED", block("127.0.0.6"), MailFlowPolicy.of("accepted", Access.ACCEPT));
        try (ListenerFixture relay = ListenerFixture.in(folder).behindAProxy().groups(small, secure, refused, silent, accepted).open()) {
            assertThat(said(relay, "127.0.0.2", "MAIL FROM:<a@example.com> SIZE=2000")).isEqualTo("552 5.3.4 size limit exceeded");
            assertThat(said(relay, "127.0.0.9", "MAIL FROM:<a@example.com> SIZE=2000")).startsWith("250 ");
            assertThat(said(relay, "127.0.0.3", "MAIL FROM:<a@example.com>")).startsWith("530 5.7.0 ");
            assertThat(said(relay, "127.0.0.6", "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>")).startsWith("250 ");
            try (Client client = from(relay, "127.0.0.4"); Client nobody = from(relay, "127.0.0.5")) {
                assertThat(client.reply()).isEqualTo("554 5.7.1 Your access to this mail system has been rejected");
                assertThat(nobody.closed()).isTrue();
            }
        }
    }

    private static String said(ListenerFixture relay, String address, String command) throws Exception {
        try (Client client = from(relay, address)) {
            client.reply();
            client.ask("EHLO c.example.com");
            return client.ask(command);
        }
    }

    @Test
    void aMessageCarriesWhatItsPolicyAsksOfDelivery() throws Exception {
        MailFlowPolicy plain = relaying("plain");
        MailFlowPolicy raised = new MailFlowPolicy("raised", plain.access(), plain.tls(), plain.identity(), plain.limits(), plain.rates(), plain.allowedSenders(), plain.banner(), false,
                plain.hygiene(), plain.earlyTalkers(), plain.bareLineEndings(), Optional.of(TlsLevel.REQUIRED_VERIFY));
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(raised).open(); Client client = relay.inData()) {
            client.ask("Subject: x\r\n\r\nx\r\n.");
            QueuedMessage message = relay.nextQueued();
            assertThat(message.origin().tlsFloor()).as("delivery_tls").contains(TlsLevel.REQUIRED_VERIFY);
            assertThat(message.origin().injection().policy()).as("by which source finds its gateway").isEqualTo("raised");
            assertThat(message.origin().injection().listener()).isEqualTo("test");
            assertThat(message.prologue()).as("received_header: false").isEmpty();
        }
    }

    private static void authenticate(Client client, String user) throws Exception {
        client.ask("STARTTLS");
        client.startTls();
        client.ask("EHLO c.example.com");
        assertThat(client.ask("AUTH PLAIN " + Base64.getEncoder().encodeToString(("\0" + user + "\0secret").getBytes(StandardCharsets.UTF_8)))).startsWith("235 ");
    }

    /// `rate_scope: client` counts a user wherever it comes from, and two users at one address apart; `group` counts all together.
    @Test
    void ratesAreForAUserAnAddressOrTheWholeGroup() throws Exception {
        Path file = folder.resolve("users");
        UserFile.empty().with("app1", "secret", List.of(), new Random(1)).with("app2", "secret", List.of(), new Random(2)).write(file);
        AuthSources users = new AuthSources(Optional.of(file), Optional.empty(), Optional.empty());
        Optional<Rate> one = Optional.of(new Rate(1, Duration.ofHours(1)));
        for (Rates.Scope scope : Rates.Scope.values()) {
            Rates rates = new Rates(scope, Optional.empty(), one, Optional.empty(), Optional.empty(), Optional.empty());
            MailFlowPolicy policy = relaying("users").withIdentity(new Identity(Auth.REQUIRED, false, VerifyClient.OFF)).withRates(rates);
            Path own = Files.createDirectory(folder.resolve(scope.name()));
            try (ListenerFixture relay = ListenerFixture.in(own).users(users).policy(policy).open(); Client first = relay.greeted(); Client second = relay.greeted(); Client again = relay.greeted()) {
                authenticate(first, "app1");
                authenticate(second, "app2");
                authenticate(again, "app1");
                assertThat(first.ask("MAIL FROM:<a@example.com>")).startsWith("250 ");
                assertThat(second.ask("MAIL FROM:<a@example.com>")).startsWith(scope == Rates.Scope.CLIENT ? "250 " : "452 4.7.1 ");
                assertThat(again.ask("MAIL FROM:<a@example.com>")).isEqualTo("452 4.7.1 rate limit reached, try again later");
                assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).allSatisfy(seen -> assertThat(seen.why()).isEqualTo(InjectionEvent.ReceivingFailure.RATE));
            }
        }
    }

    @Test
    void aGroupOfAUserIsFoundOnceTheUserIsKnown() throws Exception {
        Path file = folder.resolve("users");
        UserFile.empty().with("app1", "secret", List.of(), new Random(1)).write(file);
        SenderGroup own = group("APP1", new PeerPattern.User("app1", "user:app1"), relaying("app1").withLimits(new MailFlowPolicy.Limits(5_000_000, 10, 100, 10)));
        MailFlowPolicy first = relaying("first").withIdentity(new Identity(Auth.PREFERRED, false, VerifyClient.OFF)).withLimits(new MailFlowPolicy.Limits(1_000, 10, 100, 10));
        try (ListenerFixture relay = ListenerFixture.in(folder).users(new AuthSources(Optional.of(file), Optional.empty(), Optional.empty())).groups(own).policy(first).open(); Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<a@example.com> SIZE=2000")).startsWith("552 ");
            authenticate(client, "app1");
            assertThat(client.ask("EHLO c.example.com")).contains("SIZE 5000000");
            assertThat(client.ask("MAIL FROM:<a@example.com> SIZE=2000")).startsWith("250 ");
            assertThat(relay.seen(InjectionEvent.AccessDecided.class)).extracting(InjectionEvent.AccessDecided::match).containsExactly("127.0.0.0/8", "user:app1");
            assertThat(Set.copyOf(relay.seen(InjectionEvent.AccessDecided.class).stream().map(InjectionEvent.AccessDecided::access).toList())).containsExactly(Access.RELAY);
        }
    }
}
