package org.mailrelay.app.serve;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.mailrelay.config.ConfigLoader;

/// A whole relay on loopback with one listener, all of whose mail goes to one port.
final class LoopbackRelay implements AutoCloseable {

    private final Relay relay;
    private final StringBuilder log = new StringBuilder();

    /// @param policies the mail flow policy of each listener's clients: the first address of 127/8 is for the first, and so on
    LoopbackRelay(Path folder, String hostname, int port, List<String> policies) throws IOException {
        this(folder, hostname, 0, port, policies);
    }

    /// @param listenerPort 0: any
    LoopbackRelay(Path folder, String hostname, int listenerPort, int port, List<String> policies) throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(conf.resolve("relay.yaml"), """
                hostname: %s
                listeners: [{name: all, address: 127.0.0.1:%d}]
                dns: {servers: [127.0.0.1], port: 9, timeout: 1s, validate: false}
                metrics: {address: 127.0.0.1:0}
                """.formatted(hostname, listenerPort));
        Files.writeString(conf.resolve("destinations.yaml"), "default: {tls: none}\n");
        Files.writeString(conf.resolve("routes.yaml"), "routes: {ALL: [{host: 127.0.0.1, port: %d}]}%n".formatted(port));
        StringBuilder groups = new StringBuilder("sender_groups:\n");
        StringBuilder flow = new StringBuilder("mail_flow_policies:\n");
        for (int i = 0; i < policies.size(); i++) {
            groups.append("  - {name: G%d, match: [127.0.0.%d], policy: p%d}%n".formatted(i + 1, i + 1, i + 1));
            flow.append("  p%d: %s%n".formatted(i + 1, policies.get(i)));
        }
        Files.writeString(conf.resolve("access.yaml"), groups.append(flow));
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
        if (!(source.read() instanceof ConfigLoader.Loaded loaded)) {
            throw new IOException("the configuration has mistakes: " + source.read());
        }
        relay = Relay.start(loaded.settings(), new Relay.Start(source, this::lines, _ -> { }, "0.1.0"));
    }

    InetSocketAddress address() {
        return relay.addresses().getFirst();
    }

    private void lines(String lines) {
        synchronized (log) {
            log.append(lines);
            log.notifyAll();
        }
    }

    void awaitLog(Predicate<String> rule) throws InterruptedException {
        synchronized (log) {
            long until = System.nanoTime() + 30_000_000_000L;
            while (!rule.test(log.toString())) {
                long left = (until - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("not in mail_logs:\n" + log);
                }
                log.wait(left);
            }
        }
    }

    String log() {
        synchronized (log) {
            return log.toString();
        }
    }

    @Override
    public void close() {
        relay.close();
    }
}
