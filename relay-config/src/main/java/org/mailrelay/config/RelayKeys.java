package org.mailrelay.config;

import java.util.List;

/// The keys of `relay.yaml`.
final class RelayKeys {

    static final List<ConfigKey> ALL = List.of(
            new ConfigKey("root", "path", "the folder above conf/", "What relative paths stand on."),
            new ConfigKey("hostname", "host name", "the machine's", "Full name of the relay, said in the greeting and in EHLO."),
            new ConfigKey("reload", "auto, manual", "auto", "Whether changed files are read without being asked."),
            new ConfigKey("shutdown_grace", "duration", "30s", "How long conversations under way may go on when the relay stops."),
            new ConfigKey("listeners", "list of listeners", "one on 127.0.0.1:2525", "Where mail comes in."),
            new ConfigKey("listener.name", "text", "listener", "Name for logs and metrics."),
            new ConfigKey("listener.address", "address:port, or a list", "must be set", "Where it listens."),
            new ConfigKey("listener.tls.certificate", "path", "certs/relay.pem", "Chain in PEM; where `tls` is set, STARTTLS is offered."),
            new ConfigKey("listener.tls.key", "path", "certs/relay.key", "Private key in PEM."),
            new ConfigKey("listener.tls.implicit", "true, false", "false", "TLS from the first octet (port 465)."),
            new ConfigKey("listener.proxy_protocol", "false", "false", "Not built yet."),
            new ConfigKey("spool.directory", "path", "spool", "Where mail is kept."),
            new ConfigKey("spool.max_size", "size", "50GiB", "Octets on disk beyond which 452 is answered."),
            new ConfigKey("spool.memory", "size", "128MiB", "Octets of bodies kept in memory for the first attempt."),
            new ConfigKey("delivery.port", "1 to 65535", "25", "Port of mail hosts."),
            new ConfigKey("delivery.connections", "1 to 100000", "500", "Connections at once, to all destinations."),
            new ConfigKey("delivery.source_addresses.default", "auto", "auto", "Virtual gateways are not built yet."),
            new ConfigKey("delivery.refuse_addresses", "list of loopback, unspecified, link-local, multicast, private, own", "[loopback, unspecified, link-local, multicast, own]", "What a mail host may not resolve to."),
            new ConfigKey("delivery.after_lost_reply", "retry, assume_delivered", "retry", "What holds when the connection is lost after the final dot."),
            new ConfigKey("delivery.timeouts.connect", "duration", "30s", "Opening the connection."),
            new ConfigKey("delivery.timeouts.greeting", "duration", "5m", "Waiting for the greeting."),
            new ConfigKey("delivery.timeouts.ehlo", "duration", "5m", "Waiting for the reply to EHLO."),
            new ConfigKey("delivery.timeouts.starttls", "duration", "2m", "STARTTLS and the handshake."),
            new ConfigKey("delivery.timeouts.mail", "duration", "5m", "Waiting for the reply to MAIL."),
            new ConfigKey("delivery.timeouts.rcpt", "duration", "5m", "Waiting for the reply to RCPT."),
            new ConfigKey("delivery.timeouts.data", "duration", "2m", "Waiting for the reply to DATA."),
            new ConfigKey("delivery.timeouts.block", "duration", "3m", "One write of content."),
            new ConfigKey("delivery.timeouts.end_of_data", "duration", "10m", "Waiting for the reply to the final dot."),
            new ConfigKey("delivery.timeouts.idle", "duration", "5s", "How long a connection without mail is kept."),
            new ConfigKey("delivery.tls_provider", "auto, openssl, jdk", "auto", "Which TLS implementation is used."),
            new ConfigKey("delivery.trust", "system: true or false, files: paths", "{system: true, files: []}", "Authorities that are trusted."),
            new ConfigKey("delivery.certificates", "none", "none", "Client certificates are not built yet."),
            new ConfigKey("dns.servers", "list of addresses, or system", "[system]", "Name servers, with :port where it is not `port`."),
            new ConfigKey("dns.port", "1 to 65535", "53", "Port of the name servers."),
            new ConfigKey("dns.timeout", "duration", "5s", "Waiting for one answer."),
            new ConfigKey("dns.validate", "false", "false", "DNSSEC validation is not built yet."),
            new ConfigKey("dns.trust_anchors", "builtin", "builtin", "Not built yet."),
            new ConfigKey("dane.canaries", "builtin", "builtin", "Not built yet."),
            new ConfigKey("dane.when_validation_is_broken", "auto", "auto", "Not built yet."),
            new ConfigKey("tls_reports.from", "none", "none", "Not built yet."),
            new ConfigKey("tls_reports.contact", "none", "none", "Not built yet."),
            new ConfigKey("tls_reports.organization", "none", "none", "Not built yet."),
            new ConfigKey("alerts.mail", "[]", "[]", "Not built yet."),
            new ConfigKey("alerts.webhook", "none", "none", "Not built yet."),
            new ConfigKey("log.directory", "path", "logs", "Where mail_logs are written."),
            new ConfigKey("log.stdout", "true, false", "false", "Write them to standard output too."),
            new ConfigKey("log.json", "true, false", "false", "Write events as JSON too."),
            new ConfigKey("log.level", "Critical, Warning, Info, Debug, Trace", "Info", "The least level that is written."),
            new ConfigKey("log.subject", "true, false", "true", "Whether subjects are logged."),
            new ConfigKey("log.roll_size", "size", "100MB", "A file of this size is closed and a new one begun."),
            new ConfigKey("log.roll_every", "duration", "1d", "Likewise for its age."),
            new ConfigKey("log.keep", "1 to 100000", "10", "Closed files that are kept."),
            new ConfigKey("log.syslog", "[]", "[]", "Not built yet."),
            new ConfigKey("metrics.address", "address:port", "127.0.0.1:9125", "Where metrics are read."),
            new ConfigKey("metrics.max_destinations", "0 to 100000", "200", "Destinations with series of their own."),
            new ConfigKey("admin.socket", "path", "run/admin.sock", "Socket of the command line."),
            new ConfigKey("admin.address", "address:port", "127.0.0.1:8025", "Address of the admin API; accepted, not used yet."));

    private RelayKeys() {
    }
}
