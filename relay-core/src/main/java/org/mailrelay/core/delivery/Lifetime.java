package org.mailrelay.core.delivery;

import java.time.Instant;
import java.util.Optional;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.settings.BounceProfile;

/// From when to when delivery of a message is tried.
///
/// @param begins where its sender had it held, the end of that (RFC 4865 §4); else when it was received
/// @param ends   the queue's time after the beginning, or earlier where its sender wants it back by then (RFC 2852 §4.1, mode R)
public record Lifetime(Instant begins, Instant ends) {

    public static Lifetime of(BounceProfile profile, Instant received, MailParameters said) {
        Instant begins = said.holdUntil().filter(received::isBefore).orElse(received);
        Instant ends = begins.plus(profile.maxTimeInQueue());
        Optional<Instant> wantedBack = said.deliverBy().filter(by -> by.mode() == DeliverBy.Mode.RETURN).map(DeliverBy::deadline);
        return new Lifetime(begins, wantedBack.filter(ends::isAfter).orElse(ends));
    }

    public boolean isOver(Instant now) {
        return !now.isBefore(ends);
    }
}
