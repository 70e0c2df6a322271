package org.mailrelay.core.smtp;

import java.util.Map;
import java.util.Optional;

/// An enhanced status code `class.subject.detail` (RFC 3463 §2).
public record EnhancedCode(int statusClass, int subject, int detail) {

    /// The words that mail_logs gives a code; keyed without the class, as most serve 4.x.x and 5.x.x alike. The first ones
    /// are the ESA's, which its users' scripts know, the rest are RFC 3463's and the IANA registry's (RFC 5248 §2.4).
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("1.0", "Unknown address error"),
            Map.entry("1.1", "Bad destination email address"),
            Map.entry("1.2", "Bad destination host"),
            Map.entry("3.1", "Mail system full"),
            Map.entry("3.2", "Not accepting messages at this time"),
            Map.entry("4.0", "Other network problem"),
            Map.entry("4.7", "Delivery expired (message too old)"),
            Map.entry("7.4", "Security features not supported"),
            Map.entry("7.5", "Cryptographic failure"),
            Map.entry("7.30", "REQUIRETLS support required"),
            Map.entry("0.0", "Other undefined status"),
            Map.entry("1.3", "Bad destination mailbox address syntax"),
            Map.entry("1.4", "Destination mailbox address ambiguous"),
            Map.entry("1.5", "Destination address valid"),
            Map.entry("1.6", "Destination mailbox has moved, no forwarding address"),
            Map.entry("1.7", "Bad sender's mailbox address syntax"),
            Map.entry("1.8", "Bad sender's system address"),
            Map.entry("1.9", "Message relayed to non-compliant mailer"),
            Map.entry("1.10", "Recipient address has null MX"),
            Map.entry("2.0", "Other or undefined mailbox status"),
            Map.entry("2.1", "Mailbox disabled, not accepting messages"),
            Map.entry("2.2", "Mailbox full"),
            Map.entry("2.3", "Message length exceeds administrative limit"),
            Map.entry("2.4", "Mailing list expansion problem"),
            Map.entry("3.0", "Other or undefined mail system status"),
            Map.entry("3.3", "System not capable of selected features"),
            Map.entry("3.4", "Message too big for system"),
            Map.entry("3.5", "System incorrectly configured"),
            Map.entry("4.1", "No answer from host"),
            Map.entry("4.2", "Bad connection"),
            Map.entry("4.3", "Directory server failure"),
            Map.entry("4.4", "Unable to route"),
            Map.entry("4.5", "Mail system congestion"),
            Map.entry("4.6", "Routing loop detected"),
            Map.entry("5.0", "Other or undefined protocol status"),
            Map.entry("5.1", "Invalid command"),
            Map.entry("5.2", "Syntax error"),
            Map.entry("5.3", "Too many recipients"),
            Map.entry("5.4", "Invalid command arguments"),
            Map.entry("5.5", "Wrong protocol version"),
            Map.entry("6.0", "Other or undefined media error"),
            Map.entry("6.1", "Media not supported"),
            Map.entry("6.2", "Conversion required and prohibited"),
            Map.entry("6.3", "Conversion required but not supported"),
            Map.entry("6.4", "Conversion with loss performed"),
            Map.entry("6.5", "Conversion failed"),
            Map.entry("7.0", "Other or undefined security status"),
            Map.entry("7.1", "Delivery not authorized, message refused"),
            Map.entry("7.2", "Mailing list expansion prohibited"),
            Map.entry("7.3", "Security conversion required but not possible"),
            Map.entry("7.6", "Cryptographic algorithm not supported"),
            Map.entry("7.7", "Message integrity failure"),
            Map.entry("7.8", "Authentication credentials invalid"));

    public EnhancedCode {
        if (statusClass != 2 && statusClass != 4 && statusClass != 5 || subject < 0 || subject > 999 || detail < 0 || detail > 999) {
            throw new IllegalArgumentException("enhanced code " + statusClass + "." + subject + "." + detail);
        }
    }

    /// What [#toString] made; empty for what it did not.
    public static Optional<EnhancedCode> of(String text) {
        return text.isEmpty() || text.charAt(0) != '2' && text.charAt(0) != '4' && text.charAt(0) != '5' || text.indexOf(' ') >= 0 ? Optional.empty() : at(text, text.charAt(0) - '0');
    }

    /// The code at the start of a reply line's text: `[245].d{1,3}.d{1,3}` before a space or the end, of the reply's own class
    /// (RFC 2034 §4). Anything else is text.
    static Optional<EnhancedCode> at(String text, int replyClass) {
        if (text.length() < 5 || text.charAt(0) - '0' != replyClass || replyClass == 3 || text.charAt(1) != '.') {
            return Optional.empty();
        }
        int dot = digitsEnd(text, 2);
        if (dot < 0 || dot >= text.length() || text.charAt(dot) != '.') {
            return Optional.empty();
        }
        int end = digitsEnd(text, dot + 1);
        if (end < 0 || end < text.length() && text.charAt(end) != ' ') {
            return Optional.empty();
        }
        return Optional.of(new EnhancedCode(replyClass, number(text, 2, dot), number(text, dot + 1, end)));
    }

    /// The relay's own reading of the code, as mail_logs prints it.
    public String words() {
        String words = WORDS.get(subject + "." + detail);
        return words != null ? words : subject <= 7 ? WORDS.getOrDefault(subject + ".0", "Other undefined status") : "Other undefined status";
    }

    @Override
    public String toString() {
        return statusClass + "." + subject + "." + detail;
    }

    /// Where one to three ASCII digits end; -1 when there are none or more.
    private static int digitsEnd(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at == from || at - from > 3 ? -1 : at;
    }

    private static int number(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            value = value * 10 + text.charAt(i) - '0';
        }
        return value;
    }
}
