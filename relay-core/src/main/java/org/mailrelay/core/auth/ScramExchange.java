package org.mailrelay.core.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS as a server (RFC 5802 §5 to §7, RFC 7677).
///
/// The password never crosses the wire, a recorded exchange cannot be used again, and the server proves itself too. AUTH carries no data
/// with its 235, so the server's last message is one challenge more, which the client answers with nothing (RFC 4954 §4).
public final class ScramExchange implements SaslExchange {

    private enum Stage { FIRST, FINAL, VERIFIED }

    private final Authority authority;
    private final ChannelBinding channel;
    private final boolean plus;
    private final String serverNonce;
    private Stage stage = Stage.FIRST;
    private boolean asked;
    private String user = "";
    private byte[] header = new byte[0];
    private byte[] binding = new byte[0];
    private String firstBare = "";
    private String serverFirst = "";
    private String nonce = "";
    private @Nullable ScramKeys keys;

    /// @param plus        with channel binding
    /// @param serverNonce at random, printable without comma
    public ScramExchange(Authority authority, ChannelBinding channel, boolean plus, String serverNonce) {
        this.authority = authority;
        this.channel = channel;
        this.plus = plus;
        this.serverNonce = serverNonce;
    }

    @Override
    public SaslStep answer(byte[] response) {
        if (stage == Stage.FIRST && response.length == 0 && !asked) {
            asked = true;
            return new SaslStep.Challenge(new byte[0]);
        }
        return switch (stage) {
            case FIRST -> SaslText.asSent(response, 0, response.length).map(this::first).orElseGet(SaslStep.Malformed::new);
            case FINAL -> last(new String(response, StandardCharsets.UTF_8));
            case VERIFIED -> response.length == 0 ? new SaslStep.Proven(user) : new SaslStep.Malformed();
        };
    }

    /// `gs2-cbind-flag "," [ authzid ] "," "n=" user ",r=" nonce` (RFC 5802 §7)
    private SaslStep first(String message) {
        int comma = message.indexOf(',');
        int bare = comma < 0 ? -1 : message.indexOf(',', comma + 1);
        if (bare < 0) {
            return new SaslStep.Malformed();
        }
        String flag = message.substring(0, comma);
        String acting = message.substring(comma + 1, bare);
        firstBare = message.substring(bare + 1);
        String[] fields = firstBare.split(",", -1);
        if (fields.length < 2 || !fields[0].startsWith("n=") || !fields[1].startsWith("r=") || fields[1].length() < 3 || !bound(flag)) {
            return new SaslStep.Malformed();   // "m=" as well: an extension that must be understood
        }
        Optional<String> named = unescaped(fields[0].substring(2)).filter(name -> name.getBytes(StandardCharsets.UTF_8).length <= SaslText.MAX_OCTETS);
        if (named.isEmpty() || !acting.isEmpty() && !acting.equals("a=" + fields[0].substring(2))) {
            return new SaslStep.Malformed();
        }
        user = SaslText.composed(named.get());
        header = message.substring(0, bare + 1).getBytes(StandardCharsets.UTF_8);
        ScramKeys found = authority.scram(user);
        keys = found;
        nonce = fields[1].substring(2) + serverNonce;
        serverFirst = "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(found.salt()) + ",i=" + found.iterations();
        stage = Stage.FINAL;
        return new SaslStep.Challenge(serverFirst.getBytes(StandardCharsets.US_ASCII));
    }

    /// `p=type` binds; `y` means that the client could and believes that we cannot: where we can, somebody took the PLUS out of our offer
    /// (RFC 5802 §6).
    private boolean bound(String flag) {
        if (flag.startsWith("p=")) {
            Optional<byte[]> data = channel.data(flag.substring(2));
            binding = data.orElse(new byte[0]);
            return plus && data.isPresent();
        }
        return !plus && (flag.equals("n") || flag.equals("y") && !channel.possible());
    }

    /// `c=` base64(gs2-header cbind-data) `,r=` nonce [`,` extensions] `,p=` proof (RFC 5802 §7)
    private SaslStep last(String message) {
        int proofAt = message.lastIndexOf(",p=");
        if (proofAt < 0) {
            return new SaslStep.Malformed();
        }
        String withoutProof = message.substring(0, proofAt);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(header);
        expected.writeBytes(binding);
        String[] fields = withoutProof.split(",", -1);
        if (fields.length < 2 || !fields[0].startsWith("c=") || !fields[1].startsWith("r=")) {
            return new SaslStep.Malformed();
        }
        byte[] proof;
        byte[] bindingSaid;
        try {
            proof = Base64.getDecoder().decode(message.substring(proofAt + 3));
            bindingSaid = Base64.getDecoder().decode(fields[0].substring(2));
        } catch (IllegalArgumentException notBase64) {
            return new SaslStep.Malformed();
        }
        ScramKeys of = java.util.Objects.requireNonNull(keys);
        String all = firstBare + "," + serverFirst + "," + withoutProof;
        boolean right = MessageDigest.isEqual(bindingSaid, expected.toByteArray()) & fields[1].equals("r=" + nonce) & proves(proof, of, all);
        if (!right) {
            return new SaslStep.Refuted(user);
        }
        stage = Stage.VERIFIED;
        return new SaslStep.Challenge(("v=" + Base64.getEncoder().encodeToString(ScramKeys.hmac(of.serverKey(), all))).getBytes(StandardCharsets.US_ASCII));
    }

    /// ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage); its hash is StoredKey (RFC 5802 §3).
    private static boolean proves(byte[] proof, ScramKeys keys, String all) {
        byte[] signature = ScramKeys.hmac(keys.storedKey(), all);
        if (proof.length != signature.length) {
            return false;
        }
        byte[] clientKey = new byte[proof.length];
        for (int i = 0; i < proof.length; i++) {
            clientKey[i] = (byte) (proof[i] ^ signature[i]);
        }
        return MessageDigest.isEqual(ScramKeys.hash(clientKey), keys.storedKey());
    }

    /// `=2C` is a comma and `=3D` an equals sign; any other `=` is an error (RFC 5802 §5.1).
    private static Optional<String> unescaped(String name) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) != '=') {
                out.append(name.charAt(i));
            } else if (name.startsWith("=2C", i) || name.startsWith("=3D", i)) {
                out.append(name.charAt(i + 1) == '2' ? ',' : '=');
                i += 2;
            } else {
                return Optional.empty();
            }
        }
        return out.isEmpty() ? Optional.empty() : Optional.of(out.toString());
    }
}
