package org.mailrelay.core.delivery;

import java.util.List;
import org.mailrelay.core.smtp.EnhancedCode;

/// What is to be done about one recipient.
public sealed interface Outcome {
    record Delivered(String response) implements Outcome {}

    /// The host would not or could not just now; another may.
    record TryNextHost(Reason reason) implements Outcome {}

    /// Not refused: a transaction of its own, at once, which is no further attempt.
    record AnotherTransaction() implements Outcome {}

    record Defer(Reason reason) implements Outcome {}

    record Fail(Reason reason) implements Outcome {}

    /// @param code  of the reply; 0 for none
    /// @param texts what the host said, or why there was no reply
    record Reason(EnhancedCode status, String words, int code, List<String> texts) {
        public Reason {
            texts = List.copyOf(texts);
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
