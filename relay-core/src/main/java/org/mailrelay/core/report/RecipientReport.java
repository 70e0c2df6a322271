package org.mailrelay.core.report;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.smtp.EnhancedCode;

/// What became of one recipient.
///
/// @param status     of the class that the action has: 5 failed, 4 delayed, 2 relayed (RFC 3464 §2.3.4)
/// @param answer     the last word on it
/// @param host       the mail host that spoke last, or would not be spoken to
/// @param policy     the operator's TLS level for the recipient, where that is what stands in the way
/// @param tried      when a host was last asked
/// @param retryUntil how long delivery goes on being tried (RFC 3464 §2.3.9)
public record RecipientReport(Recipient recipient, EnhancedCode status, Answer answer, Optional<String> host, Optional<String> policy,
        Optional<Instant> tried, Optional<Instant> retryUntil) {

    /// @param code  of an SMTP reply; 0 for none
    /// @param texts what the host said, one character an octet; or, without a reply, in our words
    public record Answer(int code, List<String> texts) {
        public Answer {
            texts = List.copyOf(texts);
        }
    }
}
