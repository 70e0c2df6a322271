package org.mailrelay.core.auth;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailrelay.core.access.CertificateUser;
import org.mailrelay.core.mail.AuthIdentity;
import org.mailrelay.core.tls.Trust;

/// Where users are known (`authentication:` of `access.yaml`). What is empty is not asked.
///
/// @param users        the file that `mailrelay user` keeps
/// @param certificates whose certificates need no password; the first entry that matches wins
public record AuthSources(Optional<Path> users, Optional<Directory> directory, Optional<Issuer> issuer, List<CertificateUser> certificates) {

    public static final AuthSources NONE = new AuthSources(Optional.empty(), Optional.empty(), Optional.empty());

    public AuthSources {
        certificates = List.copyOf(certificates);
    }

    /// Where certificates name nobody.
    public AuthSources(Optional<Path> users, Optional<Directory> directory, Optional<Issuer> issuer) {
        this(users, directory, issuer, List.of());
    }

    /// AUTH has somebody to ask.
    public boolean any() {
        return users.isPresent() || directory.isPresent() || issuer.isPresent();
    }

    /// Files of those who may sign the certificates of directory and issuer.
    public List<Path> authorities() {
        return Stream.concat(directory.stream().map(Directory::trust), issuer.stream().map(Issuer::trust)).flatMap(trust -> trust.files().stream()).toList();
    }

    /// An LDAP directory (RFC 4511): the user's entry is searched for, then bound as.
    ///
    /// @param url      `ldaps://host`, or `ldap://host` where the wire is trusted
    /// @param bindName who searches; empty: anybody
    /// @param trust    who may sign the directory's certificate
    /// @param filter   with `%u` where the escaped user name goes (RFC 4515 §3)
    public record Directory(URI url, Optional<String> bindName, AuthIdentity.Secret bindPassword, String base, String filter, Duration timeout, Trust trust) {

        /// Trusted as the system trusts.
        public Directory(URI url, Optional<String> bindName, AuthIdentity.Secret bindPassword, String base, String filter, Duration timeout) {
            this(url, bindName, bindPassword, base, filter, timeout, Trust.SYSTEM);
        }
    }

    /// Who issues tokens (RFC 7519).
    ///
    /// @param keys      its JWK set (RFC 7517 §5): an `https:` URL, or a file
    /// @param name      what `iss` must be
    /// @param audience  what `aud` must hold
    /// @param userClaim the claim that names the user
    /// @param trust     who may sign the certificate of the keys' host
    public record Issuer(URI keys, String name, String audience, String userClaim, Trust trust) {}
}
