package org.mailrelay.net.tls;

import java.util.List;

/// The lowest TLS version that is spoken (RFC 9325 §3.1.1: nothing below 1.2).
public enum TlsVersion {
    TLS_1_2(List.of("TLSv1.3", "TLSv1.2")),
    TLS_1_3(List.of("TLSv1.3"));

    private final List<String> protocols;

    TlsVersion(List<String> protocols) {
        this.protocols = protocols;
    }

    List<String> protocols() {
        return protocols;
    }
}
