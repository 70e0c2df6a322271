package org.mailrelay.core.event;

import java.time.Instant;

/// The relay itself.
public sealed interface SystemEvent extends MailEvent {

    @Override
    default Level level() {
        return Level.INFO;
    }

    /// `System is coming up: relay.example.com, 12 messages in the queue`
    record Started(Instant at, String hostname, long messages) implements SystemEvent {}

    /// `System is going down`
    record Stopping(Instant at) implements SystemEvent {}

    /// `Listener private accepts connections at 127.0.0.1:2525`
    record ListenerBound(Instant at, String listener, String address) implements SystemEvent {}

    /// `Listener private cannot be bound at 127.0.0.1:2525: Address already in use`
    record ListenerFailed(Instant at, String listener, String address, String reason) implements SystemEvent {
        @Override
        public Level level() {
            return Level.CRITICAL;
        }
    }

    /// `Configuration loaded, generation 2`
    record ConfigurationLoaded(Instant at, long generation) implements SystemEvent {}

    /// `Configuration not changed: conf/destinations.yaml:14:5: unknown key 'tsl', did you mean 'tls'?`
    record ConfigurationRefused(Instant at, String problem) implements SystemEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `Spool: segment-0000000000000001.log at 4711: 120 octets are damaged and left out`
    ///
    /// @param offset octets; -1 where it says nothing
    record SpoolTroubled(Instant at, boolean critical, String file, long offset, String detail) implements SystemEvent {
        @Override
        public Level level() {
            return critical ? Level.CRITICAL : Level.WARNING;
        }
    }

    /// `Source address 192.0.2.8 cannot be used: Cannot assign requested address`; told once, and again only after it has worked
    record SourceUnusable(Instant at, String address, String reason) implements SystemEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `Receiving suspended`, `Delivery resumed`
    record Switched(Instant at, String what, boolean suspended) implements SystemEvent {}

    /// `mail_logs: 12 lines were dropped, the reader is too slow`
    record LinesDropped(Instant at, String reader, long count) implements SystemEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }
}
