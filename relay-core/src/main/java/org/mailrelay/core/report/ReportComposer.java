package org.mailrelay.core.report;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import org.mailrelay.core.smtp.Escape;

/// Makes the message of a report: `multipart/report` with the words, the fields and what of the original goes along (RFC 6522 §3).
///
/// Seven-bit, but where a whole 8-bit message is returned (`message/rfc822` may not be encoded, RFC 2046 §5.2.1) and in reports on
/// internationalised mail, whose `message/global-…` parts are UTF-8 (RFC 6533 §4 to §6).
public final class ReportComposer {

    /// @param octets    without dot-stuffing; every line ends in CRLF
    /// @param eightBit  an octet above 127 occurs
    /// @param smtpUtf8  its own header needs it, for the address it goes to is not ASCII
    public record Composed(byte[] octets, boolean eightBit, boolean smtpUtf8) {}

    private static final int LINE = 76;
    private static final String BOUNDARY_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";

    private ReportComposer() {
    }

    public static Composed compose(Report report, Returned returned, RandomGenerator random) {
        boolean international = report.original().international();
        Part words = text("text/plain", words(report, returned).getBytes(StandardCharsets.UTF_8));
        byte[] fields = new StatusFields(international).write(report).getBytes(StandardCharsets.UTF_8);
        Part status = new Part(international ? "message/global-delivery-status" : "message/delivery-status", encoding(fields), fields);
        List<Part> parts = switch (returned) {
            case Returned.Nothing _ -> List.of(words, status);
            case Returned.Headers(byte[] octets) -> List.of(words, status, headers(octets, international));
            case Returned.Full(byte[] octets) -> List.of(words, status, new Part(international ? "message/global" : "message/rfc822", encoding(octets), octets));
        };
        boolean eightBit = parts.stream().anyMatch(part -> part.encoding().equals("8bit"));
        String boundary = boundary(parts, random);
        ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
        write(out, header(report, boundary, eightBit));
        for (Part part : parts) {
            write(out, "\r\n--" + boundary + "\r\nContent-Type: " + part.type() + "\r\n" + (part.encoding().equals("7bit") ? "" : "Content-Transfer-Encoding: " + part.encoding() + "\r\n") + "\r\n");
            out.writeBytes(part.octets());
        }
        write(out, "\r\n--" + boundary + "--\r\n");
        boolean smtpUtf8 = !report.to().isAscii();
        return new Composed(out.toByteArray(), eightBit || smtpUtf8, smtpUtf8);
    }

    private record Part(String type, String encoding, byte[] octets) {}

    private static String header(Report report, String boundary, boolean eightBit) {
        FieldWriter out = new FieldWriter();
        out.field("From", "Mail Delivery System <" + report.from() + ">");
        out.field("To", "<" + report.to() + ">");
        out.field("Subject", report.subject());
        out.field("Date", FieldWriter.date(report.at()));
        out.field("Message-ID", report.messageId());
        out.field("Auto-Submitted", "auto-replied");   // RFC 3834 §5
        out.field("MIME-Version", "1.0");
        out.line("Content-Type: multipart/report; report-type=delivery-status;").line("\tboundary=\"" + boundary + "\"");
        if (eightBit) {
            out.field("Content-Transfer-Encoding", "8bit");
        }
        return out.line("").line("This is a report in parts for people and for programs (RFC 3464).").toString();
    }

    /// Nobody can foresee it, and it is made anew should it occur in what it bounds (RFC 2046 §5.1.1).
    private static String boundary(List<Part> parts, RandomGenerator random) {
        while (true) {
            StringBuilder name = new StringBuilder("=_");
            for (int i = 0; i < 25; i++) {
                name.append(BOUNDARY_LETTERS.charAt(random.nextInt(BOUNDARY_LETTERS.length())));
            }
            byte[] sought = ("--" + name).getBytes(StandardCharsets.US_ASCII);
            if (parts.stream().noneMatch(part -> occurs(sought, part.octets()))) {
                return name.toString();
            }
        }
    }

    private static boolean occurs(byte[] sought, byte[] octets) {
        for (int i = 0; i + sought.length <= octets.length; i++) {
            if (java.util.Arrays.equals(octets, i, i + sought.length, sought, 0, sought.length)) {
                return true;
            }
        }
        return false;
    }

    /// A header is text: it can be encoded where it is not seven-bit or has lines that are too long.
    private static Part headers(byte[] octets, boolean international) {
        if (international) {
            return new Part("message/global-headers", encoding(octets), octets);
        }
        return isSevenBit(octets) && !hasLongLine(octets) ? new Part("text/rfc822-headers", "7bit", octets)
                : new Part("text/rfc822-headers; charset=" + (isUtf8(octets) ? "utf-8" : "unknown-8bit"), "quoted-printable", QuotedPrintable.encode(octets));
    }

    private static Part text(String type, byte[] utf8) {
        return isSevenBit(utf8) ? new Part(type + "; charset=us-ascii", "7bit", utf8) : new Part(type + "; charset=utf-8", "quoted-printable", QuotedPrintable.encode(utf8));
    }

    private static String encoding(byte[] octets) {
        return isSevenBit(octets) ? "7bit" : "8bit";
    }

    private static boolean isSevenBit(byte[] octets) {
        for (byte octet : octets) {
            if (octet < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUtf8(byte[] octets) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(octets));
            return true;
        } catch (java.nio.charset.CharacterCodingException other) {
            return false;
        }
    }

    /// RFC 5322 §2.1.1: 998 octets without the CRLF.
    private static boolean hasLongLine(byte[] octets) {
        int length = 0;
        for (byte octet : octets) {
            length = octet == '\n' ? 0 : length + 1;
            if (length > 999) {
                return true;
            }
        }
        return false;
    }

    private static String words(Report report, Returned returned) {
        StringBuilder out = new StringBuilder(1024);
        out.append("This is the mail system at ").append(report.reporter()).append(".\r\n\r\n");
        wrap(out, "", switch (report.action()) {
            case FAILED -> "Your message could not be delivered to the recipients below.";
            case DELAYED -> "This is a warning only: your message has not reached the recipients below yet, and is being tried further.";
            case RELAYED -> "This is the confirmation that you asked for: your message has left for the recipients below.";
        } + switch (returned) {
            case Returned.Nothing _ -> "";
            case Returned.Headers _ -> " Its header is attached.";
            case Returned.Full _ -> " It is attached.";
        });
        for (RecipientReport each : report.recipients()) {
            out.append("\r\n<").append(each.recipient().mailbox()).append(">\r\n");
            Explanation.of(report.action(), each).forEach(sentence -> wrap(out, "    ", sentence));
            String said = (each.answer().code() == 0 ? "" : each.answer().code() + " ") + Escape.octets(String.join(" ", each.answer().texts()), 800);
            String host = each.host().map(name -> Escape.octets(name, 255)).orElse("");
            if (!said.isEmpty()) {
                wrap(out, "    ", (host.isEmpty() ? "" : host + (each.answer().code() == 0 ? ": " : " said: ")) + said + " (" + each.status() + ")");
            }
        }
        return out.toString();
    }

    /// Lines of 76 characters at most where the words allow it; a remote text is cut at 800 characters, so none is beyond 998.
    private static void wrap(StringBuilder out, String indent, String text) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.split(" ", -1)) {
            if (line.length() > indent.length() && line.length() + 1 + word.length() > LINE) {
                out.append(line).append("\r\n");
                line = new StringBuilder(indent);
            }
            line.append(line.length() > indent.length() ? " " : "").append(word);
        }
        out.append(line).append("\r\n");
    }

    private static void write(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
