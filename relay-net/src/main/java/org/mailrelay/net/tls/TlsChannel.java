package org.mailrelay.net.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// What a finished handshake agreed on. The chain is as the peer sent it, its own certificate first; empty when the
/// engine shows none.
///
/// @param group the key exchange, such as `X25519MLKEM768`; empty where the engine does not tell
/// @param staple an OCSP response (RFC 6066 §8), or that of the session which was resumed; empty where none came
public record TlsChannel(String protocol, String cipher, Optional<String> group, List<X509Certificate> chain, Staple staple) {

    /// Octets as they came.
    public record Staple(byte[] octets) {
        public static final Staple NONE = new Staple(new byte[0]);
    }

    public TlsChannel {
        chain = List.copyOf(chain);
    }

    /// SHA-256 of the peer's own certificate, in hexadecimal; empty where it shows none.
    public Optional<String> certificate() {
        return chain.stream().findFirst().flatMap(ReadableCertificates::encoded).map(octets -> {
            try {
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("a JDK without SHA-256", impossible);
            }
        });
    }
}
