package org.mailrelay.core.access;

import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/// A certificate that a client has shown, and whose key it has proven to hold.
///
/// @param fingerprint SHA-256 of the certificate, 64 lower-case hexadecimal digits
/// @param subject     its subject, as [#canonical(String)] writes it
/// @param names       its DNS names and mail addresses (RFC 5280 §4.2.1.6), ASCII letters in lower case; a name that only stands in the subject is none of them
/// @param vouched     who says that it is whose name it bears
/// @param fault       why no authority does; empty where one does
public record ClientCertificate(String fingerprint, String subject, List<String> names, Vouched vouched, String fault) {

    public enum Vouched {
        /// It says nothing that counts.
        NOBODY,
        /// An authority of the listener: its names and subject count.
        AUTHORITY,
        /// The operator, who has written down its fingerprint: it is that certificate, and its names are its own business.
        OPERATOR
    }

    public ClientCertificate {
        names = List.copyOf(names);
        if (!fingerprint.matches("[0-9a-f]{64}") || vouched == Vouched.AUTHORITY != fault.isEmpty()) {
            throw new IllegalArgumentException("a certificate " + fingerprint + ", vouched for by " + vouched + ", " + fault);
        }
    }

    /// Known to the operator by its fingerprint, where no authority vouches for it.
    public ClientCertificate pinned() {
        return vouched == Vouched.NOBODY ? new ClientCertificate(fingerprint, subject, names, Vouched.OPERATOR, fault) : this;
    }

    public boolean counts() {
        return vouched != Vouched.NOBODY;
    }

    /// One spelling for subjects that are the same (RFC 4514: the last part first; letters lowered, blanks folded); empty for a text that is none.
    public static Optional<String> canonical(String subject) {
        try {
            return Optional.of(canonical(new X500Principal(subject)));
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }

    public static String canonical(X500Principal subject) {
        return subject.getName(X500Principal.CANONICAL);
    }

    /// A name as it is compared.
    public static String lower(String name) {
        StringBuilder out = new StringBuilder(name.length());
        name.chars().forEach(c -> out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : (char) c));
        return out.toString();
    }

    /// 64 hexadecimal digits in any case, colons between octets or not.
    public static Optional<String> fingerprint(String text) {
        String digits = lower(text.replace(":", ""));
        return digits.matches("[0-9a-f]{64}") ? Optional.of(digits) : Optional.empty();
    }
}
