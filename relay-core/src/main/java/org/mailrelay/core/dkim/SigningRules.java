package org.mailrelay.core.dkim;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// Decides whose key signs a message.
public final class SigningRules {

    /// What is known of a message beside its header.
    ///
    /// @param envelopeSender domain of MAIL; empty for `<>`
    /// @param group          the sender group it came in by; empty for mail of our own, which no group holds off
    /// @param service        a service of [DkimSettings.Key]
    public record Sender(Optional<Domain> envelopeSender, Optional<String> group, String service) {}

    /// Of a header: each field is looked at for each name that is signed.
    private static final int MOST_FIELDS = 2_000;

    private SigningRules() {
    }

    /// RFC 6376 §5.4: From is always signed. Of several From fields a reader shows one and the signer may have looked at another, so such mail
    /// gets no signature that would vouch for it (RFC 5322 §3.6: there is one).
    public static SigningChoice choose(DkimSettings settings, HeaderBlock header, Sender sender) {
        if (!header.wellFormed()) {
            return new SigningChoice.Not(Unsigned.HEADER_MALFORMED);
        }
        if (header.fields().size() > MOST_FIELDS) {
            return new SigningChoice.Not(Unsigned.TOO_MANY_FIELDS);
        }
        List<HeaderField> from = header.named("From");
        if (from.size() != 1) {
            return new SigningChoice.Not(from.isEmpty() ? Unsigned.NO_FROM : Unsigned.SEVERAL_FROM);
        }
        Optional<Domain> named = FromField.domain(from.getFirst().value());
        if (named.isEmpty()) {
            return new SigningChoice.Not(Unsigned.FROM_UNREADABLE);
        }
        Optional<SigningChoice> own = named.flatMap(domain -> signed(settings, domain, sender));
        return own.or(() -> switch (settings.identity()) {
            case FROM -> Optional.empty();
            case FROM_OR_ENVELOPE -> sender.envelopeSender().flatMap(domain -> signed(settings, domain, sender));
        }).orElseGet(SigningChoice.NoKey::new);
    }

    private static Optional<SigningChoice> signed(DkimSettings settings, Domain domain, Sender sender) {
        return settings.match(domain)
                .filter(signer -> signer.groups().isEmpty() || sender.group().isEmpty() || signer.groups().contains(sender.group().get()))
                .flatMap(signer -> {
                    List<DkimSettings.Key> keys = signer.keys().stream().filter(key -> key.serves(sender.service())).toList();
                    return keys.isEmpty() ? Optional.empty() : Optional.of(new SigningChoice.Sign(signer.signAs().orElse(domain), domain, keys, signer.style()));
                });
    }
}
