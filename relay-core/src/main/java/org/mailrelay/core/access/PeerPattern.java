package org.mailrelay.core.access;

import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// What a sender group of `access.yaml` matches a connection by.
public sealed interface PeerPattern {

    /// As it stands in the file, for the log's `match`.
    String written();

    record Block(AddressBlock block, String written) implements PeerPattern {}

    /// A forward-confirmed host name, exactly this one.
    record Host(Domain name, String written) implements PeerPattern {}

    /// A forward-confirmed host name below this one (`.example.com`).
    record Below(Domain parent, String written) implements PeerPattern {}

    /// What stands for anybody who has proven to be somebody.
    String ANY = "*";

    /// `user:app1`: who has authenticated as such; `user:*` as anybody.
    record User(String name, String written) implements PeerPattern {}

    /// What is said of a client's certificate.
    sealed interface OfCertificate extends PeerPattern {}

    /// `certificate:app1.example.com`: an authority vouches for a certificate of that DNS name or mail address, in lower case; `certificate:*` for any.
    record CertificateName(String name, String written) implements OfCertificate {}

    /// `certificate:subject:CN=app1,O=Example`: the same for the whole subject ([ClientCertificate#canonical(String)]).
    record CertificateSubject(String subject, String written) implements OfCertificate {}

    /// `certificate:sha256:3a0f…`: this very certificate, whoever signed it.
    record CertificatePin(String fingerprint, String written) implements OfCertificate {}

    /// `ALL`.
    record Everyone(String written) implements PeerPattern {}

    /// Reads what stands behind `certificate:`.
    static Optional<OfCertificate> ofCertificate(String text, String written) {
        if (text.startsWith("sha256:")) {
            return ClientCertificate.fingerprint(text.substring(7)).map(digits -> new CertificatePin(digits, written));
        }
        if (text.startsWith("subject:")) {
            return ClientCertificate.canonical(text.substring(8)).filter(subject -> !subject.isEmpty()).map(subject -> new CertificateSubject(subject, written));
        }
        boolean name = !text.isEmpty() && text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != ':');
        return name ? Optional.of(new CertificateName(ClientCertificate.lower(text), written)) : Optional.empty();
    }
}
