package org.mailrelay.core.header;

import java.util.List;
import java.util.Set;
import org.mailrelay.core.smtp.Ascii;

/// All that is done to a message's own fields.
public final class HeaderRules {

    /// Fields that say who a message is from (RFC 5322 §3.6.2 and §3.6.6), in upper case. `To` and `Cc` name others, and stay.
    private static final Set<String> OF_SENDERS = Set.of("FROM", "SENDER", "REPLY-TO", "RESENT-FROM", "RESENT-SENDER");
    private static final Set<String> BLIND = Set.of("BCC", "RESENT-BCC");

    private HeaderRules() {
    }

    /// The order of fields stays, and so does every octet of a field that no rule is about.
    public static HeaderBlock applied(Hygiene hygiene, HeaderBlock header) {
        if (!hygiene.changesHeader()) {
            return header;
        }
        List<HeaderField> fields = header.fields().stream()
                .filter(field -> !hygiene.removeBcc() || !BLIND.contains(Ascii.upper(field.name())))
                .map(field -> hygiene.masquerade().isPresent() && OF_SENDERS.contains(Ascii.upper(field.name()))
                        ? field.withValue(AddressRewriter.rewritten(field.value(), hygiene.masquerade().get()::of)) : field)
                .toList();
        return new HeaderBlock(fields);
    }
}
