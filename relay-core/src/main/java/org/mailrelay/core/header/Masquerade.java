package org.mailrelay.core.header;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;

/// As whom senders inside appear outside; or whose mail that of a recipient is.
///
/// An address of its own wins over its domain, the domain over the longest `.suffix` of it. What a rule gives is not looked up again.
///
/// @param addresses whole addresses
/// @param domains   domains whose local parts stay as they are
/// @param suffixes  the same for every subdomain of a name
public record Masquerade(String name, Map<Mailbox, Mailbox> addresses, Map<Domain, Domain> domains, Map<Domain, Domain> suffixes) {

    public Masquerade {
        addresses = Map.copyOf(new LinkedHashMap<>(addresses));
        domains = Map.copyOf(domains);
        suffixes = Map.copyOf(suffixes);
    }

    /// Empty where the address stays as it is.
    public Optional<Mailbox> of(Mailbox sender) {
        Mailbox whole = addresses.get(sender);
        if (whole != null) {
            return Optional.of(whole);
        }
        Domain domain = domains.get(sender.domain());
        for (Optional<Domain> above = sender.domain().parent(); domain == null && above.isPresent(); above = above.get().parent()) {
            domain = suffixes.get(above.get());
        }
        return Optional.ofNullable(domain).filter(other -> !other.equals(sender.domain())).map(other -> new Mailbox(sender.localPart(), other));
    }

    /// An alias. Who asks for reports is told of the address that was written (RFC 3461 §4.2).
    public Recipient of(Recipient written) {
        Optional<OriginalRecipient> original = written.original().or(() -> Optional.of(written.mailbox()).filter(Mailbox::isAscii).map(mailbox -> new OriginalRecipient("rfc822", mailbox.toString())));
        return of(written.mailbox()).map(other -> new Recipient(other, written.notice(), original)).orElse(written);
    }

    /// The null sender stays nobody.
    public ReversePath of(ReversePath sender) {
        return sender.mailbox().flatMap(this::of).map(ReversePath::of).orElse(sender);
    }
}
