package org.mailrelay.app.serve;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/// A whole relay on loopback with one listener, all of whose mail goes to one port.
final class LoopbackRelay implements AutoCloseable {

    private final TestRelay relay;

    /// @param policies the mail flow policy of each listener's clients: the first address of 127/8 is for the first, and so on
    LoopbackRelay(Path folder, String hostname, int port, List<String> policies) throws IOException {
        this(folder, hostname, 0, port, policies);
    }

    /// @param listenerPort 0: any
    LoopbackRelay(Path folder, String hostname, int listenerPort, int port, List<String> policies) throws IOException {
        StringBuilder groups = new StringBuilder("sender_groups:\n");
        StringBuilder flow = new StringBuilder("mail_flow_policies:\n");
        for (int i = 0; i < policies.size(); i++) {
            groups.append("  - {name: G%d, match: [127.0.0.%d], policy: p%d}%n".formatted(i + 1, i + 1, i + 1));
            flow.append("  p%d: %s%n".formatted(i + 1, policies.get(i)));
        }
        Path conf = TestRelay.conf(folder, """
                hostname: %s
                listeners: [{name: all, address: 127.0.0.1:%d}]
                dns: {servers: [127.0.0.1], port: 9, timeout: 1s, validate: false}
                metrics: {address: 127.0.0.1:0}
                """.formatted(hostname, listenerPort), "default: {tls: none}\n", "routes: {ALL: [{host: 127.0.0.1, port: %d}]}%n".formatted(port), groups.append(flow).toString());
        relay = TestRelay.start(conf);
    }

    InetSocketAddress address() {
        return relay.address();
    }

    void awaitLog(Predicate<String> rule) throws InterruptedException {
        relay.awaitLog(rule);
    }

    String log() {
        return relay.log();
    }

    @Override
    public void close() {
        relay.close();
    }
}
