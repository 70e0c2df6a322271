package org.mailrelay.core.settings;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.mail.Domain;

/// `relay.yaml`. Paths are absolute: relative ones stand on `root`.
public record RelaySettings(Path root, Domain hostname, boolean reloadOnChange, Duration shutdownGrace, List<Listener> listeners, Spool spool,
        Delivery delivery, Dns dns, Log log, Metrics metrics, Admin admin) {

    public RelaySettings {
        listeners = List.copyOf(listeners);
    }

    /// @param tls certificate and key; then STARTTLS is offered
    public record Listener(String name, List<InetSocketAddress> addresses, Optional<Certificate> tls, boolean implicitTls) {
        public Listener {
            addresses = List.copyOf(addresses);
        }
    }

    /// PEM files.
    public record Certificate(Path certificate, Path key) {}

    /// @param maxSize octets on disk; beyond it 452
    /// @param memory  octets of bodies kept for the first attempt
    public record Spool(Path directory, long maxSize, long memory) {}

    /// @param port        of mail hosts
    /// @param connections at once, all destinations
    public record Delivery(int port, int connections, Set<RefusedRange> refuseAddresses, AfterLostReply afterLostReply, Timeouts timeouts, TlsProvider tlsProvider) {
        public Delivery {
            refuseAddresses = Set.copyOf(refuseAddresses);
        }
    }

    /// What an MX may not resolve to.
    public enum RefusedRange { LOOPBACK, UNSPECIFIED, LINK_LOCAL, MULTICAST, PRIVATE, OWN }

    public enum AfterLostReply { RETRY, ASSUME_DELIVERED }

    public enum TlsProvider { AUTO, OPENSSL, JDK }

    /// RFC 5321 §4.5.3.2. `block`: one write of content; `idle`: how long a connection without mail is kept.
    public record Timeouts(Duration connect, Duration greeting, Duration ehlo, Duration starttls, Duration mail, Duration rcpt, Duration data,
            Duration block, Duration endOfData, Duration idle) {

        public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofMinutes(5),
                Duration.ofMinutes(2), Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(2), Duration.ofMinutes(3),
                Duration.ofMinutes(10), Duration.ofSeconds(5));
    }

    /// @param servers      empty: the system's
    /// @param validate     whether answers are validated in this process (DNSSEC)
    /// @param trustAnchors a file of DS or DNSKEY records; empty: those that are built in
    public record Dns(List<InetSocketAddress> servers, Duration timeout, boolean validate, Optional<Path> trustAnchors) {
        public Dns {
            servers = List.copyOf(servers);
        }

        /// Without validation.
        public Dns(List<InetSocketAddress> servers, Duration timeout) {
            this(servers, timeout, false, Optional.empty());
        }
    }

    public enum LogLevel { CRITICAL, WARNING, INFO, DEBUG, TRACE }

    /// @param rollSize octets
    public record Log(Path directory, boolean stdout, boolean json, LogLevel level, boolean subject, long rollSize, Duration rollEvery, int keep) {}

    public record Metrics(InetSocketAddress address, int maxDestinations) {}

    public record Admin(Path socket) {}
}
