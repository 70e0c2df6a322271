package org.mailrelay.listener.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.mailrelay.core.auth.SaslText;

/// Argon2id hashes of passwords (RFC 9106), in the PHC form `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. One takes about 60 ms and 19 MiB.
record Argon2(int memoryKib, int passes, int lanes, byte[] salt, byte[] hash) {

    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH = 32;
    /// What a hand-written file may ask of each log-in.
    private static final int MOST_MEMORY_KIB = 1 << 18;

    /// @param salt 16 octets at random
    static Argon2 of(String password, byte[] salt) {
        return new Argon2(MEMORY_KIB, PASSES, LANES, salt, compute(password, salt, MEMORY_KIB, PASSES, LANES, HASH));
    }

    static Optional<Argon2> parse(String text) {
        String[] parts = text.split("\\$", -1);
        if (parts.length != 6 || !parts[1].equals("argon2id") || !parts[2].equals("v=19") || !parts[3].matches("m=[0-9]{1,7},t=[0-9]{1,3},p=[0-9]{1,2}")) {
            return Optional.empty();
        }
        String[] costs = parts[3].split("[=,]");
        try {
            Argon2 read = new Argon2(Integer.parseInt(costs[1]), Integer.parseInt(costs[3]), Integer.parseInt(costs[5]), Base64.getDecoder().decode(parts[4]),
                    Base64.getDecoder().decode(parts[5]));
            boolean sound = read.memoryKib >= 8 * read.lanes && read.memoryKib <= MOST_MEMORY_KIB && read.passes > 0 && read.lanes > 0 && read.salt.length >= 8 && read.hash.length >= 16;
            return sound ? Optional.of(read) : Optional.empty();
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    boolean matches(String password) {
        return MessageDigest.isEqual(hash, compute(password, salt, memoryKib, passes, lanes, hash.length));
    }

    private static byte[] compute(String password, byte[] salt, int memoryKib, int passes, int lanes, int length) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id).withVersion(Argon2Parameters.ARGON2_VERSION_13).withMemoryAsKB(memoryKib)
                .withIterations(passes).withParallelism(lanes).withSalt(salt).build());
        byte[] out = new byte[length];
        generator.generateBytes(SaslText.composed(password).getBytes(StandardCharsets.UTF_8), out);
        return out;
    }

    String text() {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=" + memoryKib + ",t=" + passes + ",p=" + lanes + "$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash);
    }

    @Override
    public String toString() {
        return "Argon2(hidden)";
    }
}
