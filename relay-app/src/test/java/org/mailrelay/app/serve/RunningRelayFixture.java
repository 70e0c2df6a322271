package org.mailrelay.app.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.mx.FakeMx;

/// A whole relay on loopback: `taken.example` goes to a host that takes all, `held.example` waits because its policy asks for TLS.
final class RunningRelayFixture implements AutoCloseable {

    final FakeDns dns = FakeDns.start();
    final FakeMx host = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()));
    final Relay relay;
    private final StringBuilder log = new StringBuilder();

    RunningRelayFixture(Path folder) throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(conf.resolve("relay.yaml"), """
                hostname: relay.example.net
                listeners: [{name: private, address: 127.0.0.1:0}]
                delivery: {port: %d, refuse_addresses: []}
                dns: {servers: [127.0.0.1], port: %d, timeout: 2s}
                metrics: {address: 127.0.0.1:0}
                """.formatted(host.address().getPort(), dns.address().getPort()));
        Files.writeString(conf.resolve("destinations.yaml"), """
                default: {tls: preferred}
                destinations:
                  held.example: {tls: required}
                """);
        Files.writeString(conf.resolve("routes.yaml"), "routes: {}\n");
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups: [{name: RELAYLIST, match: [127.0.0.0/8], policy: relayed}]
                mail_flow_policies: {relayed: {access: RELAY}}
                """);
        dns.record("taken.example", "MX", "10 mx1.example.").record("held.example", "MX", "10 mx1.example.").record("mx1.example", "A", "127.0.0.1");
        SettingsSource source = new SettingsSource() {
            @Override
            public ConfigLoader.Result read() {
                return ConfigLoader.load(conf, Map.of());
            }

            @Override
            public Path folder() {
                return conf;
            }
        };
        relay = Relay.start(((ConfigLoader.Loaded) source.read()).settings(), new Relay.Start(source, this::lines, _ -> { }, "0.1.0"));
    }

    private void lines(String lines) {
        synchronized (log) {
            log.append(lines);
            log.notifyAll();
        }
    }

    /// Waits for it; readers of events have seen the event then.
    void awaitLine(String part) throws InterruptedException {
        awaitLog(text -> text.contains(part));
    }

    void awaitLog(Predicate<String> rule) throws InterruptedException {
        synchronized (log) {
            long until = System.nanoTime() + 20_000_000_000L;
            while (!rule.test(log.toString())) {
                long left = (until - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("not in mail_logs:\n" + log);
                }
                log.wait(left);
            }
        }
    }

    void send(String from, String to, String subject) throws IOException {
        InetSocketAddress listener = relay.addresses().getFirst();
        try (Socket socket = new Socket(listener.getAddress(), listener.getPort());
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream out = socket.getOutputStream()) {
            expect(in);
            for (String line : List.of("EHLO app.example.net", "MAIL FROM:<" + from + ">", "RCPT TO:<" + to + ">", "DATA",
                    "Subject: " + subject + "\r\nMessage-ID: <" + subject + "@app>\r\n\r\nHello.\r\n.", "QUIT")) {
                out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
                expect(in);
            }
        }
    }

    private static void expect(BufferedReader in) throws IOException {
        String line = in.readLine();
        while (line != null && line.charAt(3) == '-') {
            line = in.readLine();
        }
        if (line == null || line.charAt(0) > '3') {
            throw new IOException("the relay answered: " + line);
        }
    }

    /// What a command printed, and its exit status.
    record Said(int status, List<String> lines) {
        String text() {
            return String.join("\n", lines);
        }
    }

    Said run(String... words) throws IOException {
        List<String> lines = new ArrayList<>();
        int status = new RelayCommands(relay).all().get(words[0]).run(List.of(words).subList(1, words.length), lines::add);
        return new Said(status, lines);
    }

    @Override
    public void close() throws Exception {
        relay.close();
        host.close();
        dns.close();
    }
}
