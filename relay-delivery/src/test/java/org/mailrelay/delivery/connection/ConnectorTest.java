package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.tls.HostPlan;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.HostRules;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.tls.TlsVersion;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

@Timeout(60)
class ConnectorTest {

    private static final String SEED = "250-STARTTLS\r\n250-mail.domain1.com\r\n250-8BITMIME\r\n250-PIPELINING\r\n250-HELP\r\n250-DELIVERBY 300\r\n250 SIZE 30000000\r\n";
    private static final InstantSource CLOCK = InstantSource.system();
    private static final Map<TlsLevel, TlsRule> RULES = Stream.of(TlsLevel.values())
            .collect(Collectors.toMap(level -> level, level -> new TlsRule(level, "conf/destinations.yaml:14", "example.com")));
    private static final TestCa CA = new TestCa(Instant.now());
    @TempDir
    static Path folder;
    private static EventLoops loops;
    private static ExecutorService readers;

    private final RecordingLog log = new RecordingLog();

    @BeforeAll
    static void open() {
        loops = EventLoops.open(1);
        readers = Executors.newVirtualThreadPerTaskExecutor();
        CA.write(folder);
    }

    @AfterAll
    static void close() {
        loops.close();
        readers.close();
    }

    private static HostTerms terms(TlsLevel level) {
        HostQuestion ask = new HostQuestion(RULES.get(level), Optional.empty(), Domain.of("example.com"),
                Optional.of(Domain.of("mx1.example.com")), Optional.empty(), List.of(), new Trust(false, List.of(folder.resolve("ca.pem"))), false, true, false);
        return ((HostPlan.Try) HostRules.plan(ask)).terms();
    }

    private static ConnectionPlan plan(InetSocketAddress peer, TlsLevel level) {
        Terms terms = new Terms("relay.example.net", EhloReading.STRICT, false, terms(level), Optional.empty());
        Timeouts timeouts = new Timeouts(Map.of(Stage.EHLO, Duration.ofMillis(400), Stage.HANDSHAKE, Duration.ofMillis(1500), Stage.END_OF_DATA, Duration.ofMillis(400)));
        return new ConnectionPlan(new ConnectionKey(Optional.empty(), peer, terms, Optional.of(Domain.of("mx1.example.com")), TlsVersion.TLS_1_2),
                Domain.of("example.com"), timeouts, 50, Duration.ofSeconds(5));
    }

    private Connector connector(TlsProvider provider) {
        return new Connector(new Connector.Surroundings(loops, new ClientTls(provider), new PeerChecks(CLOCK), log, CLOCK, readers));
    }

    private RecordingSource run(InetSocketAddress peer, TlsLevel level, RecordingSource source) throws Exception {
        connector(TlsProvider.AUTO).open(plan(peer, level), new Dcid(30), source);
        return source.awaitClosed();
    }

    private RecordingSource run(FakeMx mx, TlsLevel level) throws Exception {
        return run(mx.address(), level, new RecordingSource(1));
    }

    private static FakeMx mx(Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx1.example.com")), effects));
    }

    private static void nothingCrossed(FakeMx mx) {
        assertThat(mx.clearCommands()).noneMatch(line -> line.startsWith("MAIL") || line.startsWith("RCPT") || line.startsWith("DATA"));
        assertThat(mx.received()).isEmpty();
    }

    @Test
    void R_EHLO_1_theSeedHostGetsItsMailInTheClearUnderPreferred() throws Exception {
        try (FakeMx mx = mx(Map.of("EHLO", new Effect.Say(SEED)))) {
            assertThat(run(mx, TlsLevel.PREFERRED).results).hasSize(1);
            assertThat(mx.received()).singleElement().satisfies(got -> {
                assertThat(got.encrypted()).isFalse();
                assertThat(got.content()).isEqualTo("Subject: 0\r\n\r\n..stuffed\r\n");
            });
            assertThat(log.facts).containsSubsequence("opened", new Note.Departed(new Finding(Finding.Kind.KEYWORD_IN_GREETING, 1, "250-STARTTLS")),
                    new Note.StartTlsNotOffered(), new Note.InTheClear(RULES.get(TlsLevel.PREFERRED), TlsReason.NEAR_MISS), "started MID 1", "closed");
        }
    }

    @Test
    void R_EHLO_1_theSeedHostGetsNothingUnderRequired() throws Exception {
        try (FakeMx mx = mx(Map.of("EHLO", new Effect.Say(SEED)))) {
            assertThat(run(mx, TlsLevel.REQUIRED).failure.join()).isInstanceOf(HostFailure.AgainstPolicy.class);
            nothingCrossed(mx);
            assertThat(log.facts).containsSubsequence("opened", new Note.StartTlsNotOffered(),
                    new Note.NotDelivered(RULES.get(TlsLevel.REQUIRED), List.of(TlsReason.NEAR_MISS)), "closed");
            assertThat(mx.commands()).startsWith("EHLO relay.example.net").doesNotContain("STARTTLS");
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void manyMessagesOverOneEncryptedConnection(TlsProvider provider) throws Exception {
        try (FakeMx mx = mx(Map.of())) {
            RecordingSource source = new RecordingSource(3);
            source.add(RecordingSource.message(4, false, "From: x\r\n\r\nread elsewhere\r\n"));
            connector(provider).open(plan(mx.address(), TlsLevel.REQUIRED_VERIFY), new Dcid(30), source);
            source.awaitClosed();
            assertThat(source.results).hasSize(4).allSatisfy(r -> assertThat(r.recipients().getFirst()).isInstanceOf(RecipientResult.Delivered.class));
            assertThat(mx.received()).hasSize(4).allMatch(FakeMx.Received::encrypted);
            assertThat(log.facts).contains(new Note.PeerVerified("PKIX name mx1.example.com"), new RecordingLog.Agreed("TLSv1.3", "TLS_AES_256_GCM_SHA384"));
        }
    }

    /// A resumed session shows the chain of the handshake that it resumes: it is judged like any other.
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void R_STLS_12_aResumedSessionIsStillVerified(String version) throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx1.example.com")), Map.of(), false, List.of(version)))) {
            Connector connector = connector(TlsProvider.AUTO);
            for (int i = 0; i < 3; i++) {
                RecordingSource source = new RecordingSource(1);
                connector.open(plan(mx.address(), TlsLevel.REQUIRED_VERIFY), new Dcid(30), source);
                assertThat(source.awaitClosed().results).hasSize(1);
            }
            assertThat(mx.resumed()).isPositive();
            assertThat(log.facts).filteredOn(new Note.PeerVerified("PKIX name mx1.example.com")::equals).hasSize(3);
        }
    }

    /// Nor needs a host without a name a whole handshake each time.
    @Test
    void R_STLS_12_theSessionOfAHostByAddressIsResumedToo() throws Exception {
        try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx1.example.com")), Map.of(), false, List.of("TLSv1.3")))) {
            Connector connector = connector(TlsProvider.AUTO);
            ConnectionPlan named = plan(mx.address(), TlsLevel.PREFERRED);
            ConnectionKey key = new ConnectionKey(Optional.empty(), mx.address(), named.key().terms(), Optional.empty(), TlsVersion.TLS_1_2);
            for (int i = 0; i < 3; i++) {
                RecordingSource source = new RecordingSource(1);
                connector.open(new ConnectionPlan(key, named.destination(), named.timeouts(), 50, Duration.ofSeconds(5)), new Dcid(30), source);
                assertThat(source.awaitClosed().results).hasSize(1);
            }
            assertThat(mx.resumed()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"354 go", "221 bye", "421 later", "454 not now", "500 what", "501 no", "502 no", "530 no", "554 no", "220", "220X", "999 x"})
    void B_STLS_3_noAnswerToStartTlsLeadsToClearTextUnderRequired(String answer) throws Exception {
        try (FakeMx mx = mx(Map.of("STARTTLS", new Effect.SayAndClose(answer + "\r\n")))) {
            assertThat(run(mx, TlsLevel.REQUIRED).failure).isCompleted();
            nothingCrossed(mx);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"220 go\r\n250 injected\r\n", "220 go\r\nfragment"})
    void R_STLS_3_octetsBehindThe220EndTheConnectionAtEveryLevel(String answer) throws Exception {
        for (TlsLevel level : List.of(TlsLevel.PREFERRED, TlsLevel.REQUIRED)) {
            try (FakeMx mx = mx(Map.of("STARTTLS", new Effect.Say(answer)))) {
                assertThat(run(mx, level).failure.join()).isInstanceOf(HostFailure.OutOfStep.class);
                nothingCrossed(mx);
            }
        }
        assertThat(log.facts).as("counted as what it is").filteredOn(new Note.Departed(Finding.injected())::equals).hasSize(2);
    }

    /// The same in a segment of its own, once the handshake has begun: it belongs to the handshake, and breaks it.
    @ParameterizedTest
    @ValueSource(strings = {"250-mx\r\n250 AUTH PLAIN\r\n", "220 again\r\n250 ok\r\n354 go\r\n250 ok\r\n", "2", "\u0016\u0003\u0001"})
    void B_STLS_1_octetsInPlaceOfTheServerHelloNeverReachTheProtocol(String octets) throws Exception {
        for (TlsLevel level : List.of(TlsLevel.PREFERRED, TlsLevel.REQUIRED, TlsLevel.REQUIRED_VERIFY)) {
            try (FakeMx mx = mx(Map.of("STARTTLS", new Effect.GoAheadThenSay(octets)))) {
                assertThat(run(mx, level).failure.join())
                        .isInstanceOfSatisfying(HostFailure.AgainstPolicy.class, why -> assertThat(why.reasons()).containsExactly(TlsReason.HANDSHAKE_FAILED));
                nothingCrossed(mx);
            }
        }
    }

    /// Stripping, in every form: the policy decides, and a policy that asks for TLS gets it or nothing.
    @ParameterizedTest
    @ValueSource(strings = {"250 mx.test\r\n", "250-mx.test\r\n250 XXXXXXXA\r\n", "250-mx.test\r\n250 XXXXXXXX\r\n", "250-mx.test\r\n250 STARTTLSX\r\n", "250-mx.test\r\n250 STARTTLS=1\r\n",
        "250-mx.test\r\n250 X STARTTLS\r\n", "250-STARTTLS\r\n250 8BITMIME\r\n", "250 STARTTLS\r\n", "250 mx.test STARTTLS\r\n", "250-mx.test\r\n250 \u017fTARTTLS\r\n", "502 what is EHLO\r\n"})
    void B_STLS_2_aStrippedOfferIsInTheClearWherePolicyAllowsItAndNothingElsewhere(String ehlo) throws Exception {
        Map<String, Effect> effects = Map.of("EHLO", new Effect.Say(ehlo), "HELO", new Effect.Say("250-mx.test\r\n250 STARTTLS\r\n"));
        for (TlsLevel level : List.of(TlsLevel.REQUIRED, TlsLevel.REQUIRED_VERIFY, TlsLevel.REQUIRED_VERIFY_HOSTED)) {
            try (FakeMx mx = mx(effects)) {
                run(mx, level).failure.join();
                nothingCrossed(mx);
                assertThat(mx.commands()).doesNotContain("STARTTLS").noneMatch(line -> line.startsWith("HELO"));
            }
        }
        try (FakeMx mx = mx(effects)) {
            assertThat(run(mx, TlsLevel.PREFERRED).results).hasSize(1);
            assertThat(mx.received()).singleElement().satisfies(got -> assertThat(got.encrypted()).isFalse());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            EHLO     | 220 hi, 221 bye, 354 go, 421 later, 450 no, 500 what, 501 what, 502 what, 503 no, 504 no, 530 first, 550 no, 554 no, 250, 250-, 999 x, 2500 x, X
            GREETING | 221 bye, 354 go, 421 later, 500 no, 530 no, 554 no, 250 hi, 220, X, 22
            STARTTLS | 250 ok, 251 ok, 299 x, 334 go, 355 x, 100 x, 600 x
            """)
    void B_STLS_3_noWordOfAHostLeadsToClearTextUnderALevelThatAsksForTls(String moment, String words) throws Exception {
        for (String word : words.split(", ")) {
            for (TlsLevel level : List.of(TlsLevel.REQUIRED, TlsLevel.REQUIRED_VERIFY)) {
                try (FakeMx mx = mx(Map.of(moment, new Effect.SayAndClose(word + "\r\n")))) {
                    assertThat(run(mx, level).failure).as(moment + " " + word).isCompleted();
                    nothingCrossed(mx);
                }
            }
        }
    }

    /// A size that was named in the clear is nobody's word: the message is longer, and goes.
    @Test
    void B_STLS_4_whatAnAttackerOffersBeforeTheHandshakeIsForgottenBehindIt() throws Exception {
        try (FakeMx mx = mx(Map.of("EHLO", new Effect.Once(new Effect.Say("250-mx.test\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 SIZE 1\r\n"))))) {
            RecordingSource source = run(mx, TlsLevel.REQUIRED);
            assertThat(source.results.getFirst().recipients().getFirst()).isInstanceOf(RecipientResult.Delivered.class);
            assertThat(mx.received()).singleElement().satisfies(got -> assertThat(got.encrypted()).isTrue());
        }
    }

    /// Broken once, offered again: only a level that promises nothing may come to clear text, and only in a later attempt.
    @ParameterizedTest
    @EnumSource(value = TlsLevel.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void B_STLS_6_aHandshakeThatIsBrokenOnEveryStepNeverBringsClearTextWhereTlsIsAskedFor(TlsLevel level) throws Exception {
        try (FakeMx mx = mx(Map.of("STARTTLS", new Effect.GoAheadThenAlert()))) {
            ConnectionPlan plan = plan(mx.address(), level);
            Optional<LadderStep> step = Optional.of(LadderStep.HYBRID);
            List<LadderStep> taken = new ArrayList<>();
            while (step.filter(LadderStep::encrypted).isPresent()) {
                taken.add(step.get());
                RecordingSource source = new RecordingSource(1);
                connector(TlsProvider.AUTO).open(plan.at(step.get()), new Dcid(30), source);
                step = ((HostFailure.AgainstPolicy) source.awaitClosed().failure.join()).next();
            }
            assertThat(taken).containsExactly(LadderStep.HYBRID, LadderStep.CLASSICAL, LadderStep.REDUCED);
            assertThat(step).isEqualTo(level.required() ? Optional.empty() : Optional.of(LadderStep.CLEAR));
            nothingCrossed(mx);
        }
    }

    @Test
    void R_STLS_6_aHandshakeThatFailsIsRememberedUnderPreferredAndNothingCrosses() throws Exception {
        for (Effect effect : List.of(new Effect.GoAheadThenAlert(), new Effect.GoAheadThenSay("220 no TLS here\r\n"), new Effect.SayAndClose("220 go\r\n"))) {
            try (FakeMx mx = mx(Map.of("STARTTLS", effect))) {
                assertThat(run(mx, TlsLevel.PREFERRED).failure.join())
                        .isInstanceOfSatisfying(HostFailure.AgainstPolicy.class, why -> assertThat(why.next()).contains(LadderStep.CLASSICAL));
                nothingCrossed(mx);
            }
        }
    }

    @Test
    void B_STLS_5_certificatesThatDoNotVerify() throws Exception {
        Map<TestCa.Identity, TlsReason> bad = Map.of(CA.expired("mx1.example.com"), TlsReason.CERTIFICATE_EXPIRED,
                CA.good("other.example.org"), TlsReason.HOST_MISMATCH, CA.selfSigned("mx1.example.com"), TlsReason.CERTIFICATE_NOT_TRUSTED,
                CA.commonNameOnly("mx1.example.com"), TlsReason.HOST_MISMATCH);
        for (Map.Entry<TestCa.Identity, TlsReason> each : bad.entrySet()) {
            try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.of(each.getKey()), Map.of()))) {
                assertThat(run(mx, TlsLevel.REQUIRED_VERIFY).failure.join())
                        .isInstanceOfSatisfying(HostFailure.AgainstPolicy.class, why -> assertThat(why.reasons()).containsExactly(each.getValue()));
                nothingCrossed(mx);
                assertThat(run(mx, TlsLevel.REQUIRED).results).hasSize(1);
            }
        }
    }

    @Test
    void R_RPL_13_slowAndSplitRepliesMeanTheSame() throws Exception {
        try (FakeMx mx = mx(Map.of("GREETING", new Effect.SaySplit(List.of("22", "0 mx\r", "\n")), "MAIL", new Effect.SayBytewise("250 ok\r\n")))) {
            assertThat(run(mx, TlsLevel.PREFERRED).results).hasSize(1);
            assertThat(mx.received()).hasSize(1);
        }
    }

    @Test
    void whatIsNoReplyEndsTheConnection() throws Exception {
        for (Effect effect : List.of(Effect.line("garbage"), new Effect.SayAndClose("250-mx\r\n"), new Effect.Close(), new Effect.Stall(),
                new Effect.Say("250-mx\r\n251 mixed\r\n"), new Effect.Say("250 mx\r\n250 surplus\r\n"))) {
            try (FakeMx mx = mx(Map.of("EHLO", effect))) {
                assertThat(run(mx, TlsLevel.PREFERRED).failure).isCompleted();
                nothingCrossed(mx);
            }
        }
    }

    @Test
    void R_TXN_8_lostAfterTheFinalDotIsAmbiguous() throws Exception {
        for (Effect effect : List.of(new Effect.Close(), new Effect.Stall(), Effect.line("garbage"))) {
            try (FakeMx mx = mx(Map.of("CONTENT", effect))) {
                assertThat(run(mx, TlsLevel.PREFERRED).results.getFirst().recipients().getFirst()).isInstanceOf(RecipientResult.Ambiguous.class);
            }
        }
    }

    @Test
    void aRefusedConnectionIsAValue() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        assertThat(run(nobody, TlsLevel.PREFERRED, new RecordingSource(1)).failure.join()).isInstanceOf(HostFailure.Unreachable.class);
    }
}
