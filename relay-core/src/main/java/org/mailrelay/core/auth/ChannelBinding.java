package org.mailrelay.core.auth;

import java.util.Optional;

/// What ties an exchange to the TLS connection that it runs in (RFC 5056), so that nobody in the middle can pass it on.
///
/// @param serverEndPoint `tls-server-end-point`: the hash of our certificate (RFC 5929 §4.1)
public record ChannelBinding(Optional<byte[]> serverEndPoint) {

    public static final ChannelBinding NONE = new ChannelBinding(Optional.empty());

    public boolean possible() {
        return serverEndPoint.isPresent();
    }

    Optional<byte[]> data(String type) {
        return type.equals("tls-server-end-point") ? serverEndPoint : Optional.empty();
    }
}
