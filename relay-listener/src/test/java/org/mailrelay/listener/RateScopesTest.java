package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.access.MailFlowPolicy.Identity;
import org.mailrelay.core.access.MailFlowPolicy.VerifyClient;
import org.mailrelay.core.access.Rate;
import org.mailrelay.core.access.Rates;
import org.mailrelay.core.access.Rates.Scope;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.listener.RateMeter.Key;
import org.mailrelay.listener.RateMeter.What;
import org.mailrelay.listener.auth.UserFile;

/// Every rate for everybody whom it can be for.
class RateScopesTest {

    private static final String TOO_FAST = "421 4.7.0 too many connections of late, try again later";
    private static final String EXCEEDED = "452 4.7.1 rate limit reached, try again later";
    private static final InetAddress HERE = address(1);
    private static final InetAddress THERE = address(2);

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static AuthSources users;
    private final List<Client> open = new ArrayList<>();

    @BeforeAll
    static void users() throws Exception {
        Path file = shared.resolve("users");
        UserFile.empty().with("app1", "secret", List.of(), new Random(1)).with("app2", "secret", List.of(), new Random(2)).write(file);
        users = new AuthSources(Optional.of(file), Optional.empty(), Optional.empty());
    }

    /// Clients leave before the relay ends, or it would wait for them.
    @AfterEach
    void leave() throws Exception {
        for (Client each : open) {
            each.close();
        }
    }

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
        } catch (java.net.UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// A client: where it comes from, and as whom.
    private record Who(InetAddress from, String user) {

        static Who at(InetAddress from) {
            return new Who(from, "");
        }
    }

    /// Who shares what of a rate with whom.
    private enum Case {
        AN_ADDRESS(Scope.CLIENT, Who.at(HERE), Who.at(HERE), Optional.of(Who.at(THERE))),
        A_USER_WHEREVER_IT_IS(Scope.CLIENT, new Who(HERE, "app1"), new Who(THERE, "app1"), Optional.of(new Who(HERE, "app2"))),
        AN_ADDRESS_WHOEVER_IS_THERE(Scope.ADDRESS, new Who(HERE, "app1"), new Who(HERE, "app2"), Optional.of(new Who(THERE, "app1"))),
        A_GROUP(Scope.GROUP, Who.at(HERE), Who.at(THERE), Optional.empty());

        private final Scope scope;
        private final Who first;
        private final Who same;
        private final Optional<Who> another;

        Case(Scope scope, Who first, Who same, Optional<Who> another) {
            this.scope = scope;
            this.first = first;
            this.same = same;
            this.another = another;
        }
    }

    private static Stream<Arguments> all() {
        return Stream.of(Case.values()).flatMap(each -> Stream.of(What.CONNECTION, What.MESSAGE, What.RECIPIENT, What.OCTETS).map(what -> Arguments.of(what, each)));
    }

    private static MailFlowPolicy policy(What what, Scope scope, long count) {
        Optional<Rate> rate = Optional.of(new Rate(what == What.OCTETS ? 300 * count : count, Duration.ofHours(1)));
        Optional<Rate> none = Optional.empty();
        return open(new Rates(scope, what == What.CONNECTION ? rate : none, what == What.MESSAGE ? rate : none, what == What.RECIPIENT ? rate : none, what == What.OCTETS ? rate : none, none));
    }

    private static MailFlowPolicy open(Rates rates) {
        return ListenerFixture.relaying().withIdentity(new Identity(Auth.PREFERRED, true, VerifyClient.OFF)).withRates(rates);
    }

    /// Connects and says who it is.
    ///
    /// @return the first reply that is no success, or the last one
    private String enter(ListenerFixture relay, Who who) throws Exception {
        Client client = new Client(relay.address(), who.from());
        open.add(client);
        String greeting = client.reply();
        if (!greeting.startsWith("220 ")) {
            return greeting;
        }
        String hello = client.ask("EHLO client.example.com");
        return who.user().isEmpty() ? hello.substring(0, 3)
                : client.ask("AUTH PLAIN " + Base64.getEncoder().encodeToString(("\0" + who.user() + "\0secret").getBytes(StandardCharsets.UTF_8)));
    }

    /// One of what is counted.
    private String one(ListenerFixture relay, What what, Who who) throws Exception {
        String entered = enter(relay, who);
        if (what == What.CONNECTION || entered.startsWith("4")) {
            return entered;
        }
        Client client = open.getLast();
        String mail = client.ask("MAIL FROM:<a@example.com>");
        if (what == What.MESSAGE || !mail.startsWith("250 ")) {
            return mail;
        }
        String recipient = client.ask("RCPT TO:<b@example.org>");
        if (what == What.RECIPIENT) {
            return recipient;
        }
        client.ask("DATA");
        client.send("x".repeat(200) + "\r\n.\r\n");   // with our Received field some 400
        return client.reply();
    }

    private static boolean taken(String reply) {
        return reply.startsWith("2");
    }

    @ParameterizedTest
    @MethodSource("all")
    void whoSharesARateIsRefusedAndAnotherIsNot(What what, Case who) throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).users(users).policy(policy(what, who.scope, 2)).open(); AutoCloseable clients = this::leave) {
            assertThat(taken(one(relay, what, who.first))).isTrue();
            assertThat(taken(one(relay, what, who.first))).isTrue();
            String refusal = what == What.CONNECTION ? TOO_FAST : EXCEEDED;
            assertThat(one(relay, what, who.same)).isEqualTo(refusal);
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).extracting(InjectionEvent.ReceivingFailed::why).containsOnly(ReceivingFailure.RATE);
            if (who.another.isPresent()) {
                assertThat(taken(one(relay, what, who.another.get()))).isTrue();
            }
        }
    }

    /// A reload forgives nothing, and what it allows is allowed at once.
    @ParameterizedTest
    @EnumSource(value = What.class, names = {"CONNECTION", "MESSAGE", "RECIPIENT", "OCTETS"})
    void aReloadKeepsWhatWasCounted(What what) throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).users(users).policy(policy(what, Scope.CLIENT, 2)).open(); AutoCloseable clients = this::leave) {
            one(relay, what, Who.at(HERE));
            one(relay, what, Who.at(HERE));
            relay.reload(policy(what, Scope.CLIENT, 2));
            assertThat(taken(one(relay, what, Who.at(HERE)))).isFalse();
            relay.reload(policy(what, Scope.CLIENT, 1_000));
            assertThat(taken(one(relay, what, Who.at(HERE)))).as("more is allowed, and comes with time").isFalse();
            assertThat(taken(one(relay, what, Who.at(THERE)))).isTrue();
            relay.reload(open(Rates.NONE));
            assertThat(taken(one(relay, what, Who.at(HERE)))).isTrue();
        }
    }

    /// Whoever is over a rate of its own must not use up what others may send as somebody.
    @Test
    void whatOneRateRefusesTakesNothingOfAnother() throws Exception {
        Optional<Rate> two = Optional.of(new Rate(2, Duration.ofHours(1)));
        Rates rates = new Rates(Scope.CLIENT, Optional.empty(), two, Optional.empty(), Optional.empty(), Optional.of(new Rate(3, Duration.ofHours(1))));
        try (ListenerFixture relay = ListenerFixture.in(folder).users(users).policy(open(rates)).open(); AutoCloseable clients = this::leave) {
            for (int i = 0; i < 6; i++) {
                one(relay, What.MESSAGE, Who.at(HERE));
            }
            assertThat(one(relay, What.MESSAGE, Who.at(THERE))).startsWith("250 ");
            assertThat(one(relay, What.MESSAGE, Who.at(THERE))).as("the sender's rate").isEqualTo(EXCEEDED);
        }
    }

    @Test
    void B_DOS_theTablesAreBoundedAndInventedSendersPushNobodyElseOut() {
        RateMeter meter = new RateMeter();
        Optional<Rate> one = Optional.of(new Rate(1, Duration.ofHours(1)));
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        meter.take(new Key(What.CONNECTION, "address 192.0.2.1"), one, now);
        for (int i = 0; i < 2 * RateMeter.MOST; i++) {
            meter.take(new Key(What.SENDER, "<s" + i + "@example.com>"), one, now);
        }
        assertThat(meter.size()).isEqualTo(RateMeter.MOST + 1);
        assertThat(meter.take(new Key(What.CONNECTION, "address 192.0.2.1"), one, now)).isFalse();
        assertThat(Arrays.stream(What.values()).filter(what -> meter.any(new Key(what, "address 192.0.2.1"), one, now))).doesNotContain(What.CONNECTION);
    }
}
