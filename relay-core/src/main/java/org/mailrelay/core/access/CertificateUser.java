package org.mailrelay.core.access;

/// Whose certificate it is (`authentication.certificates` of `access.yaml`): who shows it needs no password.
public record CertificateUser(PeerPattern.OfCertificate pattern, String user) {
}
