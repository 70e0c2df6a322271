package org.mailrelay.net.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.dkim.Hash;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.dkim.SigningKey;

/// Signatures against what the RFCs print, and the ways to make one against each other.
class VectorsTest {

    /// RFC 8463 §A.1
    private static final String SEED = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
    private static final String PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    /// RFC 8463 §A.3: the fields in their relaxed form, and the signature field with an empty `b=`.
    private static final String DATA = """
            from:Joe SixPack <joe@football.example.com>
            to:Suzie Q <suzie@shopping.example.net>
            subject:Is dinner ready?
            date:Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
            message-id:<20030712040037.46341.5F8J@football.example.com>
            """.replace("\n", "\r\n") + "dkim-signature:v=1; a=ed25519-sha256; c=relaxed/relaxed; d=football.example.com; i=@football.example.com; q=dns/txt; "
            + "s=brisbane; t=1528637909; h=from : to : subject : date : message-id : from : subject : date; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=";
    private static final String SIGNATURE = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";

    @Test
    void theEd25519VectorOfTheRfcComesOut() throws GeneralSecurityException {
        SigningKey key = ed25519(Base64.getDecoder().decode(SEED));
        assertThat(PublicKeys.of(key)).isEqualTo(Base64.getDecoder().decode(PUBLIC));
        byte[] data = DATA.getBytes(StandardCharsets.US_ASCII);
        assertThat(Signers.best().sign(key, data)).isEqualTo(Base64.getDecoder().decode(SIGNATURE));
        assertThat(Signers.inJava().sign(key, data)).isEqualTo(Base64.getDecoder().decode(SIGNATURE));
        KeyRecord published = KeyRecord.parse("v=DKIM1; k=ed25519; p=" + PUBLIC).orElseThrow();
        assertThat(SignatureCheck.holds(key.algorithm(), published, data, Base64.getDecoder().decode(SIGNATURE))).isTrue();
        data[0] ^= 1;
        assertThat(SignatureCheck.holds(key.algorithm(), published, data, Base64.getDecoder().decode(SIGNATURE))).isFalse();
    }

    /// PKCS #1 v1.5 has one signature for a key and data.
    @Test
    void bothWaysOfSigningWithRsaGiveTheSameSignatureWhichVerifies() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        SigningKey key = key(generator.generateKeyPair().getPrivate().getEncoded());
        byte[] data = DATA.getBytes(StandardCharsets.US_ASCII);
        byte[] signature = Signers.inJava().sign(key, data);
        assertThat(Signers.best().sign(key, data)).isEqualTo(signature);
        KeyRecord published = KeyRecord.of(key.algorithm(), PublicKeys.of(key), java.util.Set.of("*"));
        assertThat(SignatureCheck.holds(key.algorithm(), published, data, signature)).isTrue();
        signature[3] ^= 1;
        assertThat(SignatureCheck.holds(key.algorithm(), published, data, signature)).isFalse();
    }

    @Test
    void bothHashesAreSha256() {
        Random random = new Random(8463);
        Hash jdk = Hash.JDK.get();
        Hash best = Signers.hashes().get();
        for (int i = 0; i < 100; i++) {
            byte[] piece = new byte[random.nextInt(5_000)];
            random.nextBytes(piece);
            int from = piece.length / 3;
            jdk.update(piece, from, piece.length);
            best.update(piece, from, piece.length);
        }
        assertThat(best.digest()).isEqualTo(jdk.digest());
    }

    @Test
    void hostileKeysAndSignaturesVerifyNothing() {
        byte[] data = {1};
        Random random = new Random(1);
        for (int length : new int[] {0, 1, 31, 32, 33, 64, 294}) {
            byte[] octets = new byte[length];
            random.nextBytes(octets);
            String p = Base64.getEncoder().encodeToString(octets);
            for (String type : new String[] {"rsa", "ed25519", "other"}) {
                KeyRecord.parse("v=DKIM1; k=" + type + "; p=" + p).ifPresent(published -> {
                    for (var algorithm : org.mailrelay.core.dkim.Algorithm.values()) {
                        assertThat(SignatureCheck.holds(algorithm, published, data, octets)).isFalse();
                    }
                });
            }
        }
    }

    static SigningKey ed25519(byte[] seed) {
        byte[] prefix = HexFormat.of().parseHex("302e020100300506032b657004220420");
        byte[] pkcs8 = java.util.Arrays.copyOf(prefix, prefix.length + seed.length);
        System.arraycopy(seed, 0, pkcs8, prefix.length, seed.length);
        return key(pkcs8);
    }

    static SigningKey key(byte[] pkcs8) {
        String pem = "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(pkcs8) + "\n-----END PRIVATE KEY-----\n";
        return ((SigningKey.Usable) SigningKey.parse(pem)).key();
    }
}
