package org.mailrelay.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.path.OwnPathTerms;
import org.mailrelay.core.settings.IdleTime;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.RelaySettings.AfterLostReply;
import org.mailrelay.core.settings.RelaySettings.BrokenValidation;
import org.mailrelay.core.settings.RelaySettings.LogLevel;
import org.mailrelay.core.settings.RelaySettings.RefusedRange;
import org.mailrelay.core.settings.RelaySettings.Syslog;
import org.mailrelay.core.settings.RelaySettings.Timeouts;
import org.mailrelay.core.settings.RelaySettings.TlsProvider;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.tls.Trust;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `relay.yaml`.
final class RelayReader {

    private static final Map<String, RefusedRange> RANGES = Map.of("loopback", RefusedRange.LOOPBACK, "unspecified", RefusedRange.UNSPECIFIED,
            "link-local", RefusedRange.LINK_LOCAL, "multicast", RefusedRange.MULTICAST, "private", RefusedRange.PRIVATE, "own", RefusedRange.OWN);

    /// RFC 5424 §6.2.1
    private static final Map<String, Integer> FACILITIES = Map.ofEntries(Map.entry("user", 1), Map.entry("mail", 2), Map.entry("daemon", 3), Map.entry("local0", 16),
            Map.entry("local1", 17), Map.entry("local2", 18), Map.entry("local3", 19), Map.entry("local4", 20), Map.entry("local5", 21), Map.entry("local6", 22),
            Map.entry("local7", 23));

    private final Path conf;
    private Path root;
    private Trust trust = Trust.SYSTEM;
    private final Set<String> names = new HashSet<>();
    private final Map<String, TlsTerms.ClientCertificate> certificates = new LinkedHashMap<>();
    private final SourceReader sources = new SourceReader();
    private final DkimReader dkim = new DkimReader();
    private final List<String> warnings = new ArrayList<>();

    RelayReader(Path conf) {
        this.conf = conf;
        this.root = Optional.ofNullable(conf.getParent()).orElse(conf);
    }

    RelaySettings read(Section in) {
        root = in.node("root").isPresent() ? in.path("root", conf, "..") : root;
        Domain hostname = hostname(in);
        List<RelaySettings.Listener> listeners = new ArrayList<>();
        for (Node node : in.list("listeners")) {
            listeners.add(listener(in.item("listener", node), node));
        }
        if (in.node("listeners").isEmpty()) {
            listeners.add(new RelaySettings.Listener("private", List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 2525)), Optional.empty(), false));
        }
        Section spool = in.section("spool");
        var spoolSettings = new RelaySettings.Spool(path(spool, "directory", "spool"), spool.size("max_size", 50L << 30), spool.size("memory", 128L << 20));
        spool.finish();
        Section metrics = in.section("metrics");
        var metricsSettings = new RelaySettings.Metrics(metrics.text("address").flatMap(text -> metrics.address("address", text, 9125))
                .orElse(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9125)), metrics.number("max_destinations", 200, 0, 100_000));
        metrics.finish();
        Section admin = in.section("admin");
        admin.text("address").ifPresent(text -> admin.address("address", text, 8025));
        var adminSettings = new RelaySettings.Admin(path(admin, "socket", "run/admin.sock"));
        admin.finish();
        var settings = new RelaySettings(root, hostname, in.word("reload", true, Map.of("auto", true, "manual", false)),
                in.duration("shutdown_grace", Duration.ofSeconds(30)), listeners, spoolSettings, delivery(in.section("delivery")),
                dns(in.section("dns"), in.section("dane")), log(in.section("log")), metricsSettings, adminSettings,
                tracking(in.section("tracking")), tlsReports(in.section("tls_reports")), alerts(in.section("alerts")));
        dkim.read(in.section("dkim"), root);
        in.finish();
        return settings;
    }

    /// `delivery.certificates`, by name.
    Map<String, TlsTerms.ClientCertificate> certificates() {
        return certificates;
    }

    private void certificates(Section in) {
        Optional<Node> written = in.node("certificates");
        if (written.isEmpty() || in.isNothing("certificates")) {
            return;
        }
        in.item("certificates", written.get()).named().forEach((name, node) -> {
            Section pair = in.item("client certificate", node);
            certificates.put(name, new TlsTerms.ClientCertificate(name, pair.file("certificate", root, "certs/client.pem"), pair.file("key", root, "certs/client.key")));
            pair.finish();
        });
    }

    private static RelaySettings.Alerts alerts(Section in) {
        Optional<URI> webhook = in.isNothing("webhook") ? Optional.empty() : in.text("webhook").flatMap(text -> webhook(in, text));
        OwnPathTerms ownPath = in.isNothing("own_path") ? OwnPathTerms.OFF : ownPath(in.section("own_path"));
        var alerts = new RelaySettings.Alerts(in.mailboxes("mail"), webhook, ownPath);
        in.finish();
        return alerts;
    }

    private static OwnPathTerms ownPath(Section in) {
        OwnPathTerms usual = OwnPathTerms.DEFAULT;
        OwnPathTerms terms = new OwnPathTerms(in.number("hosts", usual.hosts(), 2, 10_000), in.number("share", usual.share(), 1, 100), in.duration("window", usual.window()),
                in.isNothing("hold") ? Duration.ZERO : in.duration("hold", usual.hold()));
        in.finish();
        return terms;
    }

    private static Optional<URI> webhook(Section in, String text) {
        try {
            URI address = new URI(text);
            if (address.getHost() != null && List.of("http", "https").contains(address.getScheme())) {
                return Optional.of(address);
            }
        } catch (URISyntaxException noAddress) {
            // told below, as an address of another kind is
        }
        in.wrong("webhook", text, "an address such as https://alerts.example.com/mailrelay");
        return Optional.empty();
    }

    /// Who is trusted where an entry of `destinations.yaml` does not say.
    Trust trust() {
        return trust;
    }

    /// The virtual gateways; the other files name them.
    SourceReader sources() {
        return sources;
    }

    /// Keys that sign mail.
    DkimReader dkim() {
        return dkim;
    }

    List<String> warnings() {
        return warnings;
    }

    private Domain hostname(Section in) {
        String text = in.text("hostname").orElseGet(() -> {
            try {
                return InetAddress.getLocalHost().getCanonicalHostName();
            } catch (UnknownHostException nameless) {
                return "localhost.localdomain";
            }
        });
        Optional<Domain> name = Domain.parse(text).filter(Domain::isFullyQualified);
        if (name.isEmpty() && in.node("hostname").isPresent()) {
            in.wrong("hostname", text, "a full host name such as relay.example.com");
        }
        if (name.isEmpty()) {
            warnings.add("hostname: the machine has no full name; mail hosts will refuse localhost.localdomain, set hostname in relay.yaml");
        }
        return name.orElse(new Domain("localhost.localdomain"));
    }

    private static List<AddressBlock> believed(Section in, String key) {
        List<AddressBlock> proxies = new ArrayList<>();
        for (String text : in.texts(key)) {
            if (!text.equals("false")) {
                AddressBlock.parse(text).filter(block -> !block.isEverything())
                        .ifPresentOrElse(proxies::add, () -> in.wrong(key, text, "false, or the addresses and blocks of proxies: whoever may say who the client is may be anybody"));
            }
        }
        return proxies;
    }

    private RelaySettings.Listener listener(Section in, Node node) {
        String name = in.text("name").orElse("listener");
        List<InetSocketAddress> addresses = in.texts("address").stream().flatMap(text -> in.address("address", text, 25).stream()).toList();
        List<AddressBlock> proxies = believed(in, "proxy_protocol");
        List<AddressBlock> fronts = believed(in, "xclient");
        Optional<RelaySettings.Certificate> certificate = Optional.empty();
        boolean implicit = false;
        if (in.node("tls").isPresent()) {
            Section tls = in.section("tls");
            certificate = Optional.of(new RelaySettings.Certificate(tls.file("certificate", root, "certs/relay.pem"), tls.file("key", root, "certs/relay.key"),
                    files(tls, "client_authorities"), revocations(tls)));
            implicit = tls.flag("implicit", false);
            tls.finish();
        }
        in.finish();
        if (in.node("address").isEmpty()) {
            in.problems().at(node, "the listener " + name + " has no address, expected one such as 127.0.0.1:2525");
        }
        if (!names.add(name)) {
            in.problems().at(node, "two listeners have the name " + name);
        }
        return new RelaySettings.Listener(name, addresses, certificate, implicit, proxies, fronts);
    }

    private List<Path> files(Section tls, String key) {
        if (tls.isNothing(key)) {
            return List.of();
        }
        List<Path> files = tls.paths(key, root);
        files.stream().filter(file -> !Files.isReadable(file)).forEach(file -> tls.problems().at(tls.node(key).orElseThrow(), key + ": cannot read " + file));
        return files;
    }

    private List<Path> revocations(Section tls) {
        List<Path> files = files(tls, "client_revocations");
        if (!files.isEmpty() && tls.node("client_authorities").isEmpty()) {
            tls.problems().at(tls.node("client_revocations").orElseThrow(), "client_revocations: found lists and no client_authorities, expected those whose lists they are");
        }
        return files;
    }

    private RelaySettings.Delivery delivery(Section in) {
        Set<RefusedRange> refused = EnumSet.of(RefusedRange.LOOPBACK, RefusedRange.UNSPECIFIED, RefusedRange.LINK_LOCAL, RefusedRange.MULTICAST, RefusedRange.OWN);
        if (in.node("refuse_addresses").isPresent()) {
            refused = EnumSet.noneOf(RefusedRange.class);
            for (String text : in.texts("refuse_addresses")) {
                if (RANGES.containsKey(text)) {
                    refused.add(RANGES.get(text));
                } else {
                    in.wrong("refuse_addresses", text, "loopback, unspecified, link-local, multicast, private or own");
                }
            }
        }
        sources.read(in);
        certificates(in);
        trust = in.trust(root, trust);
        var delivery = new RelaySettings.Delivery(in.number("port", 25, 1, 65_535), in.number("connections", 500, 1, 100_000), refused,
                in.word("after_lost_reply", AfterLostReply.RETRY, Map.of("retry", AfterLostReply.RETRY, "assume_delivered", AfterLostReply.ASSUME_DELIVERED)),
                timeouts(in.section("timeouts")),
                in.word("tls_provider", TlsProvider.AUTO, Map.of("auto", TlsProvider.AUTO, "openssl", TlsProvider.OPENSSL, "jdk", TlsProvider.JDK)));
        in.finish();
        return delivery;
    }

    private static Timeouts timeouts(Section in) {
        Timeouts base = Timeouts.DEFAULT;
        Timeouts read = new Timeouts(in.duration("connect", base.connect()), in.duration("greeting", base.greeting()), in.duration("ehlo", base.ehlo()),
                in.duration("starttls", base.starttls()), in.duration("mail", base.mail()), in.duration("rcpt", base.rcpt()),
                in.duration("data", base.data()), in.duration("block", base.block()), in.duration("end_of_data", base.endOfData()), idle(in, base.idle()));
        in.finish();
        return read;
    }

    private static IdleTime idle(Section in, IdleTime otherwise) {
        return in.text("idle").filter("auto"::equals).isPresent() ? IdleTime.AUTO
                : in.text("idle").isPresent() ? IdleTime.exactly(in.duration("idle", otherwise.least())) : otherwise;
    }

    private static List<String> canaries(Section dane) {
        List<String> names = new ArrayList<>();
        for (String text : dane.texts("canaries")) {
            if (text.equals("builtin")) {
                names.addAll(RelaySettings.Validation.CANARIES);
            } else if (text.equals(".") || Domain.parse(text).isPresent()) {
                names.add(text);
            } else {
                dane.wrong("canaries", text, "builtin, or names of signed zones");
            }
        }
        return dane.node("canaries").isEmpty() ? RelaySettings.Validation.CANARIES : names;
    }

    private static BrokenValidation whenBroken(Section dane) {
        return dane.word("when_validation_is_broken", BrokenValidation.AUTO,
                Stream.of(BrokenValidation.values()).collect(Collectors.toMap(BrokenValidation::word, use -> use)));
    }

    private RelaySettings.Dns dns(Section in, Section dane) {
        int port = in.number("port", 53, 1, 65_535);
        List<InetSocketAddress> servers = in.texts("servers").stream().filter(text -> !text.equals("system"))
                .flatMap(text -> in.address("servers", text, port).stream()).toList();
        boolean validate = in.flag("validate", true);
        Optional<Path> anchors = in.text("trust_anchors").filter(text -> !text.equals("builtin")).map(_ -> in.file("trust_anchors", root, "builtin"));
        var validation = new RelaySettings.Validation(anchors, canaries(dane), whenBroken(dane));
        var dns = new RelaySettings.Dns(servers, in.duration("timeout", Duration.ofSeconds(5)), validate ? Optional.of(validation) : Optional.empty());
        in.finish();
        dane.finish();
        return dns;
    }

    private static RelaySettings.Tracking tracking(Section in) {
        boolean none = in.text("keep").filter(text -> text.equals("none") || text.equals("off")).isPresent();
        var tracking = new RelaySettings.Tracking(none ? Duration.ZERO : in.duration("keep", Duration.ofDays(14)), in.size("max_size", 1L << 30));
        in.finish();
        return tracking;
    }

    private static Optional<RelaySettings.TlsReports> tlsReports(Section in) {
        Optional<String> from = in.text("from").filter(text -> !isNone(text));
        Optional<String> contact = in.text("contact").filter(text -> !isNone(text));
        Optional<String> organization = in.text("organization").filter(text -> !isNone(text));
        in.finish();
        if (from.isEmpty()) {
            return Optional.empty();
        }
        try {
            Mailbox mailbox = Mailbox.of(from.get());
            return Optional.of(new RelaySettings.TlsReports(mailbox, contact.orElse(from.get()), organization.orElse(mailbox.domain().name())));
        } catch (IllegalArgumentException noAddress) {
            in.wrong("from", from.get(), "none, or an address such as tls-reports@example.com");
            return Optional.empty();
        }
    }

    private static boolean isNone(String text) {
        return text.equals("none") || text.equals("off");
    }

    private RelaySettings.Syslog syslog(Section in, Node node) {
        Optional<String> address = in.text("address");
        var transport = in.word("protocol", Syslog.Transport.UDP, Map.of("udp", Syslog.Transport.UDP, "tcp", Syslog.Transport.TCP, "tls", Syslog.Transport.TLS));
        var format = in.word("format", Syslog.Format.RFC5424, Map.of("rfc3164", Syslog.Format.RFC3164, "rfc5424", Syslog.Format.RFC5424));
        int facility = in.word("facility", 2, FACILITIES);
        Trust authorities = in.trust(root, Trust.SYSTEM);
        in.finish();
        Optional<HostAndPort> server = address.flatMap(text -> HostAndPort.parse(text, transport == Syslog.Transport.TLS ? 6514 : 514));
        if (server.isEmpty()) {
            in.problems().at(node, "syslog.address: " + address.map(text -> "found " + text).orElse("nothing found") + ", expected a server such as logs.example.com:514");
        }
        return server.map(at -> new Syslog(at.host(), at.port(), transport, format, facility, authorities))
                .orElse(new Syslog("localhost", 514, transport, format, facility, authorities));
    }

    private RelaySettings.Log log(Section in) {
        List<Syslog> syslog = in.list("syslog").stream().map(node -> syslog(in.item("syslog", node), node)).toList();
        var log = new RelaySettings.Log(path(in, "directory", "logs"), in.flag("stdout", false), in.flag("json", false),
                in.word("level", LogLevel.INFO, Map.of("Critical", LogLevel.CRITICAL, "Warning", LogLevel.WARNING, "Info", LogLevel.INFO,
                        "Debug", LogLevel.DEBUG, "Trace", LogLevel.TRACE)),
                in.flag("subject", true), in.size("roll_size", 100_000_000), in.duration("roll_every", Duration.ofDays(1)), in.number("keep", 10, 1, 100_000), syslog);
        in.finish();
        return log;
    }

    private Path path(Section in, String key, String otherwise) {
        return in.path(key, root, otherwise);
    }
}
