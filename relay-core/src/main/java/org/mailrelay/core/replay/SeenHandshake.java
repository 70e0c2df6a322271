package org.mailrelay.core.replay;

import java.util.Optional;
import org.mailrelay.core.tls.TlsReason;

/// How a handshake ended, whatever the policy made of it.
public sealed interface SeenHandshake {

    /// @param detail in the library's words
    record Failed(String detail, boolean ofCertificate) implements SeenHandshake {}

    /// @param protocol    such as `TLSv1.3`
    /// @param group       the key exchange; empty where the engine does not tell
    /// @param certificate empty where none was shown, or none that can be read
    /// @param dane        how the chain fared against the host's TLSA records; empty where it was not held against any
    record Completed(String protocol, String cipher, Optional<String> group, Optional<SeenCertificate> certificate, Optional<Match> dane) implements SeenHandshake {}

    /// @param fault why nothing matched; empty where something did
    /// @param words what matched, or what was missing
    record Match(Optional<TlsReason> fault, String words) {}
}
