package org.mailrelay.core.report;

import java.util.Optional;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.smtp.DsnText;
import org.mailrelay.core.smtp.Escape;

/// The part for programs (RFC 3464 §2): a group of fields on the message, then one for each recipient, an empty line between them.
///
/// In a report on internationalised mail the fields are UTF-8 (RFC 6533 §4); in others they are ASCII, and what a remote host or an
/// address holds beyond it is written as `\x{E4}`.
final class StatusFields {

    /// Characters of a remote text at most.
    private static final int LONGEST_TEXT = 800;

    private final boolean international;

    StatusFields(boolean international) {
        this.international = international;
    }

    String write(Report report) {
        FieldWriter out = new FieldWriter();
        report.original().envelopeId().ifPresent(id -> out.field("Original-Envelope-Id", id));
        out.field("Reporting-MTA", "dns; " + report.reporter());
        if (!report.original().receivedFrom().isEmpty()) {
            out.field("Received-From-MTA", "dns; " + text(report.original().receivedFrom()));
        }
        out.field("Arrival-Date", FieldWriter.date(report.original().arrived()));
        for (RecipientReport each : report.recipients()) {
            out.line("");
            each.recipient().original().ifPresent(original -> out.field("Original-Recipient", original(original)));
            out.field("Final-Recipient", address(each.recipient().mailbox()));
            out.field("Action", report.action().word());
            out.field("Status", each.status().toString());
            each.host().ifPresent(host -> out.field("Remote-MTA", "dns; " + (AddressText.parse(host).isPresent() ? "[" + host + "]" : text(host))));
            out.field("Diagnostic-Code", diagnostic(each.answer()));
            each.tried().ifPresent(at -> out.field("Last-Attempt-Date", FieldWriter.date(at)));
            each.retryUntil().ifPresent(until -> out.field("Will-Retry-Until", FieldWriter.date(until)));
        }
        return out.toString();
    }

    /// RFC 3464 §2.3.2; RFC 6533 §3 for what is not ASCII.
    private String address(Mailbox mailbox) {
        if (mailbox.isAscii()) {
            return "rfc822; " + mailbox;
        }
        return "utf-8; " + (international ? mailbox.toString() : seven(mailbox.toString()));
    }

    private String original(OriginalRecipient original) {
        boolean ascii = original.address().chars().allMatch(c -> c < 0x7f);
        String written = DsnText.write(original);
        return original.type() + "; " + (ascii || international ? original.address() : written.substring(written.indexOf(';') + 1));
    }

    private String diagnostic(RecipientReport.Answer answer) {
        String text = text(String.join(" ", answer.texts()));
        return answer.code() == 0 ? "x-mailrelay; " + text : "smtp; " + answer.code() + " " + text;
    }

    private String text(String remote) {
        String shown = Escape.octets(remote, LONGEST_TEXT);
        return international ? shown : seven(shown);
    }

    private static String seven(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (point < 0x7f) {
                out.append((char) point);
            } else {
                out.append("\\x{").append(Integer.toHexString(point).toUpperCase(java.util.Locale.ROOT)).append('}');
            }
        });
        return out.toString();
    }
}
