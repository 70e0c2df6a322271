package org.mailrelay.core.dkim;

import java.util.List;
import org.mailrelay.core.mail.Domain;

/// Whether a message is signed, and as whom.
public sealed interface SigningChoice {

    /// @param domain `d=`
    /// @param sender the domain whose entry it is
    record Sign(Domain domain, Domain sender, List<DkimSettings.Key> keys, DkimSettings.Style style) implements SigningChoice {
        public Sign {
            keys = List.copyOf(keys);
        }
    }

    /// The sender's domain has no key here: the ordinary case of mail that is not ours to sign.
    record NoKey() implements SigningChoice {}

    /// A message of which nobody can say whose it is, or that cannot be signed.
    record Not(Unsigned why) implements SigningChoice {}
}
