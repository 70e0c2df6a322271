package org.mailrelay.net.tls;

import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.mailrelay.core.tls.HandshakeResult;

/// What a handshake's exception says, as a value. The libraries tell an alert by its name in the text alone.
public final class HandshakeFailures {

    /// Alerts that name a certificate (RFC 8446 §6.2), as BoringSSL and the JDK spell them, letters only.
    private static final List<String> OF_CERTIFICATE = List.of("BADCERTIFICATE", "UNSUPPORTEDCERTIFICATE", "CERTIFICATEREVOKED", "CERTIFICATEEXPIRED",
            "CERTIFICATEUNKNOWN", "UNKNOWNCA", "CERTIFICATEREQUIRED", "ACCESSDENIED");

    private HandshakeFailures() {
    }

    public static HandshakeResult.Failed of(Throwable cause) {
        String words = cause instanceof ClosedChannelException ? "the connection was closed" : cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        StringBuilder letters = new StringBuilder();
        words.chars().map(c -> c >= 'a' && c <= 'z' ? c - 32 : c).filter(c -> c >= 'A' && c <= 'Z').forEach(c -> letters.append((char) c));
        return new HandshakeResult.Failed(words, OF_CERTIFICATE.stream().anyMatch(name -> letters.indexOf(name) >= 0));
    }
}
