package org.mailrelay.testkit.dkim;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailrelay.core.smtp.Ascii;

/// A verifier of DKIM signatures (RFC 6376 §6) for tests: text in memory, regular expressions, no bounds.
public final class DkimVerifier {

    private static final Pattern FIELD = Pattern.compile("([^:\r\n]+?)[ \t]*:((?:\r\n[ \t]|(?!\r\n).)*)(?:\r\n|\\z)", Pattern.DOTALL);

    private final Map<String, String> records;

    /// @param records TXT records by name
    public DkimVerifier(Map<String, String> records) {
        this.records = Map.copyOf(records);
    }

    /// What became of each signature, from the top: `pass selector domain`, or why it does not hold.
    ///
    /// @param message content as a receiver has it, one character an octet
    public List<String> verify(String message) {
        int end = message.startsWith("\r\n") ? 0 : message.indexOf("\r\n\r\n");
        String header = end < 0 ? message : message.substring(0, end == 0 ? 0 : end + 2);
        String body = end < 0 ? "" : message.substring(end == 0 ? 2 : end + 4);
        List<String[]> fields = new ArrayList<>();
        for (Matcher field = FIELD.matcher(header); field.find();) {
            fields.add(new String[] {field.group(1), field.group(2), field.group(0).replaceAll("\r\n\\z", "")});
        }
        List<String> results = new ArrayList<>();
        for (String[] field : fields) {
            if (Ascii.equals(field[0], "DKIM-SIGNATURE")) {
                try {
                    results.add(check(field, fields, body));
                } catch (GeneralSecurityException broken) {
                    results.add("broken: " + broken);
                }
            }
        }
        return results;
    }

    private String check(String[] signature, List<String[]> fields, String body) throws GeneralSecurityException {
        Map<String, String> tags = tags(signature[1]);
        String[] forms = tags.get("c").split("/");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(octets(body(body, forms[1])));
        if (!Arrays.equals(digest, Base64.getDecoder().decode(tags.get("bh").replaceAll("\\s", "")))) {
            return "body hash differs";
        }
        List<String[]> left = new ArrayList<>(fields);
        StringBuilder data = new StringBuilder();
        for (String name : tags.get("h").split(":")) {
            for (int i = left.size() - 1; i >= 0; i--) {
                if (Ascii.equals(left.get(i)[0], Ascii.upper(name.strip()))) {
                    data.append(field(left.remove(i), forms[0])).append("\r\n");
                    break;
                }
            }
        }
        data.append(field(new String[] {signature[0], signature[1].replaceAll("(?s)(;\\s*b=)[^;]*", "$1"), signature[2].replaceAll("(?s)(;\\s*b=)[^;]*", "$1")}, forms[0]));
        Map<String, String> record = tags(records.getOrDefault(tags.get("s") + "._domainkey." + tags.get("d"), "p="));
        byte[] key = Base64.getDecoder().decode(record.get("p"));
        byte[] value = Base64.getDecoder().decode(tags.get("b").replaceAll("\\s", ""));
        return holds(tags.get("a"), key, octets(data.toString()), value) ? "pass " + tags.get("s") + " " + tags.get("d") : "signature differs";
    }

    private static boolean holds(String algorithm, byte[] key, byte[] data, byte[] value) throws GeneralSecurityException {
        boolean rsa = algorithm.equals("rsa-sha256");
        Signature check = Signature.getInstance(rsa ? "SHA256withRSA" : "Ed25519");
        check.initVerify(rsa ? KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(key)) : point(key));
        check.update(rsa ? data : MessageDigest.getInstance("SHA-256").digest(data));
        return check.verify(value);
    }

    private static PublicKey point(byte[] key) throws GeneralSecurityException {
        byte[] bigEndian = new byte[key.length];
        for (int i = 0; i < key.length; i++) {
            bigEndian[i] = key[key.length - 1 - i];
        }
        boolean odd = (bigEndian[0] & 0x80) != 0;
        bigEndian[0] &= 0x7f;
        return KeyFactory.getInstance("Ed25519").generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, bigEndian))));
    }

    private static String field(String[] field, String form) {
        return form.equals("simple") ? field[2]
                : field[0].toLowerCase(Locale.ROOT) + ":" + field[1].replace("\r\n", "").replaceAll("[ \t]+", " ").replaceAll("\\A | \\z", "");
    }

    private static String body(String body, String form) {
        List<String> lines = new ArrayList<>(Arrays.asList(body.split("\r\n", -1)));
        if (form.equals("relaxed")) {
            lines.replaceAll(line -> line.replaceAll("[ \t]+", " ").replaceAll(" \\z", ""));
        }
        while (!lines.isEmpty() && lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return lines.isEmpty() ? form.equals("simple") ? "\r\n" : "" : String.join("\r\n", lines) + "\r\n";
    }

    private static Map<String, String> tags(String list) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String tag : list.split(";")) {
            int equals = tag.indexOf('=');
            if (equals > 0) {
                tags.put(tag.substring(0, equals).strip(), tag.substring(equals + 1).strip());
            }
        }
        return tags;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
