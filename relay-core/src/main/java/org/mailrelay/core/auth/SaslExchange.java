package org.mailrelay.core.auth;

/// One try of one mechanism. Not thread-safe: its steps are taken one after the other.
public interface SaslExchange {

    /// @param response what the client sent, decoded; empty for the first step where it sent nothing with AUTH
    SaslStep answer(byte[] response);
}
