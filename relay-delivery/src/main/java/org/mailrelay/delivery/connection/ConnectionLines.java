package org.mailrelay.delivery.connection;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.Transaction;

/// The facts of connections as mail_logs words them. The texts are an interface: operators' parsers read them.
public final class ConnectionLines implements ConnectionLog {

    private final BiConsumer<About, String> lines;

    /// @param lines takes each text, without date and level; must not block
    public ConnectionLines(BiConsumer<About, String> lines) {
        this.lines = lines;
    }

    @Override
    public void opened(About about) {
        lines.accept(about, "New SMTP DCID %s interface %s address %s port %d".formatted(about.dcid(), address(about.local()), address(about.peer()), about.peer().getPort()));
    }

    @Override
    public void noted(About about, Note note, String protocol, String cipher) {
        lines.accept(about, "DCID " + about.dcid() + " " + switch (note) {
            case Note.Departed(var finding) -> finding.sentence();
            case Note.StartTlsNotOffered _ -> "STARTTLS command not supported";
            case Note.TlsFailed(String why) -> "TLS failed: " + Escape.text(why, Escape.LOG_LIMIT);
            case Note.TlsSucceeded _ -> "TLS success protocol " + protocol + " cipher " + cipher + " for " + about.destination();
            case Note.PeerVerified(String by) -> "TLS peer " + about.hostName() + " verified by " + by;
            case Note.PeerNotVerified(var check) -> "TLS peer " + about.hostName() + " not verified: " + check.why().words();
            case Note.InTheClear(var rule, var why) -> "delivering in the clear to " + about.hostName() + ": "
                    + (why == TlsReason.POLICY_NONE ? why.words() : "policy " + rule.level().word() + ", " + why.words());
            case Note.NotDelivered(var rule, List<TlsReason> why) -> "policy " + rule + ": not delivered to " + about.hostName() + ": "
                    + why.stream().map(TlsReason::words).collect(Collectors.joining(", "));
        });
        if (note instanceof Note.NotDelivered(var rule, _) && rule.level().required()) {
            lines.accept(about, "DCID " + about.dcid() + " IP " + address(about.peer()) + " TLS was required but could not be successfully negotiated");
        }
    }

    @Override
    public void failed(About about, HostFailure why) {
        String reason = why instanceof HostFailure.Refused ? "unexpected SMTP response" : "network error";
        lines.accept(about, "Connection Error: DCID %s domain: %s IP: %s port: %d details: %s interface: %s reason: %s".formatted(about.dcid(), about.destination(),
                address(about.peer()), about.peer().getPort(), Escape.text(why.words(), Escape.LOG_LIMIT), address(about.local()), reason));
    }

    @Override
    public void deliveryStarted(About about, Mid mid, Transaction transaction) {
        lines.accept(about, "Delivery start DCID " + about.dcid() + " MID " + mid + " to RID "
                + transaction.recipients().stream().map(Transaction.Addressee::rid).toList());
    }

    @Override
    public void closed(About about) {
        lines.accept(about, "DCID " + about.dcid() + " close");
    }

    private static String address(InetSocketAddress socket) {
        return socket.getAddress().getHostAddress();
    }
}
