package org.mailrelay.core.tls;

import org.mailrelay.core.mail.Domain;

/// One thing that binds a host's terms, and where it stands. In words: the part of a decision line behind "by".
public sealed interface TlsBasis {

    String words();

    /// The destination's entry, the route's host or the mail flow policy.
    record Operator(TlsRule rule) implements TlsBasis {
        @Override
        public String words() {
            return rule.toString();
        }
    }

    /// `tls_trial`: evaluated, not enforced.
    record Trial(TlsRule rule) implements TlsBasis {
        @Override
        public String words() {
            return "trial of " + rule;
        }
    }

    /// @param usable how many records; 0: none that can be used
    record Dane(Domain base, int usable) implements TlsBasis {
        @Override
        public String words() {
            return usable == 0 ? "DANE: no usable TLSA record of " + base + " (RFC 7672 §2.2)"
                    : "DANE: " + usable + (usable == 1 ? " TLSA record of " : " TLSA records of ") + base + ", secure (RFC 7672 §2.2)";
        }
    }

    record MtaSts(Domain domain, String id, StsPolicy.Mode mode) implements TlsBasis {
        @Override
        public String words() {
            return "MTA-STS policy of " + domain + " id " + id + switch (mode) {
                case ENFORCE -> " enforce";
                case TESTING -> " testing";
                case NONE -> " none";
            } + " (RFC 8461 §5)";
        }
    }

    record Message(MessageNeed need) implements TlsBasis {
        @Override
        public String words() {
            return switch (need) {
                case NONE -> "the message asks for nothing";
                case REQUIRE_TLS -> "REQUIRETLS on the message (RFC 8689 §4.2.1)";
                case TLS_NOT_REQUIRED -> "TLS-Required: No on the message (RFC 8689 §4.2.2)";
            };
        }
    }
}
