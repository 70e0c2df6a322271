package org.mailrelay.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.access.CertificateUser;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.mail.AuthIdentity;
import org.mailrelay.core.tls.Trust;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `authentication:` of `access.yaml`, with the password file that it names.
final class AuthReader {

    private final Path root;

    AuthReader(Path root) {
        this.root = root;
    }

    AuthSources read(Section in) {
        Optional<Path> users = in.text("users").filter(text -> !text.equals("none") && !text.equals("off")).map(_ -> in.file("users", root, "secrets/users"));
        Optional<AuthSources.Directory> directory = directory(in.section("ldap"));
        Optional<AuthSources.Issuer> issuer = issuer(in.section("oauth"));
        List<CertificateUser> certificates = new ArrayList<>();
        for (Node node : in.list("certificates")) {
            certificate(in.item("certificate of a user", node), node).ifPresent(certificates::add);
        }
        in.finish();
        return new AuthSources(users, directory, issuer, certificates);
    }

    private static Optional<CertificateUser> certificate(Section in, Node node) {
        Optional<String> match = in.text("match");
        Optional<String> user = in.text("user").filter(name -> !name.isEmpty());
        in.finish();
        Optional<PeerPattern.OfCertificate> pattern = match.filter(text -> text.startsWith("certificate:")).flatMap(text -> PeerPattern.ofCertificate(text.substring(12), text))
                .filter(found -> !(found instanceof PeerPattern.CertificateName(String name, String _) && name.equals(PeerPattern.ANY)));
        if (match.isPresent() && pattern.isEmpty()) {
            in.wrong("match", match.get(), "certificate:name, certificate:subject:… or certificate:sha256:…");
        }
        if (match.isEmpty() || user.isEmpty()) {
            in.problems().at(node, "a certificate of a user needs match and user");
        }
        return user.flatMap(name -> pattern.map(found -> new CertificateUser(found, name)));
    }

    private Optional<AuthSources.Directory> directory(Section in) {
        Optional<URI> url = uri(in, "url", "ldap", "ldaps");
        Optional<String> name = in.text("bind_name");
        String password = in.text("password_file").map(file -> firstLine(in, file)).orElse("");
        Optional<String> base = in.text("base");
        String filter = in.text("filter").orElse("(uid=%u)");
        Duration timeout = in.duration("timeout", Duration.ofSeconds(5));
        Trust trust = in.trust(root, Trust.SYSTEM);
        in.finish();
        if (!filter.contains("%u")) {
            in.wrong("filter", filter, "a filter with %u where the user's name goes");
        }
        if (url.isPresent() && base.isEmpty()) {
            in.wrong("url", url.get().toString(), "a base beside it: where users are searched for");
        }
        return url.isPresent() && base.isPresent()
                ? Optional.of(new AuthSources.Directory(url.get(), name, new AuthIdentity.Secret(password), base.get(), filter, timeout, trust)) : Optional.empty();
    }

    private Optional<AuthSources.Issuer> issuer(Section in) {
        Optional<String> keys = in.text("keys");
        Optional<String> name = in.text("issuer");
        Optional<String> audience = in.text("audience");
        String claim = in.text("user_claim").orElse("email");
        Trust trust = in.trust(root, Trust.SYSTEM);
        Optional<URI> where = keys.filter(text -> text.indexOf("://") >= 0).isPresent() ? uri(in, "keys", "https") : keys.map(_ -> in.file("keys", root, "keys.json").toUri());
        in.finish();
        if (where.isPresent() && (name.isEmpty() || audience.isEmpty())) {
            in.wrong("keys", keys.orElse(""), "issuer and audience beside it: a token for somebody else proves nothing");
        }
        return where.isPresent() && name.isPresent() && audience.isPresent() ? Optional.of(new AuthSources.Issuer(where.get(), name.get(), audience.get(), claim, trust)) : Optional.empty();
    }

    private static Optional<URI> uri(Section in, String key, String... schemes) {
        Optional<String> text = in.text(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text.get());
            if (List.of(schemes).contains(String.valueOf(uri.getScheme())) && uri.getHost() != null) {
                return Optional.of(uri);
            }
        } catch (URISyntaxException _) {
            // told below
        }
        in.wrong(key, text.get(), String.join("://host or ", schemes) + "://host");
        return Optional.empty();
    }

    private String firstLine(Section in, String file) {
        try {
            return Files.readString(root.resolve(file)).lines().findFirst().orElse("");
        } catch (IOException | InvalidPathException unreadable) {
            in.wrong("password_file", file, "a file that can be read");
            return "";
        }
    }
}
