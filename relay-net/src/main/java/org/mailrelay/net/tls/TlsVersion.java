package org.mailrelay.net.tls;

import java.util.List;

/// The lowest TLS version that is spoken. RFC 9325 §3.1.1: nothing below 1.2, but where an operator knows of a host that has nothing better
/// and would get its mail in the clear (RFC 9325 §5.2).
public enum TlsVersion {
    TLS_1_0("TLSv1", List.of("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1")),
    TLS_1_1("TLSv1.1", List.of("TLSv1.3", "TLSv1.2", "TLSv1.1")),
    TLS_1_2("TLSv1.2", List.of("TLSv1.3", "TLSv1.2")),
    TLS_1_3("TLSv1.3", List.of("TLSv1.3"));

    private final String word;
    private final List<String> protocols;

    TlsVersion(String word, List<String> protocols) {
        this.word = word;
        this.protocols = protocols;
    }

    /// As `tls_min_version` spells it.
    public static TlsVersion of(String word) {
        for (TlsVersion version : values()) {
            if (version.word.equals(word)) {
                return version;
            }
        }
        throw new IllegalArgumentException("no TLS version: " + word);
    }

    /// RFC 9325 §5.2 leaves older versions to opportunistic TLS: where a level, DANE, MTA-STS (RFC 8461 §7) or the message demands TLS, whatever the entry allows.
    TlsVersion whereTlsIsRequired() {
        return compareTo(TLS_1_2) < 0 ? TLS_1_2 : this;
    }

    List<String> protocols() {
        return protocols;
    }

    /// What a reduced ClientHello speaks: one version, and not 1.3, which old middleboxes choke on, where an older one will do.
    List<String> reduced() {
        return this == TLS_1_3 ? protocols : protocols.stream().filter(version -> !version.equals("TLSv1.3")).toList();
    }
}
