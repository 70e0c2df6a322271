package org.mailrelay.delivery.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.path.PathVerdict;
import org.mailrelay.core.path.Showing;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRequirement.Encryption;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.Trust;

class OpeningTest {

    static final Reply SEED = Reply.of(250, "STARTTLS", "mail.domain1.com", "8BITMIME", "PIPELINING", "HELP", "DELIVERBY 300", "SIZE 30000000");
    private static final Reply OFFERS = Reply.of(250, "mx.example.com", "STARTTLS", "SIZE 100");

    static Terms terms(TlsLevel level) {
        Encryption encryption = level == TlsLevel.NONE ? Encryption.NEVER : level.required() ? Encryption.ALWAYS : Encryption.IF_OFFERED;
        return new Terms("relay.example.net", EhloReading.STRICT, false, new HostTerms(TlsRequirement.of(encryption),
                new TlsRule(level, "conf/destinations.yaml:14", "example.com"), false, false, TlsReason.POLICY_NONE, encryption == Encryption.IF_OFFERED), Optional.empty());
    }

    private static Opening.Step after(TlsLevel level, Reply... replies) {
        Opening opening = new Opening(terms(level));
        Opening.Step step = opening.start();
        for (Reply reply : replies) {
            step = opening.onReply(step.state(), reply);
        }
        return step;
    }

    private static String sent(Opening.Step step) {
        assertThat(step.action()).isInstanceOf(Opening.Action.Send.class);
        return new String(((Opening.Action.Send) step.action()).line(), StandardCharsets.US_ASCII);
    }

    @Test
    void R_EHLO_1_theSeedReplyGoesInTheClearUnderPreferred() {
        Opening.Step step = after(TlsLevel.PREFERRED, Reply.of(220, "hi"), SEED);
        assertThat(step.action()).isInstanceOf(Opening.Action.Ready.class);
        assertThat(((Opening.Action.Ready) step.action()).offer().pipelining()).isTrue();
        assertThat(step.notes()).contains(new Note.StartTlsNotOffered()).last().isInstanceOf(Note.InTheClear.class);
    }

    @Test
    void R_EHLO_1_theSeedReplyEndsTheConnectionUnderRequired() {
        Opening.Step step = after(TlsLevel.REQUIRED, Reply.of(220, "hi"), SEED);
        assertThat(step.action()).isInstanceOf(Opening.Action.Leave.class);
        assertThat(step.notes()).last().isInstanceOf(Note.NotDelivered.class);
    }

    @Test
    void R_EHLO_12_heloOnlyWherePlaintextIsAllowed() {
        assertThat(sent(after(TlsLevel.PREFERRED, Reply.of(220, "hi"), Reply.of(502, "no")))).startsWith("HELO ");
        assertThat(after(TlsLevel.REQUIRED, Reply.of(220, "hi"), Reply.of(502, "no")).action()).isInstanceOf(Opening.Action.Leave.class);
    }

    @Test
    void R_EHLO_13_noHeloAfterATemporaryRefusal() {
        assertThat(after(TlsLevel.PREFERRED, Reply.of(220, "hi"), Reply.of(450, "later")).action()).isInstanceOf(Opening.Action.Leave.class);
    }

    @Test
    void R_EHLO_15_aHeloReplyOffersNothing() {
        Opening.Step step = after(TlsLevel.PREFERRED, Reply.of(220, "hi"), Reply.of(502, "no"), Reply.of(250, "mx", "STARTTLS", "PIPELINING"));
        assertThat(((Opening.Action.Ready) step.action()).offer().pipelining()).isFalse();
    }

    @Test
    void R_STLS_4_aRefusedStartTlsGoesOnInTheClearUnderPreferred() {
        assertThat(after(TlsLevel.PREFERRED, Reply.of(220, "hi"), OFFERS, Reply.of(454, "not now")).action()).isInstanceOf(Opening.Action.Ready.class);
        assertThat(after(TlsLevel.REQUIRED, Reply.of(220, "hi"), OFFERS, Reply.of(454, "not now")).action()).isInstanceOf(Opening.Action.Leave.class);
    }

    /// R-EHLO-19.
    @Test
    void R_STLS_7_whatWasOfferedBeforeTheHandshakeIsForgotten() {
        Opening opening = new Opening(terms(TlsLevel.REQUIRED));
        Opening.Step step = after(TlsLevel.REQUIRED, Reply.of(220, "hi"), OFFERS, Reply.of(220, "go"));
        assertThat(step.action()).isInstanceOf(Opening.Action.Handshake.class);
        step = opening.onHandshake(step.state(), new HandshakeResult.Completed(List.of(), List.of()));
        assertThat(sent(step)).startsWith("EHLO ");
        step = opening.onReply(step.state(), Reply.of(250, "mx.example.com"));
        assertThat(((Opening.Action.Ready) step.action()).offer()).isEqualTo(new PeerOffer(true, Set.of(), OptionalLong.empty()));
    }

    /// RFC 8689 §4.2.1: the next hop must offer REQUIRETLS "in the EHLO response following ... STARTTLS"; what was said before the handshake is nothing.
    @Test
    void R_RTLS_2_aHostThatOffersRequireTlsOnlyInTheClearIsLeft() {
        TlsCheck check = new TlsCheck.Pkix(List.of("mx.example.com"), Trust.SYSTEM);
        HostTerms.Bounds bounds = new HostTerms.Bounds(List.of(), List.of(), true, Optional.empty());
        HostTerms needed = new HostTerms(new TlsRequirement(Encryption.ALWAYS, List.of(check), List.of()), new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:3", "default"),
                false, false, TlsReason.POLICY_NONE, false, LadderStep.HYBRID, bounds);
        Opening opening = new Opening(new Terms("relay.example.net", EhloReading.STRICT, false, needed, Optional.empty()));
        Opening.Step step = opening.onReply(opening.start().state(), Reply.of(220, "hi"));
        step = opening.onReply(step.state(), Reply.of(250, "mx", "STARTTLS", "REQUIRETLS"));
        step = opening.onReply(step.state(), Reply.of(220, "go"));
        step = opening.onHandshake(step.state(), new HandshakeResult.Completed(List.of(new CheckResult.Passed(check, "PKIX name")), List.of()));
        Opening.Step without = opening.onReply(step.state(), Reply.of(250, "mx", "SIZE"));
        assertThat(((Opening.Action.Leave) without.action()).why()).isInstanceOfSatisfying(HostFailure.AgainstPolicy.class,
                why -> assertThat(why.reasons()).containsExactly(TlsReason.REQUIRETLS_NOT_OFFERED));
        assertThat(opening.onReply(step.state(), Reply.of(250, "mx", "REQUIRETLS")).action()).isInstanceOf(Opening.Action.Ready.class);
    }

    @Test
    void R_AUTH_2_credentialsFollowOnlyAVerifiedHandshake() {
        TlsCheck check = new TlsCheck.Pkix(List.of("hub.example.com"), Trust.SYSTEM);
        HostTerms verified = new HostTerms(new TlsRequirement(Encryption.ALWAYS, List.of(check), List.of()),
                new TlsRule(TlsLevel.REQUIRED_VERIFY, "conf/routes.yaml:3", "hub"), false, false, TlsReason.POLICY_NONE, false);
        Opening opening = new Opening(new Terms("relay.example.net", EhloReading.STRICT, false, verified, Optional.of(new Credentials("app1", "secret"))));
        Opening.Step step = opening.onReply(opening.start().state(), Reply.of(220, "hi"));
        step = opening.onReply(step.state(), Reply.of(250, "hub", "STARTTLS", "AUTH PLAIN"));
        assertThat(sent(step)).isEqualTo("STARTTLS\r\n");
        step = opening.onReply(step.state(), Reply.of(220, "go"));
        Opening.Step unverified = opening.onHandshake(step.state(),
                new HandshakeResult.Completed(List.of(new CheckResult.Failed(check, TlsReason.HOST_MISMATCH, "")), List.of()));
        assertThat(unverified.action()).isInstanceOf(Opening.Action.Leave.class);
        step = opening.onHandshake(step.state(), new HandshakeResult.Completed(List.of(new CheckResult.Passed(check, "PKIX name")), List.of()));
        Opening.Step login = opening.onReply(step.state(), Reply.of(250, "hub", "AUTH LOGIN"));
        assertThat(sent(login)).isEqualTo("AUTH LOGIN\r\n");
        login = opening.onReply(login.state(), Reply.of(334, "VXNlcm5hbWU6"));
        assertThat(sent(login)).isEqualTo("YXBwMQ==\r\n");
        login = opening.onReply(login.state(), Reply.of(334, "UGFzc3dvcmQ6"));
        assertThat(sent(login)).isEqualTo("c2VjcmV0\r\n");
        assertThat(opening.onReply(login.state(), Reply.of(334, "more?")).action()).isInstanceOf(Opening.Action.Leave.class);
        step = opening.onReply(step.state(), Reply.of(250, "hub", "AUTH PLAIN LOGIN"));
        assertThat(sent(step)).isEqualTo("AUTH PLAIN AGFwcDEAc2VjcmV0\r\n");
        assertThat(opening.onReply(step.state(), Reply.of(235, "ok")).action()).isInstanceOf(Opening.Action.Ready.class);
    }

    /// Random replies, random handshakes: whatever a host does, nothing is ready in the clear where encryption was promised.
    @Test
    void noSequenceOfRepliesLeadsToPlaintextUnderRequired() {
        List<Reply> words = new ArrayList<>(List.of(SEED, OFFERS, Reply.of(250, "mx"), Reply.of(250, "STARTTLS")));
        for (int code : new int[] {220, 221, 235, 250, 251, 334, 354, 421, 450, 454, 500, 502, 503, 530, 550, 554}) {
            words.add(Reply.of(code, "text"));
        }
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            Opening opening = new Opening(terms(TlsLevel.REQUIRED));
            Opening.Step step = opening.start();
            boolean handshakeDone = false;
            for (int i = 0; i < 10; i++) {
                if (step.action() instanceof Opening.Action.Handshake) {
                    boolean good = random.nextBoolean();
                    handshakeDone |= good;
                    step = opening.onHandshake(step.state(), good ? new HandshakeResult.Completed(List.of(), List.of()) : new HandshakeResult.Failed("alert"));
                } else if (step.action() instanceof Opening.Action.Ready(PeerOffer offer)) {
                    assertThat(offer.encrypted() && handshakeDone).as("seed %d", seed).isTrue();
                    break;
                } else if (step.action() instanceof Opening.Action.Leave) {
                    break;
                } else {
                    step = opening.onReply(step.state(), words.get(random.nextInt(words.size())));
                }
            }
        }
    }

    /// Whatever a host does, over a path in doubt an opportunistic level never says that mail may be sent in the clear; and doubt lets nothing through that the
    /// terms alone would not.
    @Test
    void overAPathInDoubtNothingGoesInTheClear() {
        PathVerdict doubt = new PathVerdict.Suspected("since then");
        List<Reply> words = new ArrayList<>(List.of(SEED, OFFERS, Reply.of(250, "mx"), Reply.of(250, "STARTTLS")));
        for (int code : new int[] {220, 250, 421, 454, 501, 502, 550}) {
            words.add(Reply.of(code, "text"));
        }
        boolean left = false;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            Opening opening = new Opening(terms(TlsLevel.PREFERRED));
            Opening.Step step = opening.start();
            for (int i = 0; i < 10 && !(step.action() instanceof Opening.Action.Leave); i++) {
                if (step.action() instanceof Opening.Action.Ready(PeerOffer offer)) {
                    assertThat(offer.encrypted()).as("seed %d", seed).isTrue();
                    break;
                }
                Opening.Step asked = step.action() instanceof Opening.Action.Handshake
                        ? opening.onHandshake(step.state(), random.nextBoolean() ? new HandshakeResult.Completed(List.of(), List.of()) : new HandshakeResult.Failed("alert"))
                        : opening.onReply(step.state(), words.get(random.nextInt(words.size())));
                step = asked.shows().isPresent() ? opening.over(asked, doubt) : asked;
                assertThat(asked.shows().isPresent() ? opening.over(asked, new PathVerdict.Trusted()) : asked).isSameAs(asked);
                left |= step != asked;
            }
        }
        assertThat(left).isTrue();
    }

    @Test
    void theWayOutOfAPathInDoubtSaysWhyFirstAndWhatTheHostDidSecond() {
        Opening opening = new Opening(terms(TlsLevel.PREFERRED));
        Opening.Step clear = after(TlsLevel.PREFERRED, Reply.of(220, "hi"), SEED);
        assertThat(clear.shows()).contains(new Showing.Bare());
        Opening.Step step = opening.over(clear, new PathVerdict.Suspected("since then"));
        assertThat(((Opening.Action.Leave) step.action()).why()).isInstanceOfSatisfying(HostFailure.AgainstPolicy.class,
                why -> assertThat(why.reasons()).containsExactly(TlsReason.OWN_PATH_SUSPECTED, TlsReason.NEAR_MISS));
        assertThat(step.notes()).contains(new Note.StartTlsNotOffered()).noneMatch(Note.InTheClear.class::isInstance).last().isInstanceOf(Note.NotDelivered.class);
        assertThat(after(TlsLevel.NONE, Reply.of(220, "hi"), SEED).shows()).isEmpty();
        assertThat(after(TlsLevel.REQUIRED, Reply.of(220, "hi"), SEED).shows()).contains(new Showing.Bare());
    }
}
