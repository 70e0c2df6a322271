package org.mailrelay.listener;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.PeerFacts;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;

/// Who is connected, and what they may do. Another one takes its place when the client has proven who it is.
///
/// @param listener its name
/// @param host     what reverse DNS says, confirmed or not
/// @param facts    what counts for rights
/// @param group    the sender group that `policy` comes from
/// @param senders  what the user may send as; empty: anything
record Peer(Icid icid, String listener, InetSocketAddress address, Optional<Domain> host, PeerFacts facts, String group, MailFlowPolicy policy, List<SenderPattern> senders) {

    String addressText() {
        return address.getAddress().getHostAddress();
    }

    boolean relays() {
        return policy.relays(facts.named(), facts.certified());
    }

    Peer under(String otherGroup, MailFlowPolicy other) {
        return new Peer(icid, listener, address, host, facts, otherGroup, other, senders);
    }

    Peer known(PeerFacts proven, List<SenderPattern> maySendAs) {
        return new Peer(icid, listener, address, host, proven, group, policy, maySendAs);
    }
}
