package org.mailrelay.core.report;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;

/// One report: one message, one kind of thing that happened, all recipients to whom it happened at once.
///
/// @param mid     of the report
/// @param from    whom its From field names; the envelope's sender is always `<>` (RFC 3464 §2)
/// @param to      whom it is for
public record Report(Mid mid, Instant at, Domain reporter, Mailbox from, Mailbox to, Action action, Original original, List<RecipientReport> recipients) {

    public Report {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a report on nobody");
        }
    }

    /// The message that is reported on.
    ///
    /// @param envelopeId    `ENVID=` decoded
    /// @param receivedFrom  what the host that gave it to us called itself; empty for none
    /// @param international it came with SMTPUTF8
    public record Original(Instant arrived, Optional<String> envelopeId, String receivedFrom, boolean international) {}

    public String messageId() {
        return "<dsn." + mid + "." + at.toEpochMilli() + "@" + reporter + ">";
    }

    public String subject() {
        return action.subject();
    }
}
