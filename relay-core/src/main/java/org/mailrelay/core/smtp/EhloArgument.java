package org.mailrelay.core.smtp;

import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;

/// What a client calls itself: a domain or an address literal (RFC 5321 §4.1.1.1). It gives no right to anything, and a name
/// that does not match the peer's address is no reason to refuse it (RFC 5321 §4.1.4).
public sealed interface EhloArgument {

    /// @param name safe to log and to write into a Received field
    record Accepted(String name) implements EhloArgument {
    }

    record Refused(OurReply reply) implements EhloArgument {
    }

    int MAX_LENGTH = 255;

    static EhloArgument parse(String argument) {
        boolean ascii = argument.chars().allMatch(c -> c > 0x20 && c < 0x7f);
        if (ascii && argument.length() <= MAX_LENGTH && (isLiteral(argument) || Domain.parse(argument).isPresent())) {
            return new Accepted(argument);
        }
        return new Refused(OurReplies.BAD_EHLO_NAME);
    }

    /// `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3).
    static boolean isLiteral(String text) {
        if (!text.startsWith("[") || !text.endsWith("]")) {
            return false;
        }
        String inside = text.substring(1, text.length() - 1);
        return Ascii.startsWith(inside, 0, "IPV6:") ? AddressText.v6(inside.substring(5)).isPresent() : AddressText.v4(inside).isPresent();
    }
}
