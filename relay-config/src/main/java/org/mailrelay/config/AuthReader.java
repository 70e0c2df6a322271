package org.mailrelay.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.mail.AuthIdentity;

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
        in.finish();
        return new AuthSources(users, directory, issuer);
    }

    private Optional<AuthSources.Directory> directory(Section in) {
        Optional<URI> url = uri(in, "url", "ldap", "ldaps");
        Optional<String> name = in.text("bind_name");
        String password = in.text("password_file").map(file -> firstLine(in, file)).orElse("");
        Optional<String> base = in.text("base");
        String filter = in.text("filter").orElse("(uid=%u)");
        Duration timeout = in.duration("timeout", Duration.ofSeconds(5));
        in.finish();
        if (!filter.contains("%u")) {
            in.wrong("filter", filter, "a filter with %u where the user's name goes");
        }
        if (url.isPresent() && base.isEmpty()) {
            in.wrong("url", url.get().toString(), "a base beside it: where users are searched for");
        }
        return url.isPresent() && base.isPresent()
                ? Optional.of(new AuthSources.Directory(url.get(), name, new AuthIdentity.Secret(password), base.get(), filter, timeout)) : Optional.empty();
    }

    private Optional<AuthSources.Issuer> issuer(Section in) {
        Optional<String> keys = in.text("keys");
        Optional<String> name = in.text("issuer");
        Optional<String> audience = in.text("audience");
        String claim = in.text("user_claim").orElse("email");
        Optional<URI> where = keys.filter(text -> text.indexOf("://") >= 0).isPresent() ? uri(in, "keys", "https") : keys.map(_ -> in.file("keys", root, "keys.json").toUri());
        in.finish();
        if (where.isPresent() && (name.isEmpty() || audience.isEmpty())) {
            in.wrong("keys", keys.orElse(""), "issuer and audience beside it: a token for somebody else proves nothing");
        }
        return where.isPresent() && name.isPresent() && audience.isPresent() ? Optional.of(new AuthSources.Issuer(where.get(), name.get(), audience.get(), claim)) : Optional.empty();
    }

    private static Optional<URI> uri(Section in, String key, String... schemes) {
        Optional<String> text = in.text(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text.get());
            if (java.util.List.of(schemes).contains(String.valueOf(uri.getScheme())) && uri.getHost() != null) {
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
