package org.mailrelay.core.auth;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Optional;

/// User names and passwords as octets of the wire.
public final class SaslText {

    /// RFC 4616 §2: octets of each part.
    static final int MAX_OCTETS = 255;

    private SaslText() {
    }

    /// Well-formed UTF-8 of at most 255 octets without controls, composed (RFC 8265 §4.2: NFC); empty for anything else.
    public static Optional<String> of(byte[] octets, int from, int to) {
        return to - from > MAX_OCTETS ? Optional.empty() : asSent(octets, from, to).map(SaslText::composed);
    }

    /// The same, not composed and of any length.
    static Optional<String> asSent(byte[] octets, int from, int to) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, from, to - from)).toString();
            boolean control = text.chars().anyMatch(c -> c < 0x20 || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029);
            return control ? Optional.empty() : Optional.of(text);
        } catch (CharacterCodingException malformed) {
            return Optional.empty();
        }
    }

    static Optional<String> of(byte[] octets) {
        return of(octets, 0, octets.length);
    }

    /// The form in which a password is hashed and compared, whatever keyboard it was typed on.
    public static String composed(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    static SaslStep step(Authority.Answer answer, String user) {
        return switch (answer) {
            case RIGHT -> new SaslStep.Proven(user);
            case WRONG -> new SaslStep.Refuted(user);
            case UNAVAILABLE -> new SaslStep.Unavailable(user);
        };
    }
}
