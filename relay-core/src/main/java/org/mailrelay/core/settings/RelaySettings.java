package org.mailrelay.core.settings;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.path.OwnPathTerms;
import org.mailrelay.core.tls.Trust;

/// `relay.yaml`. Paths are absolute: relative ones stand on `root`.
public record RelaySettings(Path root, Domain hostname, boolean reloadOnChange, Duration shutdownGrace, List<Listener> listeners, Spool spool,
        Delivery delivery, Dns dns, Log log, Metrics metrics, Admin admin, Tracking tracking, Optional<TlsReports> tlsReports, Alerts alerts) {

    public RelaySettings {
        listeners = List.copyOf(listeners);
    }

    /// Without what is kept and reported later.
    public RelaySettings(Path root, Domain hostname, boolean reloadOnChange, Duration shutdownGrace, List<Listener> listeners, Spool spool, Delivery delivery, Dns dns,
            Log log, Metrics metrics, Admin admin) {
        this(root, hostname, reloadOnChange, shutdownGrace, listeners, spool, delivery, dns, log, metrics, admin, Tracking.NONE, Optional.empty(), Alerts.NONE);
    }

    /// What is kept of messages, and of connections, for `track`, `policy` and TLS reports. It stands in the spool's folder.
    ///
    /// @param keep    zero: nothing is kept
    /// @param maxSize octets on disk, for messages and for connections each
    public record Tracking(Duration keep, long maxSize) {
        public static final Tracking NONE = new Tracking(Duration.ZERO, 0);

        public boolean on() {
            return !keep.isZero();
        }
    }

    /// Reports on TLS for the domains that ask for them (RFC 8460).
    ///
    /// @param from         whom the reports are from; its domain is the submitter
    /// @param contact      `contact-info`
    /// @param organization `organization-name`
    public record TlsReports(Mailbox from, String contact, String organization) {}

    /// Who is told of outages, beside the log.
    ///
    /// @param mail    addresses, through the own queue
    /// @param webhook where a JSON object is POSTed
    /// @param ownPath when our own network is suspected
    public record Alerts(List<Mailbox> mail, Optional<URI> webhook, OwnPathTerms ownPath) {
        public static final Alerts NONE = new Alerts(List.of(), Optional.empty(), OwnPathTerms.OFF);

        public Alerts {
            mail = List.copyOf(mail);
        }
    }

    /// @param tls     certificate and key; then STARTTLS is offered
    /// @param proxies whose connections begin with a PROXY header that says who the client is; nobody else's does
    /// @param fronts  servers that may say with XCLIENT who their client is
    public record Listener(String name, List<InetSocketAddress> addresses, Optional<Certificate> tls, boolean implicitTls, List<AddressBlock> proxies, List<AddressBlock> fronts) {
        public Listener {
            addresses = List.copyOf(addresses);
            proxies = List.copyOf(proxies);
            fronts = List.copyOf(fronts);
        }

        /// Without servers in front.
        public Listener(String name, List<InetSocketAddress> addresses, Optional<Certificate> tls, boolean implicitTls, List<AddressBlock> proxies) {
            this(name, addresses, tls, implicitTls, proxies, List.of());
        }

        /// Without proxies.
        public Listener(String name, List<InetSocketAddress> addresses, Optional<Certificate> tls, boolean implicitTls) {
            this(name, addresses, tls, implicitTls, List.of());
        }
    }

    /// PEM files.
    ///
    /// @param clientAuthorities who may vouch for the certificates of clients
    /// @param clientRevocations lists of those certificates that such authorities have revoked; empty: that is not looked at
    public record Certificate(Path certificate, Path key, List<Path> clientAuthorities, List<Path> clientRevocations) {
        public Certificate {
            clientAuthorities = List.copyOf(clientAuthorities);
            clientRevocations = List.copyOf(clientRevocations);
        }

        /// All of its files.
        public List<Path> files() {
            return Stream.of(List.of(certificate, key), clientAuthorities, clientRevocations).flatMap(List::stream).toList();
        }

        /// Where no certificate is revoked.
        public Certificate(Path certificate, Path key, List<Path> clientAuthorities) {
            this(certificate, key, clientAuthorities, List.of());
        }

        /// Where nobody vouches for clients.
        public Certificate(Path certificate, Path key) {
            this(certificate, key, List.of());
        }
    }

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
            Duration block, Duration endOfData, IdleTime idle) {

        public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofMinutes(5),
                Duration.ofMinutes(2), Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(2), Duration.ofMinutes(3),
                Duration.ofMinutes(10), IdleTime.AUTO);
    }

    /// @param servers    empty: the system's
    /// @param validation of answers in this process (DNSSEC); empty: there is none
    public record Dns(List<InetSocketAddress> servers, Duration timeout, Optional<Validation> validation) {
        public Dns {
            servers = List.copyOf(servers);
        }

        /// Without validation.
        public Dns(List<InetSocketAddress> servers, Duration timeout) {
            this(servers, timeout, Optional.empty());
        }
    }

    /// @param trustAnchors a file of DS or DNSKEY records; empty: those that are built in
    /// @param canaries     names of signed zones that validation is tried on, at start and hourly; empty: it is not tried
    public record Validation(Optional<Path> trustAnchors, List<String> canaries, BrokenValidation whenBroken) {

        /// The root and two names below it that are signed.
        public static final List<String> CANARIES = List.of(".", "iana.org", "ietf.org");

        public Validation {
            canaries = List.copyOf(canaries);
        }
    }

    /// `dane.when_validation_is_broken`: the servers strip signatures, or the anchors are outdated.
    public enum BrokenValidation {
        /// Mail whose answers cannot be validated waits.
        DEFER("defer"),
        /// Answers are taken unvalidated, and DANE is off.
        IGNORE("ignore"),
        /// As IGNORE until validation has worked here once, then as DEFER.
        AUTO("auto");

        private final String word;

        BrokenValidation(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public enum LogLevel { CRITICAL, WARNING, INFO, DEBUG, TRACE }

    /// @param rollSize octets
    public record Log(Path directory, boolean stdout, boolean json, LogLevel level, boolean subject, long rollSize, Duration rollEvery, int keep,
            List<Syslog> syslog) {
        public Log {
            syslog = List.copyOf(syslog);
        }

        /// Without syslog.
        public Log(Path directory, boolean stdout, boolean json, LogLevel level, boolean subject, long rollSize, Duration rollEvery, int keep) {
            this(directory, stdout, json, level, subject, rollSize, rollEvery, keep, List.of());
        }
    }

    /// A server that gets mail_logs too.
    ///
    /// @param host     a name or an address
    /// @param facility 0 to 23 (RFC 5424 §6.2.1)
    /// @param trust    who may sign its certificate; for `TLS`
    public record Syslog(String host, int port, Transport transport, Format format, int facility, Trust trust) {
        public enum Transport { UDP, TCP, TLS }

        public enum Format { RFC3164, RFC5424 }
    }

    public record Metrics(InetSocketAddress address, int maxDestinations) {}

    public record Admin(Path socket) {}
}
