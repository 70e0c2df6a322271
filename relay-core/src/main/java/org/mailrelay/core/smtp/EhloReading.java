package org.mailrelay.core.smtp;

/// How line 1 of an EHLO reply is read (`ehlo:` in conf/destinations.yaml).
public enum EhloReading {
    /// Line 1 is domain and greeting, whatever it says (RFC 1869 §4.3).
    STRICT,
    /// The operator's remedy: a first line whose first word is a registered keyword is also read as an `ehlo-line`.
    TOLERANT
}
