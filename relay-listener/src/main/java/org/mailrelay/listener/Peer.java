package org.mailrelay.listener;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;

/// Who is connected, and what they may do.
///
/// @param listener its name
/// @param host   what reverse DNS says, confirmed or not
/// @param relays false: only those who authenticate may send, which nobody can yet
record Peer(Icid icid, String listener, InetSocketAddress address, Optional<Domain> host, MailFlowPolicy policy, boolean relays) {

    String addressText() {
        return address.getAddress().getHostAddress();
    }
}
