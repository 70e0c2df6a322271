package org.mailrelay.core.tls;

/// What the network says of one host, beside its addresses.
///
/// @param mx        of the answer that named the host; UNVALIDATED for the host of a route
/// @param addresses of its A and AAAA answers
public record Published(DnssecState mx, DnssecState addresses, TlsaLookup tlsa, StsLookup sts) {

    /// Nothing was asked.
    public static final Published NOTHING =
            new Published(DnssecState.UNVALIDATED, DnssecState.UNVALIDATED, new TlsaLookup.None(), new StsLookup.NotAsked());
}
