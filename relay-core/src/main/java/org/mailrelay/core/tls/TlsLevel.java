package org.mailrelay.core.tls;

/// The operator's TLS levels, weakest first, with the names of `conf/destinations.yaml`.
public enum TlsLevel {
    NONE("none"),
    PREFERRED("preferred"),
    PREFERRED_VERIFY("preferred-verify"),
    REQUIRED("required"),
    REQUIRED_VERIFY("required-verify"),
    REQUIRED_VERIFY_HOSTED("required-verify-hosted");

    private final String word;

    TlsLevel(String word) {
        this.word = word;
    }

    /// As configuration, mail_logs and metrics spell it.
    public String word() {
        return word;
    }

    /// The stronger of two levels: what the network, a route or a mail flow policy says can raise the operator's level,
    /// never lower it.
    public TlsLevel raisedTo(TlsLevel other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /// True for the levels under which mail never crosses in the clear.
    public boolean required() {
        return compareTo(REQUIRED) >= 0;
    }
}
