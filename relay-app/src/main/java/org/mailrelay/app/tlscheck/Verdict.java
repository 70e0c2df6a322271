package org.mailrelay.app.tlscheck;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsFault;
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

    /// @param next the step of the ladder that would be tried next, after a failed handshake
    record AgainstPolicy(TlsRule rule, List<TlsFault> why, Optional<LadderStep> next) implements Verdict {
        public AgainstPolicy {
            why = List.copyOf(why);
        }

        @Override
        public String word() {
            return "waits";
        }

        @Override
        public String sentence() {
            return "would wait: " + why.stream().map(TlsFault::words).collect(Collectors.joining(", ")) + ", demanded by " + rule
                    + (next.equals(Optional.of(LadderStep.CLEAR)) ? "; a later attempt may go in the clear (plaintext_after_handshake_failure)" : "");
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
