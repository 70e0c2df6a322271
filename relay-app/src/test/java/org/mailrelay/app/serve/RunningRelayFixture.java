package org.mailrelay.app.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.mx.FakeMx;

/// A whole relay on loopback: `taken.example` goes to a host that takes all, `held.example` waits because its policy asks for TLS.
final class RunningRelayFixture implements AutoCloseable {

    final FakeDns dns = FakeDns.start();
    final FakeMx host = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()));
    final Relay relay;
    private final TestRelay running;

    RunningRelayFixture(Path folder) throws IOException {
        Path conf = TestRelay.conf(folder, """
                hostname: relay.example.net
                listeners: [{name: private, address: 127.0.0.1:0}]
                delivery: {port: %d, refuse_addresses: [], timeouts: {idle: 1s}}
                dns: {servers: [127.0.0.1], port: %d, timeout: 2s}
                metrics: {address: 127.0.0.1:0}
                """.formatted(host.address().getPort(), dns.address().getPort()), """
                default: {tls: preferred}
                destinations:
                  held.example: {tls: required}
                """, "routes: {}\n", TestRelay.accessForLoopback());
        dns.record("taken.example", "MX", "10 mx1.example.").record("held.example", "MX", "10 mx1.example.").record("mx1.example", "A", "127.0.0.1");
        running = TestRelay.start(conf);
        relay = running.relay();
    }

    void awaitLine(String part) throws InterruptedException {
        running.awaitLines(part);
    }

    void awaitLog(Predicate<String> rule) throws InterruptedException {
        running.awaitLog(rule);
    }

    void send(String from, String to, String subject) throws IOException {
        running.send(from, to, subject);
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
        running.close();
        host.close();
        dns.close();
    }
}
