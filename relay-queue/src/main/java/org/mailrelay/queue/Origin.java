package org.mailrelay.queue;

import java.time.Instant;
import java.util.Optional;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.tls.TlsLevel;

/// How a message came to be in the queue.
///
/// @param bounceOf   the message that this one reports on
/// @param tlsFloor   `delivery_tls` of the mail flow policy: raises, never lowers, the destination's level
/// @param source     the virtual gateway that the mail flow policy names
public record Origin(Instant received, Injection injection, Optional<Mid> bounceOf, Optional<TlsLevel> tlsFloor, Optional<String> source) {

    /// A message that came over a connection and of which no policy says more.
    public static Origin of(Instant received, Injection injection) {
        return new Origin(received, injection, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /// A report that the relay made; what it returns is protected as the message was.
    public static Origin report(Instant made, Mid of, Optional<TlsLevel> tlsFloor) {
        return new Origin(made, Injection.OURS, Optional.of(of), tlsFloor, Optional.empty());
    }

    public Icid icid() {
        return injection.icid();
    }

    public String peerAddress() {
        return injection.address();
    }
}
