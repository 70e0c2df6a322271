package org.mailrelay.observe.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.RelaySettings;

/// A report for sending: compressed, and as a message (RFC 8460 §5.3).
public final class ReportMail {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private ReportMail() {
    }

    /// What is POSTed as `application/tlsrpt+gzip` (RFC 8460 §5.4).
    public static byte[] gzip(TlsReport report, RelaySettings.TlsReports from) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(octets)) {
            out.write(ReportJson.text(report, from).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return octets.toByteArray();
    }

    /// RFC 8460 §5.1.
    static String fileName(TlsReport report, RelaySettings.TlsReports from) {
        long begin = report.day().atStartOfDay().toEpochSecond(ZoneOffset.UTC);
        return from.from().domain() + "!" + report.domain() + "!" + begin + "!" + (begin + 86_399) + ".json.gz";
    }

    public static String subject(TlsReport report, RelaySettings.TlsReports from) {
        return "Report Domain: " + report.domain() + " Submitter: " + from.from().domain() + " Report-ID: <" + ReportJson.id(report, from) + ">";
    }

    public static String messageId(TlsReport report, RelaySettings.TlsReports from) {
        return "<tlsrpt." + ReportJson.id(report, from) + ">";
    }

    /// Lines end in CRLF; no line begins with a dot. `TLS-Required: No` (RFC 8689 §5): a report on a broken policy must get past that policy.
    public static String message(TlsReport report, RelaySettings.TlsReports from, Mailbox to, Instant now) {
        String boundary = "=_tlsrpt_" + report.day() + "_" + now.toEpochMilli();
        long failed = report.policies().stream().mapToLong(TlsReport.Counted::failed).sum();
        long succeeded = report.policies().stream().mapToLong(TlsReport.Counted::succeeded).sum();
        return String.join("\r\n",
                "From: <" + from.from() + ">",
                "To: <" + to + ">",
                "Subject: " + subject(report, from),
                "Date: " + DATE.format(now),
                "Message-ID: " + messageId(report, from),
                "TLS-Report-Domain: " + report.domain(),
                "TLS-Report-Submitter: " + from.from().domain(),
                "TLS-Required: No",
                "Auto-Submitted: auto-generated",
                "MIME-Version: 1.0",
                "Content-Type: multipart/report; report-type=\"tlsrpt\"; boundary=\"" + boundary + "\"",
                "",
                "--" + boundary,
                "Content-Type: text/plain; charset=us-ascii",
                "",
                "This is a report on TLS in the mail that " + from.from().domain() + " sent to " + report.domain() + " on " + report.day() + " (UTC).",
                succeeded + " sessions succeeded, " + failed + " failed. The attached file has the details (RFC 8460).",
                "",
                "--" + boundary,
                "Content-Type: application/tlsrpt+gzip",
                "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment; filename=\"" + fileName(report, from) + "\"",
                "",
                Base64.getMimeEncoder(76, "\r\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(gzip(report, from)),
                "--" + boundary + "--",
                "");
    }
}
