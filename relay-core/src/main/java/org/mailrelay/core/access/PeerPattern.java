package org.mailrelay.core.access;

import org.mailrelay.core.mail.Domain;

/// What a sender group of `access.yaml` matches a connection by.
public sealed interface PeerPattern {

    /// As it stands in the file, for the log's `match`.
    String written();

    record Block(AddressBlock block, String written) implements PeerPattern {}

    /// A forward-confirmed host name, exactly this one.
    record Host(Domain name, String written) implements PeerPattern {}

    /// A forward-confirmed host name below this one (`.example.com`).
    record Below(Domain parent, String written) implements PeerPattern {}

    /// `ALL`.
    record Everyone(String written) implements PeerPattern {}
}
