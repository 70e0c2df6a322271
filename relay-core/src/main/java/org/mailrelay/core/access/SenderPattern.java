package org.mailrelay.core.access;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.ReversePath;

/// Addresses that a client may send as.
public sealed interface SenderPattern {

    /// `a@example.com`; the local part by its octets, the domain in any case.
    record Address(Mailbox mailbox) implements SenderPattern {}

    /// `@example.com`
    record At(Domain domain) implements SenderPattern {}

    /// `.example.com`: every subdomain.
    record Below(Domain parent) implements SenderPattern {}

    static Optional<SenderPattern> parse(String text) {
        int at = text.lastIndexOf('@');
        if (at < 0) {
            return text.startsWith(".") ? Domain.parse(text.substring(1)).map(Below::new) : Optional.empty();
        }
        Optional<Domain> domain = Domain.parse(text.substring(at + 1));
        if (at == 0) {
            return domain.map(At::new);
        }
        boolean printable = text.substring(0, at).chars().allMatch(c -> c > 0x20 && c < 0x7f) && at <= Mailbox.MAX_LOCAL_PART;
        return printable ? domain.map(named -> new Address(new Mailbox(text.substring(0, at), named))) : Optional.empty();
    }

    /// The null sender is everybody's: reports come from it (RFC 5321 §4.5.5).
    static boolean allow(List<SenderPattern> patterns, ReversePath sender) {
        return sender.isNull() || patterns.stream().anyMatch(pattern -> switch (pattern) {
            case Address(Mailbox mailbox) -> sender.mailbox().filter(mailbox::equals).isPresent();
            case At(Domain domain) -> sender.mailbox().filter(from -> from.domain().equals(domain)).isPresent();
            case Below(Domain parent) -> sender.mailbox().filter(from -> from.domain().isBelow(parent)).isPresent();
        });
    }
}
