package org.mailrelay.core.delivery;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.smtp.Escape;

/// The report on recipients that were given up (RFC 3464), in wire form: what stands before and behind the original.
///
/// @param sender   whom the original was from; a null sender gets no report, so there is none for it
/// @param original what of the original follows: its headers or all of it
public record DeliveryStatusNotification(Mid mid, Instant at, Domain reporter, Mailbox sender, Instant arrived, List<Failed> failed, Part original) {

    public enum Part { HEADERS, FULL, NONE }

    public record Failed(Mailbox recipient, Outcome.Reason reason) {}

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    public DeliveryStatusNotification {
        failed = List.copyOf(failed);
    }

    public String messageId() {
        return "<dsn." + mid + "." + at.toEpochMilli() + "@" + reporter + ">";
    }

    private String boundary() {
        return "=_dsn_" + mid + "_" + at.toEpochMilli();
    }

    /// All up to the first octet of the original.
    public byte[] opening() {
        StringBuilder out = new StringBuilder(2048);
        line(out, "From: Mail Delivery System <MAILER-DAEMON@" + reporter + ">");
        line(out, "To: <" + sender + ">");
        line(out, "Subject: Delivery Status Notification (Failure)");
        line(out, "Date: " + DATE.format(at));
        line(out, "Message-ID: " + messageId());
        line(out, "Auto-Submitted: auto-replied");
        line(out, "MIME-Version: 1.0");
        line(out, "Content-Type: multipart/report; report-type=delivery-status;");
        line(out, "\tboundary=\"" + boundary() + "\"");
        part(out, "text/plain; charset=us-ascii");
        line(out, "Your message could not be delivered to:");
        line(out, "");
        failed.forEach(each -> {
            line(out, "  <" + each.recipient() + ">");
            line(out, "    " + each.reason().status() + " " + each.reason().words());
            line(out, "    " + (each.reason().code() == 0 ? "" : each.reason().code() + " ") + text(each.reason()));
        });
        part(out, "message/delivery-status");
        line(out, "Reporting-MTA: dns; " + reporter);
        line(out, "Arrival-Date: " + DATE.format(arrived));
        failed.forEach(each -> {
            line(out, "");
            line(out, "Final-Recipient: rfc822; " + each.recipient());
            line(out, "Action: failed");
            line(out, "Status: " + each.reason().status());
            if (each.reason().code() != 0) {
                line(out, "Diagnostic-Code: smtp; " + each.reason().code() + " " + text(each.reason()));
            } else {
                line(out, "Diagnostic-Code: x-mailrelay; " + text(each.reason()));
            }
        });
        switch (original) {
            case HEADERS -> part(out, "text/rfc822-headers");
            case FULL -> part(out, "message/rfc822");
            case NONE -> { }
        }
        return out.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /// All behind the original.
    public byte[] ending() {
        return ("\r\n--" + boundary() + "--\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private void part(StringBuilder out, String type) {
        line(out, "");
        line(out, "--" + boundary());
        line(out, "Content-Type: " + type);
        line(out, "");
    }

    /// RFC 5322 §2.1.1: no line beyond 998 octets.
    private static String text(Outcome.Reason reason) {
        return Escape.octets(reason.text(), 800);
    }

    private static void line(StringBuilder out, String line) {
        out.append(line).append("\r\n");
    }
}
