package org.mailrelay.net.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.util.ArrayList;
import java.util.List;

/// Revocation lists (RFC 5280 §5) in files, PEM or DER; a file may hold several.
final class RevocationLists {

    private RevocationLists() {
    }

    /// @throws IOException when a file cannot be read or holds none; its message says which
    static List<X509CRL> read(List<Path> files) throws IOException {
        List<X509CRL> lists = new ArrayList<>();
        for (Path file : files) {
            int before = lists.size();
            try {
                for (CRL list : CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(Files.readAllBytes(file)))) {
                    lists.add((X509CRL) list);
                }
            } catch (GeneralSecurityException unreadable) {
                throw new IOException("no revocation list in " + file + ": " + unreadable.getMessage(), unreadable);
            }
            if (lists.size() == before) {
                throw new IOException("no revocation list in " + file);
            }
        }
        return List.copyOf(lists);
    }
}
