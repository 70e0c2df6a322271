package org.mailrelay.listener;

import java.util.Map;
import org.mailrelay.core.access.Banner;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// What a client is greeted with: the banner of its policy, filled in.
final class Greeting {

    private Greeting() {
    }

    static OurReply of(Domain ourName, Peer peer) {
        return peer.policy().banner().map(text -> OurReplies.banner(ourName, Banner.text(text, Map.of("hostname", ourName.name(), "listener", peer.listener(),
                "address", peer.addressText(), "group", peer.group(), "icid", peer.icid().toString())))).orElseGet(() -> OurReplies.banner(ourName));
    }
}
