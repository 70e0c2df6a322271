package org.mailrelay.delivery.connection;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mailrelay.core.replay.SeenHandshake;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.EhloReply;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsChannel;

/// What a host has shown so far on a connection that is being opened. Event loop only; decides nothing.
final class Sightings {

    private final Inquiry inquiry;
    private Optional<SeenPeer.Hello> hello = Optional.empty();
    private int startTlsReply;
    private Optional<SeenHandshake> handshake = Optional.empty();
    private Optional<Set<Keyword>> inTls = Optional.empty();

    Sightings(Inquiry inquiry) {
        this.inquiry = inquiry;
    }

    void heard(Stage stage, boolean encrypted, Reply reply) {
        switch (stage) {
            case EHLO -> {
                if (!encrypted) {
                    hello = SeenPeer.Hello.ofEhlo(reply);
                } else if (reply.positive()) {
                    inTls = Optional.of(SeenPeer.offeredBy(EhloReply.parse(reply, EhloReading.STRICT)));
                }
            }
            case HELO -> {
                if (encrypted) {
                    inTls = Optional.of(Set.of());
                }
            }
            case STARTTLS -> startTlsReply = reply.code();
            case CONNECT, GREETING, HANDSHAKE, AUTH, AUTH_USER, AUTH_PASSWORD, IDLE, MAIL, RCPT, DATA, CONTENT, END_OF_DATA, RSET, QUIT -> { }
        }
    }

    void failed(HandshakeResult.Failed result) {
        handshake = Optional.of(new SeenHandshake.Failed(result.detail(), result.ofCertificate()));
    }

    void completed(TlsChannel channel, HandshakeResult.Completed result, PeerChecks checks) {
        Optional<SeenHandshake.Match> dane = Stream.concat(result.enforced().stream(), result.observed().stream()).filter(one -> one.check() instanceof TlsCheck.Dane).findFirst()
                .map(one -> switch (one) {
                    case CheckResult.Passed(_, String by) -> new SeenHandshake.Match(Optional.empty(), by);
                    case CheckResult.Failed(_, var why, String detail) -> new SeenHandshake.Match(Optional.of(why), detail);
                });
        handshake = Optional.of(new SeenHandshake.Completed(channel.protocol(), channel.cipher(), channel.group(), checks.appraise(channel.chain(), inquiry.trust(), inquiry.names()), dane));
    }

    SeenPeer seen() {
        return new SeenPeer(hello, startTlsReply, handshake, inTls);
    }
}
