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

    /// What stands for anybody who has proven to be somebody.
    String ANY = "*";

    /// `user:app1`: who has authenticated as such; `user:*` as anybody.
    record User(String name, String written) implements PeerPattern {}

    /// `certificate:app1.example.com`: who has shown a verified certificate of that DNS name or mail address, in lower case; `certificate:*` any.
    record Certificate(String name, String written) implements PeerPattern {}

    /// `ALL`.
    record Everyone(String written) implements PeerPattern {}
}
