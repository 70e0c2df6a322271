package org.mailrelay.listener.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.auth.Authority;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.ScramKeys;
import org.mailrelay.core.auth.TokenAnswer;

/// The users of a [UserFile], read again when the file has changed. A file that cannot be read makes nobody known for the time being, and is
/// told as unavailable, not as wrong passwords.
final class FileAuthority implements Authority {

    private final Path file;
    private final byte[] secret = new byte[32];
    private final Argon2 nobodys;
    /// A hash takes 60 ms of a processor, and some memory.
    private final Semaphore hashes = new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors()));
    private @Nullable FileTime readAt;
    private @Nullable UserFile users;

    FileAuthority(Path file) {
        this.file = file;
        SecureRandom random = new SecureRandom();
        random.nextBytes(secret);
        byte[] salt = new byte[16];
        random.nextBytes(salt);
        this.nobodys = Argon2.of("nobody's", salt);
    }

    private synchronized Optional<UserFile> users() {
        try {
            FileTime now = Files.getLastModifiedTime(file);
            if (!now.equals(readAt)) {
                users = UserFile.read(file);
                readAt = now;
            }
            return Optional.ofNullable(users);
        } catch (IOException unreadable) {
            readAt = null;
            return Optional.empty();
        }
    }

    boolean knows(String user) {
        return users().flatMap(all -> all.user(user)).isPresent();
    }

    /// Empty while the file cannot be read: then nobody knows what the user may send as.
    Optional<List<String>> senders(String user) {
        return users().map(all -> all.senders(user));
    }

    @Override
    public Answer password(String user, String password) {
        Optional<UserFile> all = users();
        if (all.isEmpty()) {
            return Answer.UNAVAILABLE;
        }
        Optional<UserFile.User> known = all.get().user(user);
        boolean matches;
        hashes.acquireUninterruptibly();
        try {
            matches = known.map(UserFile.User::password).orElse(nobodys).matches(password);
        } finally {
            hashes.release();
        }
        return matches && known.isPresent() ? Answer.RIGHT : Answer.WRONG;
    }

    /// Nobody's keys come from the name and a secret of this process: who asks twice learns nothing from the salt (RFC 5802 §9).
    @Override
    public ScramKeys scram(String user) {
        return users().flatMap(all -> all.user(user)).map(UserFile.User::scram)
                .orElseGet(() -> new ScramKeys(Arrays.copyOf(keyed("salt " + user), 16), ScramKeys.ITERATIONS, keyed("stored " + user), keyed("server " + user)));
    }

    private byte[] keyed(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("HMAC-SHA-256", missing);
        }
    }

    @Override
    public TokenAnswer token(String claimed, String token) {
        return new TokenAnswer.Wrong();
    }

    @Override
    public boolean offers(Mechanism mechanism) {
        return mechanism.kind() != Mechanism.Kind.TOKEN;
    }
}
