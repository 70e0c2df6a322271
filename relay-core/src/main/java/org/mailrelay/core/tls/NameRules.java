package org.mailrelay.core.tls;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// Whether a name of a certificate stands for the one that is looked for (RFC 9525 §6.3).
public final class NameRules {

    private NameRules() {
    }

    /// @param presented as the certificate has it; whatever it says
    /// @param wanted    a name, or `.suffix` for any name below it
    public static boolean matches(String presented, String wanted) {
        if (presented.endsWith(".")) {
            return false;
        }
        boolean wildcard = presented.startsWith("*.");
        Optional<Domain> name = Domain.parse(wildcard ? presented.substring(2) : presented);
        if (name.isEmpty() || wildcard && !name.get().isFullyQualified()) {
            return false;
        }
        if (wanted.startsWith(".")) {
            Domain suffix = Domain.of(wanted.substring(1));
            return name.get().isBelow(suffix) || wildcard && name.get().equals(suffix);
        }
        Domain reference = Domain.of(wanted);
        // RFC 9525 §6.3: a wildcard is the whole left-most label and stands for one label
        return wildcard ? reference.parent().equals(name) : reference.equals(name.get());
    }
}
