package org.mailrelay.core.auth;

/// What follows a client's response.
public sealed interface SaslStep {

    /// Ask on, with these octets (334, RFC 4954 §4).
    record Challenge(byte[] octets) implements SaslStep {}

    /// The client is who it says.
    record Proven(String user) implements SaslStep {}

    /// It is not, or nobody of that name is known: nothing tells which.
    ///
    /// @param user as claimed, for the log; may be empty
    record Refuted(String user) implements SaslStep {}

    /// The response is not what the mechanism's grammar allows (501).
    record Malformed() implements SaslStep {}

    /// The authority cannot be asked now (454).
    record Unavailable(String user) implements SaslStep {}
}
