package org.mailrelay.listener;

import java.time.InstantSource;
import org.mailrelay.core.access.Rates;
import org.mailrelay.core.mail.ReversePath;

/// The rates of one client's policy, with what it is counted as: its user, its address, or its sender group.
record PeerMeter(RateMeter meter, Peer peer, InstantSource clock) {

    private Rates rates() {
        return peer.policy().rates();
    }

    private RateMeter.Key key(String what) {
        String whom = switch (rates().scope()) {
            case GROUP -> "group " + peer.group();
            case CLIENT -> peer.facts().user().map(user -> "user " + user).orElse("address " + peer.addressText());
        };
        return new RateMeter.Key(what, peer.policy().name() + " " + whom);
    }

    boolean connection() {
        return meter.take(key("connection"), rates().connections(), clock.instant());
    }

    boolean message(ReversePath sender) {
        return meter.any(key("octets"), rates().octets(), clock.instant())
                && meter.take(new RateMeter.Key("sender", peer.policy().name() + " " + sender), rates().ofSender(), clock.instant())
                && meter.take(key("message"), rates().messages(), clock.instant());
    }

    boolean recipient() {
        return meter.take(key("recipient"), rates().recipients(), clock.instant());
    }

    void taken(long octets) {
        meter.charge(key("octets"), rates().octets(), octets, clock.instant());
    }
}
