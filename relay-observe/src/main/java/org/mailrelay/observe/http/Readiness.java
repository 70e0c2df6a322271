package org.mailrelay.observe.http;

/// Whether the relay can take mail now, and why not.
///
/// @param reason one sentence; `ready` where it is
public record Readiness(boolean ready, String reason) {

    public static final Readiness READY = new Readiness(true, "ready");

    public static Readiness notReady(String reason) {
        return new Readiness(false, reason);
    }
}
