package org.mailrelay.listener.auth;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An issuer's keys in a file, read again when it has changed: issuers change their keys. While it cannot be read no token can be judged.
final class KeySetFile implements JWKSource<SecurityContext> {

    private final Path file;
    private FileTime readAt;
    private @Nullable JWKSet keys;

    /// @throws IOException where it cannot be read, or is none
    KeySetFile(Path file) throws IOException {
        this.file = file;
        this.readAt = Files.getLastModifiedTime(file);
        this.keys = load();
    }

    private JWKSet load() throws IOException {
        try {
            return JWKSet.load(file.toFile());
        } catch (ParseException malformed) {
            throw new IOException("no JWK set in " + file, malformed);
        }
    }

    @Override
    public synchronized List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        try {
            FileTime now = Files.getLastModifiedTime(file);
            JWKSet known = keys;
            if (known == null || !now.equals(readAt)) {
                keys = null;
                known = load();
                keys = known;
                readAt = now;
            }
            return selector.select(known);
        } catch (IOException unreadable) {
            throw new KeySourceException(String.valueOf(unreadable.getMessage()), unreadable);
        }
    }
}
