package org.mailrelay.core.tls;

/// What to do once the path by which a host was met has been judged.
public sealed interface AfterPathLook {
    record GoOn() implements AfterPathLook {}
    /// Leave this host for now: mail that nothing was promised for waits until the path is trusted again.
    record Wait(TlsFault why) implements AfterPathLook {}
}
