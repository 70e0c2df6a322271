package org.mailrelay.queue;

import java.time.Instant;
import java.util.Optional;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.tls.TlsLevel;

/// How a message came to be in the queue.
///
/// @param icid       the connection it came over; 0 for what the relay made itself
/// @param bounceOf   the message that this one reports on
/// @param tlsFloor   `delivery_tls` of the mail flow policy: raises, never lowers, the destination's level
/// @param source     the virtual gateway that the mail flow policy names
public record Origin(Instant received, Icid icid, String peerAddress, Optional<Mid> bounceOf, Optional<TlsLevel> tlsFloor, Optional<String> source) {
}
