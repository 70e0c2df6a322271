package org.mailrelay.app.tlscheck;

import java.util.List;
import java.util.stream.Collectors;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// What delivery would do with a message at one host.
sealed interface Verdict {

    TlsRule rule();

    /// As `--json` calls it.
    String word();

    String sentence();

    default boolean deliverable() {
        return false;
    }

    record Encrypted(TlsRule rule) implements Verdict {
        @Override
        public String word() {
            return "encrypted";
        }

        @Override
        public String sentence() {
            return "would deliver encrypted, policy " + rule;
        }

        @Override
        public boolean deliverable() {
            return true;
        }
    }

    record InTheClear(TlsRule rule, TlsReason why) implements Verdict {
        @Override
        public String word() {
            return "clear";
        }

        @Override
        public String sentence() {
            return "would deliver in the clear: " + why.words() + ", policy " + rule;
        }

        @Override
        public boolean deliverable() {
            return true;
        }
    }

    /// @param clearLater a failed handshake would be remembered, and a later attempt go in the clear
    record AgainstPolicy(TlsRule rule, List<TlsReason> why, boolean clearLater) implements Verdict {
        public AgainstPolicy {
            why = List.copyOf(why);
        }

        @Override
        public String word() {
            return "waits";
        }

        @Override
        public String sentence() {
            return "would wait: " + why.stream().map(TlsReason::words).collect(Collectors.joining(", ")) + ", demanded by " + rule
                    + (clearLater ? "; a later attempt may go in the clear (plaintext_after_handshake_failure)" : "");
        }
    }

    /// The host itself would not have it, whatever the policy.
    record HostFails(TlsRule rule, String words) implements Verdict {
        @Override
        public String word() {
            return "fails";
        }

        @Override
        public String sentence() {
            return "would wait: " + words;
        }
    }
}
