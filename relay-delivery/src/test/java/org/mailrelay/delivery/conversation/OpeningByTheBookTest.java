package org.mailrelay.delivery.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;

/// What is asked of a client from the greeting to the first MAIL, over every code that a host can answer with.
class OpeningByTheBookTest {

    private static final Reply GREETING = Reply.of(220, "mx.example.com");
    private static final Reply OFFERS = Reply.of(250, "mx.example.com", "STARTTLS", "AUTH PLAIN LOGIN", "SIZE 100");
    private static final TlsCheck CHECK = new TlsCheck.Pkix(List.of("hub.example.com"), Trust.SYSTEM);

    private static Opening opening(TlsLevel level) {
        return new Opening(OpeningTest.terms(level));
    }

    private static Opening.Step after(Opening opening, Reply... replies) {
        Opening.Step step = opening.start();
        for (Reply reply : replies) {
            step = opening.onReply(step.state(), reply);
        }
        return step;
    }

    private static String sent(Opening.Step step) {
        return step.action() instanceof Opening.Action.Send(byte[] line) ? new String(line, StandardCharsets.US_ASCII) : step.action().toString();
    }

    private static HostFailure left(Opening.Step step) {
        assertThat(step.action()).isInstanceOf(Opening.Action.Leave.class);
        return ((Opening.Action.Leave) step.action()).why();
    }

    private static Opening withCredentials() {
        HostTerms verified = new HostTerms(new TlsRequirement(TlsRequirement.Encryption.ALWAYS, List.of(CHECK), List.of()),
                new TlsRule(TlsLevel.REQUIRED_VERIFY, "conf/routes.yaml:3", "hub"), false, false, TlsReason.POLICY_NONE, false);
        return new Opening(new Terms("relay.example.net", EhloReading.STRICT, false, verified, Optional.of(new Credentials("app1", "secret")), true));
    }

    /// What stands in the greeting is prose: EHLO is said whatever it is, and it offers nothing.
    @ParameterizedTest
    @ValueSource(strings = {"", "mx.example.com", "mx.example.com ESMTP STARTTLS", "STARTTLS", "*************************", "220 mx.example.com Mail"})
    void R_EHLO_16_ehloIsSaidToWhateverGreets(String text) {
        Opening opening = opening(TlsLevel.REQUIRED);
        for (Reply greeting : List.of(Reply.of(220, text), Reply.of(220, "mx", text, "STARTTLS"))) {
            assertThat(sent(after(opening, greeting))).isEqualTo("EHLO relay.example.net\r\n");
            assertThat(left(after(opening, greeting, Reply.of(250, "mx")))).isInstanceOf(HostFailure.AgainstPolicy.class);
        }
    }

    /// A host that refuses in its greeting is taken leave of with QUIT, but for one that leaves by itself.
    @ParameterizedTest
    @ValueSource(ints = {221, 250, 421, 450, 451, 500, 521, 550, 554, 571})
    void R_EHLO_17_aRefusalInTheGreetingIsTheHostsAndTemporary(int code) {
        Opening.Step step = after(opening(TlsLevel.PREFERRED), Reply.of(code, "no"));
        assertThat(left(step)).isInstanceOf(HostFailure.Refused.class);
        assertThat(((Opening.Action.Leave) step.action()).quit()).isEqualTo(code != 421);
    }

    /// RFC 5321 §3.2: a client SHOULD be able to fall back to HELO; never around a demand for TLS.
    @ParameterizedTest
    @ValueSource(ints = {500, 501, 502, 503, 504, 550, 554})
    void R_EHLO_12_heloAfterEachRefusalWhereTheClearIsAllowedAndNowhereElse(int code) {
        assertThat(sent(after(opening(TlsLevel.PREFERRED), GREETING, Reply.of(code, "no")))).isEqualTo("HELO relay.example.net\r\n");
        assertThat(left(after(opening(TlsLevel.REQUIRED), GREETING, Reply.of(code, "no")))).isInstanceOf(HostFailure.AgainstPolicy.class);
    }

    /// Only 220 begins a handshake; no other answer does, and none leads to the clear where TLS is demanded.
    @ParameterizedTest
    @EnumSource(value = TlsLevel.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void R_STLS_2_only220BeginsTheHandshake(TlsLevel level) {
        for (int code = 200; code < 600; code++) {
            Opening.Step step = after(opening(level), GREETING, OFFERS, Reply.of(code, "x"));
            assertThat(step.action() instanceof Opening.Action.Handshake).as("%d", code).isEqualTo(code == 220);
            assertThat(level.required() && step.action() instanceof Opening.Action.Ready).as("%d", code).isFalse();
        }
    }

    /// A 5yz to STARTTLS is said by nobody who is known (DEC-8): where TLS is demanded mail waits, for the next host or the next time; else it goes in the clear.
    @Test
    void R_STLS_5_aRefusalForGoodIsForNow() {
        IntStream.range(400, 600).filter(code -> code != 421).forEach(code -> {
            assertThat(after(opening(TlsLevel.PREFERRED), GREETING, OFFERS, Reply.of(code, "no")).action()).as("%d", code).isInstanceOf(Opening.Action.Ready.class);
            assertThat(left(after(opening(TlsLevel.REQUIRED), GREETING, OFFERS, Reply.of(code, "no")))).as("%d", code).isInstanceOfSatisfying(HostFailure.AgainstPolicy.class,
                    why -> assertThat(why.reasons()).containsExactly(code < 500 ? TlsReason.REFUSED_TEMPORARILY : TlsReason.REFUSED_PERMANENTLY));
        });
    }

    @Test
    void R_STLS_8_anOfferInsideTlsIsNotTakenUp() {
        Opening opening = opening(TlsLevel.REQUIRED);
        Opening.Step step = opening.onHandshake(after(opening, GREETING, OFFERS, GREETING).state(), new HandshakeResult.Completed(List.of(), List.of()));
        assertThat(opening.onReply(step.state(), OFFERS).action()).isInstanceOfSatisfying(Opening.Action.Ready.class, ready -> assertThat(ready.offer().encrypted()).isTrue());
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 501, 502, 503, 504, 550, 554})
    void R_STLS_9_whereEhloIsRefusedInsideTlsHeloLeavesTheMailEncrypted(int code) {
        Opening opening = opening(TlsLevel.REQUIRED);
        Opening.Step step = opening.onHandshake(after(opening, GREETING, OFFERS, GREETING).state(), new HandshakeResult.Completed(List.of(), List.of()));
        step = opening.onReply(step.state(), Reply.of(code, "no"));
        assertThat(sent(step)).isEqualTo("HELO relay.example.net\r\n");
        assertThat(opening.onReply(step.state(), Reply.of(250, "mx", "SIZE 100", "PIPELINING")).action()).isInstanceOfSatisfying(Opening.Action.Ready.class, ready -> {
            assertThat(ready.offer().encrypted()).isTrue();
            assertThat(ready.offer().pipelining()).isFalse();
        });
    }

    /// Over every three answers of a host: in the clear nothing is said but these words, and credentials never.
    @Test
    void R_STLS_10_beforeTlsThatIsDemandedNothingIsSaidThatMatters() {
        List<Reply> answers = List.of(GREETING, OFFERS, Reply.of(250, "mx"), Reply.of(250, "mx", "AUTH PLAIN"), Reply.of(235, "in"), Reply.of(334, ""), Reply.of(354, "go"),
                Reply.of(421, "bye"), Reply.of(454, "later"), Reply.of(502, "no"), Reply.of(530, "TLS first"));
        for (Opening opening : List.of(opening(TlsLevel.REQUIRED), withCredentials())) {
            answers.forEach(first -> answers.forEach(second -> answers.forEach(third -> {
                Opening.Step step = opening.start();
                for (Reply reply : List.of(first, second, third)) {
                    if (!(step.action() instanceof Opening.Action.Send || step.action() instanceof Opening.Action.Await)) {
                        break;
                    }
                    step = opening.onReply(step.state(), reply);
                    if (step.action() instanceof Opening.Action.Send) {
                        assertThat(sent(step)).isIn("EHLO relay.example.net\r\n", "HELO relay.example.net\r\n", "STARTTLS\r\n");
                    }
                }
            })));
        }
    }

    /// 3yz stands for "go on with your text", and there is none before MAIL but that of AUTH.
    @Test
    void R_RPL_11_aGoAheadThatNobodyAskedForEndsTheOpening() {
        for (int code = 300; code < 400; code++) {
            Reply out = Reply.of(code, "go ahead");
            assertThat(left(after(opening(TlsLevel.PREFERRED), out))).isNotNull();
            assertThat(left(after(opening(TlsLevel.PREFERRED), GREETING, out))).isNotNull();
            assertThat(left(after(opening(TlsLevel.PREFERRED), GREETING, Reply.of(502, "no"), out))).isNotNull();
            assertThat(left(after(opening(TlsLevel.PREFERRED), GREETING, OFFERS, out))).isNotNull();
        }
    }

    /// A host of DNS's that answers with our own name is we ourselves by another way; one that the operator chose may be the server next door.
    @ParameterizedTest
    @ValueSource(strings = {"relay.example.net", "RELAY.Example.NET", "relay.example.net at your service"})
    void R_LOOP_3_aHostWithOurOwnNameIsALoop(String line) {
        for (Reply reply : List.of(Reply.of(250, line), Reply.of(250, line, "STARTTLS", "SIZE"))) {
            assertThat(left(after(opening(TlsLevel.PREFERRED), GREETING, reply))).isEqualTo(new HostFailure.Loop("relay.example.net"));
            Terms terms = OpeningTest.terms(TlsLevel.NONE);
            Opening chosen = new Opening(new Terms(terms.ehloName(), terms.reading(), terms.strictReplies(), terms.tls(), terms.auth(), true));
            assertThat(after(chosen, GREETING, reply).action()).isInstanceOf(Opening.Action.Ready.class);
        }
        assertThat(after(opening(TlsLevel.NONE), GREETING, Reply.of(250, "x" + line)).action()).isInstanceOf(Opening.Action.Ready.class);
    }

    /// Credentials go out once the handshake is verified, and not where EHLO inside it is refused.
    @Test
    void R_STLS_9_withoutEhloInsideTlsThereIsNoWayToAuthenticate() {
        Opening opening = withCredentials();
        Opening.Step step = opening.onHandshake(after(opening, GREETING, OFFERS, GREETING).state(),
                new HandshakeResult.Completed(List.of(new CheckResult.Passed(CHECK, "PKIX name")), List.of()));
        assertThat(left(opening.onReply(step.state(), Reply.of(502, "no")))).isInstanceOf(HostFailure.Refused.class);
    }
}
