package org.mailrelay.app.demo;

import java.time.Duration;
import java.util.List;

/// The four kinds of mail host that the demo delivers to. Each takes mail for one domain a policy.
enum DemoDestination {

    CONFORMANT("conformant", "offers STARTTLS as it should", List.of("250-mx.conformant.test", "250-STARTTLS", "250-PIPELINING", "250-8BITMIME", "250 SIZE 30000000"),
            true, Duration.ofDays(1)),
    /// The reply that the relay was born from: the first line is the greeting, whatever it says (RFC 1869 §4.3).
    MISPLACED("misplaced", "says STARTTLS on the first EHLO line", List.of("250-STARTTLS", "250-mail.domain1.com", "250-8BITMIME", "250-PIPELINING", "250-HELP",
            "250-DELIVERBY 300", "250 SIZE 30000000"), true, Duration.ofDays(1)),
    WITHOUT_TLS("without-tls", "has no TLS", List.of("250-mx.without-tls.test", "250-PIPELINING", "250 SIZE 30000000"), false, Duration.ofDays(1)),
    EXPIRED("expired", "has a certificate that expired yesterday", List.of("250-mx.expired.test", "250-STARTTLS", "250-PIPELINING", "250 SIZE 30000000"), true,
            Duration.ofDays(-1));

    private final String label;
    private final String words;
    private final List<String> ehlo;
    private final boolean tls;
    private final Duration certificateLife;

    DemoDestination(String label, String words, List<String> ehlo, boolean tls, Duration certificateLife) {
        this.label = label;
        this.words = words;
        this.ehlo = ehlo;
        this.tls = tls;
        this.certificateLife = certificateLife;
    }

    /// `misplaced.required.test`
    String domain(String policy) {
        return label + "." + policy + ".test";
    }

    String host() {
        return "mx." + label + ".test";
    }

    /// What is special about it, for the table.
    String words() {
        return words;
    }

    List<String> ehlo() {
        return ehlo;
    }

    boolean tls() {
        return tls;
    }

    /// From now on; negative for one that is over.
    Duration certificateLife() {
        return certificateLife;
    }
}
