package org.mailrelay.delivery.connection;

import java.io.IOException;
import java.util.List;
import io.netty.handler.ssl.SslHandler;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.path.Showing;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.smtp.ProtocolError;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.Opening;
import org.mailrelay.delivery.conversation.PeerOffer;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.HandshakeFailures;
import org.mailrelay.net.tls.TlsChannel;

/// Performs the actions of an [Opening]: lines, the handshake, the facts on the way. It decides nothing.
final class OpeningPhase implements Phase {

    private final Link link;
    private final Opening opening;
    private final Consumer<PeerOffer> ready;
    private final @Nullable Sightings sightings;
    private Opening.State state;
    private @Nullable TlsChannel agreed;

    /// @param ready told once, when mail may be sent
    OpeningPhase(Link link, Consumer<PeerOffer> ready) {
        this.link = link;
        this.opening = new Opening(link.plan().key().terms());
        this.ready = ready;
        this.sightings = link.plan().inquiry().map(Sightings::new).orElse(null);
        this.state = opening.start().state();
    }

    void begin() {
        perform(opening.start());
    }

    void unreachable(Throwable cause) {
        fail(ConnectFailure.of(cause, link.plan().key().source()), false);
    }

    @Override
    public Stage stage() {
        return state.stage();
    }

    @Override
    public int repliesOwed() {
        return state.stage() == Stage.HANDSHAKE ? 0 : 1;
    }

    @Override
    public void answered(Reply reply, boolean more) {
        heard(reply);
        if (more && reply.code() != 421) {
            // RFC 3207 §4.2: octets behind the 220 must never reach the protocol inside TLS
            outOfStep(state.stage() == Stage.STARTTLS ? ProtocolError.INJECTED_RESPONSE : ProtocolError.UNEXPECTED_BYTES);
            return;
        }
        boolean greeting = state.stage() == Stage.GREETING;
        perform(opening.onReply(state, reply));
        if (greeting && !link.leaving()) {
            link.source().greeted();
        }
    }

    @Override
    public void closing(Reply reply) {
        heard(reply);
        fail(new HostFailure.Refused(state.stage(), reply), false);
    }

    @Override
    public void outOfStep(ProtocolError error) {
        if (error == ProtocolError.INJECTED_RESPONSE) {
            departed(Finding.injected());
        } else if (state.stage() == Stage.EHLO || state.stage() == Stage.STARTTLS) {
            departed(Finding.broken(error));
        }
        fail(new HostFailure.OutOfStep(state.stage(), error.words()), false);
    }

    private void departed(Finding finding) {
        link.around().log().noted(link.about(), new Note.Departed(finding), "", "");
    }

    @Override
    public void lost(String detail) {
        fail(new HostFailure.Lost(state.stage(), detail), false);
    }

    @Override
    public void writable() {
    }

    @Override
    public void wake() {
    }

    private void heard(Reply reply) {
        if (sightings != null) {
            sightings.heard(state.stage(), state.encrypted(), reply);
        }
    }

    private void opened() {
        StageTimes took = link.took();
        link.opened(took);
        link.around().log().openingTook(link.about(), took);
        if (sightings != null) {
            link.around().log().seen(link.about(), link.plan().key().terms().tls().rule(), link.plan().inquiry().orElseThrow().circumstances(), sightings.seen());
        }
    }

    private void perform(Opening.Step asked) {
        Opening.Step step = asked.shows().map(shown -> opening.over(asked, link.around().path().seen(link.plan(), link.handle().local().getAddress(), shown))).orElse(asked);
        state = step.state();
        for (Note note : step.notes()) {
            link.around().log().noted(link.about(), note, agreed == null ? "" : agreed.protocol(), agreed == null ? "" : agreed.cipher());
        }
        switch (step.action()) {
            case Opening.Action.Send(byte[] line) -> {
                link.await(state.stage());
                say(line);
                link.out().flush();
            }
            case Opening.Action.Await _ -> link.await(state.stage());
            case Opening.Action.Handshake _ -> handshake();
            case Opening.Action.Ready(PeerOffer offer) -> {
                opened();
                ready.accept(offer);
            }
            case Opening.Action.Leave(HostFailure why, boolean quit) -> fail(why, quit);
        }
    }

    private void say(byte[] line) {
        switch (state.stage()) {
            case AUTH, AUTH_USER, AUTH_PASSWORD -> link.saySecret(line);
            case CONNECT, GREETING, EHLO, HELO, STARTTLS, HANDSHAKE, IDLE, MAIL, RCPT, DATA, CONTENT, END_OF_DATA, RSET, QUIT -> link.say(line);
        }
    }

    /// The TLS handler has the deadline, so that silence is a failed handshake like any other.
    private void handshake() {
        link.awaitHandshake();
        ConnectionKey key = link.plan().key();
        HostTerms terms = key.terms().tls();
        TlsRequirement requirement = terms.requirement();
        SslHandler tls;
        try {
            tls = link.around().tls().handler(link.context().alloc(), requirement, key.offer(), terms.step(), requirement.serverName(key.host()), key.peer(),
                    link.plan().timeouts().of(Stage.HANDSHAKE));
        } catch (IOException unusable) {
            failed(new HandshakeResult.Failed(Link.words(unusable), true));
            return;
        }
        link.context().pipeline().addFirst("tls", tls);
        tls.handshakeFuture().addListener(done -> {
            if (link.leaving()) {
                return;
            }
            if (done.isSuccess()) {
                TlsChannel channel = ClientTls.agreed(tls);
                agreed = channel;
                link.agreed(channel);
                completed(channel, link.around().checks().check(requirement, channel));
            } else {
                failed(HandshakeFailures.of(done.cause()));
            }
        });
    }

    private void completed(TlsChannel channel, HandshakeResult.Completed result) {
        if (sightings != null) {
            sightings.completed(channel, result, link.around().checks());
        }
        Opening.Step next = opening.onHandshake(state, result);
        perform(channel.certificate().map(digest -> next.showing(new Showing.Encrypted(digest, result.verified()))).orElse(next));
    }

    private void failed(HandshakeResult.Failed result) {
        if (sightings != null) {
            sightings.failed(result);
        }
        perform(opening.onHandshake(state, result).showing(new Showing.Bare()));
    }

    private void fail(HostFailure why, boolean quit) {
        if (link.leaving()) {
            return;
        }
        opened();
        link.cameToNothing(why);
        if (!(why instanceof HostFailure.AgainstPolicy)) {
            link.around().log().failed(link.about(), why);
        }
        link.source().failed(link.handle(), why);
        link.leave(quit);
    }
}
