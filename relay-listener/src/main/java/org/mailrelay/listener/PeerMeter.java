package org.mailrelay.listener;

import java.time.InstantSource;
import java.util.List;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.access.Rates;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.listener.RateMeter.Key;
import org.mailrelay.listener.RateMeter.Share;
import org.mailrelay.listener.RateMeter.What;

/// The rates of one client's policy, with what it is counted as: its user, its address, or its sender group.
record PeerMeter(RateMeter meter, Peer peer, InstantSource clock) {

    private Rates rates() {
        return peer.policy().rates();
    }

    private Key key(What what) {
        String whom = switch (rates().scope()) {
            case GROUP -> "group " + peer.group();
            case ADDRESS -> address();
            case CLIENT -> peer.facts().user().map(user -> "user " + user).orElseGet(this::address);
        };
        return new Key(what, peer.policy().name() + " " + whom);
    }

    private String address() {
        return "address " + AddressBlock.ofClient(peer.facts().address());
    }

    /// Whose connection it is counted as.
    Key asConnection() {
        return key(What.CONNECTION);
    }

    boolean connection() {
        return meter.take(asConnection(), rates().connections(), clock.instant());
    }

    void giveConnectionBack() {
        meter.charge(asConnection(), rates().connections(), -1, clock.instant());
    }

    /// What is refused by one rate takes nothing of another: nobody uses up what a sender may send by messages that are not taken.
    boolean message(ReversePath sender) {
        return meter.any(key(What.OCTETS), rates().octets(), clock.instant())
                && meter.takeAll(List.of(new Share(key(What.MESSAGE), rates().messages()),
                        new Share(new Key(What.SENDER, peer.policy().name() + " " + sender), rates().ofSender())), clock.instant());
    }

    boolean recipient() {
        return meter.take(key(What.RECIPIENT), rates().recipients(), clock.instant());
    }

    void taken(long octets) {
        meter.charge(key(What.OCTETS), rates().octets(), octets, clock.instant());
    }
}
