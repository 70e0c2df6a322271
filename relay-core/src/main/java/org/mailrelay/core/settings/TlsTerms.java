package org.mailrelay.core.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.TlsRule;

/// What an entry of `destinations.yaml` says of TLS beside its level.
///
/// @param trial       `tls_trial`: a stricter level, watched and not enforced
/// @param mtaSts      `mta_sts: honour`
/// @param ciphers     of TLS 1.2, OpenSSL's names, best first; empty: our own choice
/// @param ownTrust    the entry or `default` names its own authorities
/// @param certificate what we show a host that asks for a client certificate
/// @param exception   what is lowered for a time
/// @param alert       who is told of an outage of this destination
public record TlsTerms(Optional<TlsRule> trial, DaneUse dane, boolean mtaSts, List<String> ciphers, boolean ownTrust,
        Optional<ClientCertificate> certificate, Optional<PolicyException> exception, List<Mailbox> alert) {

    /// Nothing is asked for.
    public static final TlsTerms PLAIN = new TlsTerms(Optional.empty(), DaneUse.NONE, false, List.of(), false, Optional.empty(), Optional.empty(), List.of());

    public TlsTerms {
        ciphers = List.copyOf(ciphers);
        alert = List.copyOf(alert);
    }

    /// An entry of `delivery.certificates`, by its name; PEM files.
    public record ClientCertificate(String name, Path certificate, Path key) {}
}
