package org.mailrelay.app.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.mailrelay.app.serve.Relay;
import org.mailrelay.app.serve.SettingsSource;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.settings.Settings;
import org.xbill.DNS.Record;

/// The main job on any machine: the relay as `serve` runs it, on loopback with a throw-away spool, and a message for each kind of host under each policy.
public final class Demo {

    private static final List<String> POLICIES = List.of("preferred", "required", "required-verify");
    private static final Duration LIMIT = Duration.ofSeconds(25);
    private static final int PORT_TRIES = 20;

    private final PrintStream out;
    private final String version;

    public Demo(PrintStream out, String version) {
        this.out = out;
        this.version = version;
    }

    /// Runs it all.
    ///
    /// @param keep stay until interrupted
    /// @return the exit status: 1 when some message has no result
    public int run(boolean keep) throws IOException, InterruptedException, GeneralSecurityException {
        Path folder = Files.createTempDirectory("mailrelay-demo");
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            DemoCertificates certificates = new DemoCertificates(Instant.now());
            certificates.writeAuthority(folder.resolve("demo-authority.pem"));
            int port = startDestinations(certificates, open);
            DemoDns dns = DemoDns.start(InetAddress.getLoopbackAddress(), records());
            open.push(dns);
            Path conf = writeConfiguration(folder, dns.port(), port);
            return relay(folder, conf, keep);
        } finally {
            closeAll(open);
            delete(folder);
        }
    }

    private int relay(Path folder, Path conf, boolean keep) throws IOException, InterruptedException {
        DemoResults results = new DemoResults(DemoDestination.values().length * POLICIES.size());
        Source source = new Source(conf);
        Settings settings = switch (source.read()) {
            case ConfigLoader.Loaded loaded -> loaded.settings();
            case ConfigLoader.Refused(var problems, var _) -> throw new IllegalStateException("the demo's own configuration: " + problems);
        };
        out.println("The relay's configuration is in " + conf + ". What follows is mail_logs as it is written.");
        out.println();
        try (Relay relay = Relay.start(settings, new Relay.Start(source, out::print, results, version))) {
            InetSocketAddress listener = relay.addresses().getFirst();
            for (DemoDestination destination : DemoDestination.values()) {
                for (String policy : POLICIES) {
                    DemoSender.send(listener, "app@demo.test", "user@" + destination.domain(policy));
                }
            }
            boolean all = results.await(LIMIT);
            if (keep) {
                explain(results);
                out.println("The relay keeps running: mail at " + listener + ", commands with --conf " + conf + ". Ctrl-C ends it.");
                Thread.currentThread().join();
            }
            relay.close();
            explain(results);
            return all ? 0 : 1;
        }
    }

    private void explain(DemoResults results) {
        out.println();
        out.println("What became of the mail:");
        out.println();
        results.table(POLICIES).forEach(out::println);
        out.println();
        out.println("'preferred' encrypts where the host offers it, and says so where it does not. 'required' never sends in the clear: such mail waits");
        out.println("and is tried again until its time is up. 'required-verify' asks for a certificate that verifies as well. The first line of an EHLO");
        out.println("reply is the greeting (RFC 1869 4.3), so a STARTTLS there is not an offer, and mail_logs say so: look for 'is the greeting' above.");
    }

    private record Source(Path folder) implements SettingsSource {
        @Override
        public ConfigLoader.Result read() {
            return ConfigLoader.load(folder, Map.of());
        }
    }

    /// Each on an address of its own in 127.0.0.0/8, all on one port, as mail hosts are.
    private static int startDestinations(DemoCertificates certificates, Deque<AutoCloseable> open) throws IOException, GeneralSecurityException {
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            List<DemoHost> hosts = new ArrayList<>();
            try {
                for (DemoDestination destination : DemoDestination.values()) {
                    Optional<SSLContext> tls = destination.tls()
                            ? Optional.of(certificates.context(destination.host(), destination.certificateLife())) : Optional.empty();
                    hosts.add(DemoHost.start(destination.host(), address(destination), port, destination.ehlo(), tls));
                }
                hosts.forEach(open::push);
                return port;
            } catch (BindException taken) {
                for (DemoHost host : hosts) {
                    host.close();
                }
                if (attempt == PORT_TRIES) {
                    throw taken;
                }
            }
        }
    }

    private static InetAddress address(DemoDestination destination) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (destination.ordinal() + 2)});
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static List<Record> records() throws IOException {
        List<Record> records = new ArrayList<>();
        for (DemoDestination destination : DemoDestination.values()) {
            records.add(DemoDns.address(destination.host(), address(destination)));
            for (String policy : POLICIES) {
                records.add(DemoDns.mx(destination.domain(policy), destination.host()));
            }
        }
        return records;
    }

    private static Path writeConfiguration(Path folder, int dnsPort, int port) throws IOException {
        Path conf = Files.createDirectory(folder.resolve("conf"));
        Files.writeString(conf.resolve("relay.yaml"), """
                hostname: relay.demo.test
                listeners: [{name: demo, address: 127.0.0.1:0}]
                delivery:
                  port: %d
                  refuse_addresses: []   # a lab: mail hosts are on loopback
                  trust: {system: false, files: [demo-authority.pem]}
                dns: {servers: ["127.0.0.1:%d"], validate: false}   # no signed zones here
                metrics: {address: 127.0.0.1:0}
                """.formatted(port, dnsPort));
        Files.writeString(conf.resolve("destinations.yaml"), """
                default: {tls: preferred}
                destinations:
                  .preferred.test: {tls: preferred}
                  .required.test: {tls: required}
                  .required-verify.test: {tls: required-verify}
                """);
        Files.writeString(conf.resolve("routes.yaml"), "routes: {}\n");
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups:
                  - {name: RELAYLIST, match: [127.0.0.0/8], policy: relayed}
                mail_flow_policies:
                  relayed: {access: RELAY}
                """);
        return conf;
    }

    private static void closeAll(Deque<AutoCloseable> open) {
        for (AutoCloseable part : open) {
            try {
                part.close();
            } catch (Exception failed) {
                System.getLogger(Demo.class.getName()).log(System.Logger.Level.WARNING, "did not close: " + failed);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, java.io.IOException failed) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
