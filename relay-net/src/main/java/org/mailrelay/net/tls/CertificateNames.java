package org.mailrelay.net.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.mailrelay.core.smtp.Ascii;
import org.mailrelay.core.tls.NameRules;

/// The names a certificate stands for: SAN dNSName only (RFC 9525 §6.3); the common name where the operator allows it and there is
/// no dNSName at all.
final class CertificateNames {

    private static final int DNS_NAME = 2;
    private static final int MOST = 1_000;

    private CertificateNames() {
    }

    /// @param commonName `allow_common_name`
    /// @return the names as they stand, cut off after 1,000
    static List<String> of(X509Certificate certificate, boolean commonName) {
        List<String> names = new ArrayList<>();
        try {
            if (certificate.getSubjectAlternativeNames() != null) {
                certificate.getSubjectAlternativeNames().stream().limit(MOST)
                        .filter(san -> san.getFirst().equals(DNS_NAME))
                        .forEach(san -> names.add((String) san.get(1)));
            }
        } catch (CertificateParsingException broken) {
            return List.of();
        }
        if (names.isEmpty() && commonName) {
            commonName(certificate).ifPresent(names::add);
        }
        return names;
    }

    /// The last, most specific one; a name with an escaped octet in it is read as it stands, and matches nothing.
    private static Optional<String> commonName(X509Certificate certificate) {
        try {
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns().reversed()) {
                if (Ascii.equals(part.getType(), "CN") && part.getValue() instanceof String text) {
                    return Optional.of(text);
                }
            }
        } catch (InvalidNameException unreadable) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /// @param wanted a name, or `.suffix` for any name below it
    static boolean matches(String presented, String wanted) {
        return NameRules.matches(presented, wanted);
    }
}
