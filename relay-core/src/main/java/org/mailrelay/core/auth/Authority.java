package org.mailrelay.core.auth;

/// Knows users and what proves them. May block; takes the same time for a user that it does not know.
public interface Authority {

    enum Answer { RIGHT, WRONG, UNAVAILABLE }

    /// @param password as the client sent it, UTF-8
    Answer password(String user, String password);

    /// The keys of a user for SCRAM-SHA-256. For one that is unknown, or has none, keys that nobody can match and that are the same each time.
    ScramKeys scram(String user);

    /// Whose token this is (RFC 6750 §2.1).
    ///
    /// @param claimed the user that the client named; empty where it left that to the token
    TokenAnswer token(String claimed, String token);

    /// Which mechanisms there are means for.
    boolean offers(Mechanism mechanism);
}
