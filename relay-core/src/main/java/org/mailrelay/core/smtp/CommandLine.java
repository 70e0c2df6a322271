package org.mailrelay.core.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A command line of a client, taken apart (RFC 5321 §4.1.1).
public sealed interface CommandLine {

    /// @param argument one character an octet (ISO-8859-1), without the blanks before and behind it; unchecked otherwise
    record Command(Verb verb, String argument) implements CommandLine {
    }

    /// @param reply what to answer
    /// @param text  the line escaped, for `Unknown command:` and `Bad syntax for command:` in mail_logs
    record Refused(OurReply reply, String text) implements CommandLine {
    }

    /// No mail client: a browser's request or a TLS handshake (R-SRV-13). Answer, if it helps, and close.
    record NotSmtp(OurReply reply, String text) implements CommandLine {
    }

    /// @param line the octets without their CRLF, which the caller has found; CR, LF and NUL in them are refused
    static CommandLine parse(byte[] line, int from, int to) {
        return parse(new String(line, from, to - from, StandardCharsets.ISO_8859_1));
    }

    static CommandLine parse(String line) {
        if (isNotSmtp(line)) {
            return new NotSmtp(OurReplies.NOT_SMTP, shown(line));
        }
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\r' || c == '\n' || c == 0) {
                return new Refused(OurReplies.BARE_LINE_END_IN_COMMAND, shown(line));
            }
        }
        int space = line.indexOf(' ');
        int wordEnd = space < 0 ? line.length() : space;
        Optional<Verb> verb = Verb.of(line.substring(0, wordEnd));
        if (verb.isEmpty()) {
            return new Refused(OurReplies.UNKNOWN_COMMAND, shown(line));
        }
        String argument = withoutSpaces(line, wordEnd);
        Optional<OurReply> refusal = switch (verb.get().argument) {
            case OFF -> Optional.of(OurReplies.COMMAND_NOT_OFFERED);
            case NONE -> argument.isEmpty() ? Optional.empty() : Optional.of(OurReplies.NO_ARGUMENT_ALLOWED);
            case NEEDED -> argument.isEmpty() ? Optional.of(OurReplies.ARGUMENT_MISSING) : Optional.empty();
            case FREE -> Optional.empty();
        };
        return refusal.isPresent() ? new Refused(refusal.get(), shown(line)) : new Command(verb.get(), argument);
    }

    /// The methods of HTTP (RFC 9110 §9.3) that a browser can be led to send here, in their only case.
    private static boolean isNotSmtp(String line) {
        return switch (line.substring(0, Math.max(0, line.indexOf(' ')))) {
            case "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI" -> true;
            default -> line.startsWith("\u0016\u0003");
        };
    }

    /// Blanks behind the argument are tolerated (RFC 5321 §4.1.1).
    private static String withoutSpaces(String line, int from) {
        int start = from;
        int end = line.length();
        while (start < end && line.charAt(start) == ' ') {
            start++;
        }
        while (end > start && line.charAt(end - 1) == ' ') {
            end--;
        }
        return line.substring(start, end);
    }

    private static String shown(String line) {
        return Ascii.startsWith(line, 0, "AUTH") ? "AUTH (hidden)" : Escape.octets(line, Escape.LOG_LIMIT);
    }
}
