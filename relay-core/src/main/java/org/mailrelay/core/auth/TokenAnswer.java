package org.mailrelay.core.auth;

/// What became of a token.
public sealed interface TokenAnswer {

    /// It is this user's.
    record Of(String user) implements TokenAnswer {}

    /// It is not valid, not for us, or somebody else's.
    record Wrong() implements TokenAnswer {}

    /// It cannot be told now: the issuer's keys are not to be had.
    record Unavailable() implements TokenAnswer {}
}
