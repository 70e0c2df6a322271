package org.mailrelay.core.delivery;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsDemand;

/// What is to be done about one recipient.
public sealed interface Outcome {
    record Delivered(String response) implements Outcome {}

    sealed interface NotDelivered extends Outcome {
        Reason reason();
    }

    /// The host would not or could not just now; another may, once in a try. A reason of class 5 is for good once no host is left.
    record TryNextHost(Reason reason) implements NotDelivered {}

    /// Not refused: a transaction of its own, at once, which is no further try.
    record AnotherTransaction() implements Outcome {}

    record Defer(Reason reason) implements NotDelivered {}

    /// The host may have the message (RFC 1047).
    ///
    /// @param assumeDelivered else it is tried again, and may arrive twice
    record Ambiguous(Reason reason, boolean assumeDelivered) implements NotDelivered {}

    record Fail(Reason reason) implements NotDelivered {}

    /// @param code   of the reply; 0 for none
    /// @param texts  what the host said, or why there was no reply
    /// @param demand what the TLS policy asked for in vain, where that is the reason
    record Reason(EnhancedCode status, String words, int code, List<String> texts, Optional<TlsDemand> demand) {
        public Reason {
            texts = List.copyOf(texts);
        }

        public Reason(EnhancedCode status, String words, int code, List<String> texts) {
            this(status, words, code, texts, Optional.empty());
        }

        /// The same under another code.
        public Reason as(EnhancedCode other, String otherWords) {
            return new Reason(other, otherWords, code, texts, demand);
        }

        /// The same, with what the policy asked for.
        public Reason demanded(TlsDemand by) {
            return new Reason(status, words, code, texts, Optional.of(by));
        }

        public static Reason noReply(EnhancedCode status, String text) {
            return new Reason(status, status.words(), 0, List.of(text));
        }

        /// For `queue`, `show` and the waits line.
        public String text() {
            return String.join(" ", texts);
        }
    }
}
