package org.mailrelay.listener;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// The client's side of SCRAM-SHA-256 (RFC 5802 §3), written by the standard and not by the server's code.
final class ScramClient {

    private final String user;
    private final String password;
    private final String header;
    private final byte[] binding;
    private String expected = "";

    ScramClient(String user, String password, String header, byte[] binding) {
        this.user = user;
        this.password = password;
        this.header = header;
        this.binding = binding;
    }

    private String bare() {
        return "n=" + user + ",r=clientnonce";
    }

    String first() {
        return header + bare();
    }

    String last(String serverFirst) throws Exception {
        String[] fields = serverFirst.split(",");
        byte[] salt = Base64.getDecoder().decode(fields[1].substring(2));
        int iterations = Integer.parseInt(fields[2].substring(2));
        byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, 256)).getEncoded();
        byte[] said = new byte[header.length() + binding.length];
        System.arraycopy(header.getBytes(StandardCharsets.US_ASCII), 0, said, 0, header.length());
        System.arraycopy(binding, 0, said, header.length(), binding.length);
        String withoutProof = "c=" + Base64.getEncoder().encodeToString(said) + "," + fields[0];
        String all = bare() + "," + serverFirst + "," + withoutProof;
        byte[] clientKey = hmac(salted, "Client Key");
        byte[] signature = hmac(MessageDigest.getInstance("SHA-256").digest(clientKey), all);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= signature[i];
        }
        expected = "v=" + Base64.getEncoder().encodeToString(hmac(hmac(salted, "Server Key"), all));
        return withoutProof + ",p=" + Base64.getEncoder().encodeToString(clientKey);
    }

    /// By which the server proves itself.
    String expected() {
        return expected;
    }

    private static byte[] hmac(byte[] key, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }
}
