package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.HostPlan;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.HostRules;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.delivery.conversation.Credentials;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// RFC 4954 §4, R-AUTH-2: credentials go to the host they belong to, inside TLS that was verified against the route's host
/// name, and nowhere else.
@Timeout(60)
class CredentialsTest {

    private static final TestCa CA = new TestCa(Instant.now());
    private static final String PLAIN = "AUTH PLAIN AGFwcDEAc2VjcmV0";
    @TempDir
    static Path folder;
    private static SocketBench bench;

    @BeforeAll
    static void open() {
        bench = new SocketBench();
        CA.write(folder);
    }

    @AfterAll
    static void close() {
        bench.close();
    }

    private static HostPlan plan(boolean implicitTls, Optional<Domain> host) {
        return HostRules.plan(new HostQuestion(new TlsRule(TlsLevel.NONE, "conf/destinations.yaml:1", "default"), Optional.empty(), Domain.of("example.com"), host,
                Optional.of(new HostQuestion.Route(new TlsRule(TlsLevel.NONE, "conf/routes.yaml:3", "ALL"), implicitTls, true)), List.of(),
                new Trust(false, List.of(folder.resolve("ca.pem"))), false, true, false));
    }

    private static RecordingSource run(FakeMx hub, boolean implicitTls) throws Exception {
        HostPlan.Try terms = (HostPlan.Try) plan(implicitTls, Optional.of(Domain.of("hub.example.com")));
        return bench.run(hub.address(), "hub.example.com", terms.terms(), Optional.of(new Credentials("app1", "secret")), new RecordingSource(1));
    }

    private static FakeMx hub(TestCa.Identity identity, boolean implicitTls, String offered, Map<String, Effect> more) {
        Map<String, Effect> effects = new HashMap<>(more);
        effects.putIfAbsent("EHLO-TLS", new Effect.Say("250-hub\r\n" + offered + "250 8BITMIME\r\n"));
        return new FakeMx(new FakeMx.Script(Optional.of(identity), effects, implicitTls, List.of("TLSv1.2", "TLSv1.3")));
    }

    private static void nothingTold(FakeMx hub) {
        assertThat(hub.commands()).noneMatch(line -> line.startsWith("AUTH") || line.startsWith("MAIL"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void R_AUTH_2_plainInsideVerifiedTls(boolean implicitTls) throws Exception {
        try (FakeMx hub = hub(CA.good("hub.example.com"), implicitTls, "250-AUTH LOGIN PLAIN\r\n", Map.of("AUTH", Effect.line("235 2.7.0 welcome")))) {
            assertThat(run(hub, implicitTls).results).hasSize(1);
            assertThat(hub.received()).singleElement().satisfies(got -> assertThat(got.encrypted()).isTrue());
            assertThat(hub.commands()).containsSubsequence(PLAIN, "MAIL FROM:<a@example.net>");
            assertThat(hub.clearCommands()).isEqualTo(implicitTls ? List.of() : List.of("EHLO relay.example.net", "STARTTLS"));
            assertThat(bench.transcript.lines()).contains("C: (credentials)").noneMatch(line -> line.contains("AGFwcDEAc2VjcmV0"));
        }
    }

    @Test
    void R_AUTH_2_loginWherePlainIsNotOffered() throws Exception {
        try (FakeMx hub = hub(CA.good("hub.example.com"), false, "250-AUTH LOGIN\r\n",
                Map.of("AUTH", Effect.line("334 VXNlcm5hbWU6"), "YXBwMQ==", Effect.line("334 UGFzc3dvcmQ6"), "c2VjcmV0", Effect.line("235 ok")))) {
            assertThat(run(hub, false).results).hasSize(1);
            assertThat(hub.commands()).containsSubsequence("AUTH LOGIN", "YXBwMQ==", "c2VjcmV0", "MAIL FROM:<a@example.net>");
            assertThat(bench.transcript.lines()).noneMatch(line -> line.contains("c2VjcmV0"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void R_AUTH_2_anUnverifiedHostIsToldNothing(boolean implicitTls) throws Exception {
        Map<TestCa.Identity, TlsReason> bad = Map.of(CA.expired("hub.example.com"), TlsReason.CERTIFICATE_EXPIRED, CA.good("example.com"), TlsReason.HOST_MISMATCH,
                CA.selfSigned("hub.example.com"), TlsReason.CERTIFICATE_NOT_TRUSTED);
        for (Map.Entry<TestCa.Identity, TlsReason> each : bad.entrySet()) {
            try (FakeMx hub = hub(each.getKey(), implicitTls, "250-AUTH PLAIN\r\n", Map.of())) {
                assertThat(run(hub, implicitTls).failure.join())
                        .isInstanceOfSatisfying(HostFailure.AgainstPolicy.class, why -> assertThat(why.reasons()).contains(each.getValue()));
                nothingTold(hub);
            }
        }
    }

    @Test
    void R_AUTH_2_aHostWithoutStartTlsIsToldNothingEvenIfItOffersAuth() throws Exception {
        try (FakeMx hub = hub(CA.good("hub.example.com"), false, "", Map.of("EHLO", new Effect.Say("250-hub\r\n250 AUTH PLAIN LOGIN\r\n")))) {
            assertThat(run(hub, false).failure.join()).isInstanceOfSatisfying(HostFailure.AgainstPolicy.class,
                    why -> assertThat(why.reasons()).containsExactly(TlsReason.NOT_OFFERED));
            nothingTold(hub);
        }
    }

    @Test
    void refusedCredentialsFailTheHostAndNothingIsSent() throws Exception {
        try (FakeMx hub = hub(CA.good("hub.example.com"), false, "250-AUTH PLAIN\r\n", Map.of("AUTH", Effect.line("535 5.7.8 wrong")))) {
            assertThat(run(hub, false).failure.join()).isInstanceOfSatisfying(HostFailure.Refused.class, why -> assertThat(why.stage()).isEqualTo(Stage.AUTH));
            assertThat(hub.commands()).noneMatch(line -> line.startsWith("MAIL"));
        }
    }

    @Test
    void aHostThatOffersNoMechanismOfOursFails() throws Exception {
        try (FakeMx hub = hub(CA.good("hub.example.com"), false, "250-AUTH GSSAPI\r\n", Map.of())) {
            assertThat(run(hub, false).failure.join()).isEqualTo(new HostFailure.OutOfStep(Stage.AUTH, "neither AUTH PLAIN nor LOGIN is offered"));
            nothingTold(hub);
        }
    }

    @Test
    void anAddressWithoutANameGetsNoCredentialsAtAll() {
        assertThat(plan(true, Optional.empty())).isInstanceOfSatisfying(HostPlan.Skip.class, skip -> assertThat(skip.why()).isEqualTo(TlsReason.NO_NAME_TO_VERIFY));
    }
}
