package org.mailrelay.delivery.connection;

import java.net.InetSocketAddress;
import java.time.Instant;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.Transaction;

/// The facts of connections, in the order of mail_logs: opened, notes, delivery started, closed. Called on event loops;
/// must not block or throw.
public interface ConnectionLog {

    /// Keeps nothing: of connections that are no sessions of anybody's mail.
    ConnectionLog NONE = new ConnectionLog() {
        @Override
        public void opened(About about) {
        }

        @Override
        public void noted(About about, Note note, String protocol, String cipher) {
        }

        @Override
        public void failed(About about, HostFailure why) {
        }

        @Override
        public void openingTook(About about, StageTimes times) {
        }

        @Override
        public void seen(About about, TlsRule rule, Circumstances circumstances, SeenPeer seen) {
        }

        @Override
        public void transactionTook(About about, Mid mid, StageTimes times) {
        }

        @Override
        public void deliveryStarted(About about, Mid mid, Transaction transaction) {
        }

        @Override
        public void closed(About about) {
        }
    };

    /// What every fact carries.
    record About(Instant at, Dcid dcid, Domain destination, String hostName, Ends ends) {}

    /// The two sockets, and their addresses as text, which every fact of the connection shows.
    record Ends(InetSocketAddress peer, InetSocketAddress local, String peerText, String localText) {

        static Ends of(InetSocketAddress peer, InetSocketAddress local) {
            return new Ends(peer, local, text(peer), text(local));
        }

        private static String text(InetSocketAddress socket) {
            return socket.getAddress() == null ? socket.getHostString() : socket.getAddress().getHostAddress();
        }
    }

    void opened(About about);

    /// @param protocol and `cipher` are empty but for [Note.TlsSucceeded]
    void noted(About about, Note note, String protocol, String cipher);

    /// Not called for [HostFailure.AgainstPolicy], which its notes tell.
    void failed(About about, HostFailure why);

    /// The opening has ended, in success or not.
    void openingTook(About about, StageTimes times);

    /// What the host has shown once the opening has ended, in success or not; only where the plan has an [Inquiry].
    void seen(About about, TlsRule rule, Circumstances circumstances, SeenPeer seen);

    void transactionTook(About about, Mid mid, StageTimes times);

    void deliveryStarted(About about, Mid mid, Transaction transaction);

    void closed(About about);
}
