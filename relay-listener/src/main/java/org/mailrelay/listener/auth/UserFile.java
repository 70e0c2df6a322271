package org.mailrelay.listener.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailrelay.core.auth.SaslText;
import org.mailrelay.core.auth.ScramKeys;

/// The users whom the relay knows itself. A line each, words between blanks:
///
///     app1 $argon2id$v=19$m=19456,t=2,p=1$salt$hash SCRAM-SHA-256$4096:salt$storedKey:serverKey senders=app1@example.com,.example.org
///
/// Empty lines and those that begin with `#` count for nothing. Made by `mailrelay user`; written whole beside the file and then moved over it,
/// readable by its owner alone.
public record UserFile(Map<String, User> users) {

    /// @param senders addresses, `@domain` or `.domain` that the user may send as; empty: any
    record User(String name, Argon2 password, ScramKeys scram, List<String> senders) {}

    /// @throws IOException where the file cannot be read, or a line is not one of a user; the text names the line and none of its secrets
    public static UserFile read(Path file) throws IOException {
        Map<String, User> users = new LinkedHashMap<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException none) {
            throw new IOException(file + ": no such file", none);
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                int number = i + 1;
                User user = parse(line).orElseThrow(() -> new IOException(file + ":" + number + ": expected name, Argon2id hash and SCRAM-SHA-256 keys, as mailrelay user writes them"));
                if (users.putIfAbsent(user.name, user) != null) {
                    throw new IOException(file + ":" + number + ": the user " + user.name + " stands here twice");
                }
            }
        }
        return new UserFile(users);
    }

    public static UserFile empty() {
        return new UserFile(new LinkedHashMap<>());
    }

    /// With this user added, or given another password.
    public UserFile with(String name, String password, List<String> senders, RandomGenerator random) {
        if (!isName(name)) {
            throw new IllegalArgumentException("a user's name is 1 to 64 characters without blanks and controls");
        }
        Map<String, User> all = new LinkedHashMap<>(users);
        all.put(name, new User(name, Argon2.of(password, salt(random)), ScramKeys.of(password, salt(random), ScramKeys.ITERATIONS), List.copyOf(senders)));
        return new UserFile(all);
    }

    public UserFile without(String name) {
        Map<String, User> all = new LinkedHashMap<>(users);
        all.remove(name);
        return new UserFile(all);
    }

    public void write(Path file) throws IOException {
        Path beside = Files.createTempFile(file.toAbsolutePath().getParent(), ".users", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        StringBuilder all = new StringBuilder();
        users.values().forEach(user -> all.append(line(user)).append('\n'));
        Files.writeString(beside, all);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    public List<String> names() {
        return List.copyOf(users.keySet());
    }

    public List<String> senders(String name) {
        User user = users.get(name);
        return user == null ? List.of() : user.senders;
    }

    Optional<User> user(String name) {
        return Optional.ofNullable(users.get(name));
    }

    private static byte[] salt(RandomGenerator random) {
        byte[] salt = new byte[16];
        random.nextBytes(salt);
        return salt;
    }

    private static boolean isName(String name) {
        return !name.isEmpty() && name.length() <= 64 && name.chars().noneMatch(c -> c <= 0x20 || c == '#' || Character.isSpaceChar(c) || Character.isISOControl(c))
                && SaslText.composed(name).equals(name);
    }

    private static String line(User user) {
        Base64.Encoder base64 = Base64.getEncoder();
        return user.name + " " + user.password.text() + " SCRAM-SHA-256$" + user.scram.iterations() + ":" + base64.encodeToString(user.scram.salt()) + "$"
                + base64.encodeToString(user.scram.storedKey()) + ":" + base64.encodeToString(user.scram.serverKey())
                + (user.senders.isEmpty() ? "" : " senders=" + String.join(",", user.senders));
    }

    private static Optional<User> parse(String line) {
        List<String> words = List.of(line.split("[ \t]+"));
        if (words.size() < 3 || words.size() > 4 || !isName(words.getFirst())) {
            return Optional.empty();
        }
        Optional<Argon2> password = Argon2.parse(words.get(1));
        Optional<ScramKeys> scram = scram(words.get(2));
        List<String> senders = new ArrayList<>();
        if (words.size() == 4) {
            if (!words.get(3).startsWith("senders=")) {
                return Optional.empty();
            }
            senders.addAll(List.of(words.get(3).substring(8).split(",")));
        }
        return password.isEmpty() || scram.isEmpty() ? Optional.empty() : Optional.of(new User(words.getFirst(), password.get(), scram.get(), List.copyOf(senders)));
    }

    private static Optional<ScramKeys> scram(String text) {
        String[] parts = text.split("[$:]", -1);
        if (parts.length != 5 || !parts[0].equals("SCRAM-SHA-256") || !parts[1].matches("[0-9]{4,6}")) {
            return Optional.empty();
        }
        try {
            Base64.Decoder base64 = Base64.getDecoder();
            ScramKeys keys = new ScramKeys(base64.decode(parts[2]), Integer.parseInt(parts[1]), base64.decode(parts[3]), base64.decode(parts[4]));
            return keys.storedKey().length == 32 && keys.serverKey().length == 32 ? Optional.of(keys) : Optional.empty();
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
