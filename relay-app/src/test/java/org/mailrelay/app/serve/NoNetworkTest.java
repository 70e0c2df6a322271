package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.config.ConfigLoader;

/// A relay whose name servers never answer: it starts, takes mail, and says what does not work.
@Timeout(60)
class NoNetworkTest {

    @TempDir
    Path folder;

    private Relay start(int dnsPort, String whenBroken, CountDownLatch told) throws Exception {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(conf.resolve("relay.yaml"), """
                hostname: relay.example.net
                listeners: [{name: private, address: 127.0.0.1:0}]
                delivery: {refuse_addresses: []}
                dns: {servers: [127.0.0.1], port: %d, timeout: 1s}
                dane: {when_validation_is_broken: %s}
                metrics: {address: 127.0.0.1:0}
                """.formatted(dnsPort, whenBroken));
        Files.writeString(conf.resolve("destinations.yaml"), "default: {tls: preferred}\n");
        Files.writeString(conf.resolve("routes.yaml"), "routes: {}\n");
        Files.copy(Path.of("../conf/access.yaml"), conf.resolve("access.yaml"));
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
        return Relay.start(((ConfigLoader.Loaded) source.read()).settings(), new Relay.Start(source, lines -> {
            if (lines.contains("DNSSEC")) {
                told.countDown();
            }
        }, _ -> { }, "0.1.0"));
    }

    private static List<String> status(Relay relay) throws Exception {
        List<String> lines = new ArrayList<>();
        new RelayCommands(relay).all().get("status").run(List.of(), lines::add);
        return lines;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            auto   | dnssec: validation does not work here, DANE is off, .: SOA Timeout
            defer  | dnssec: validation does not work here, mail that needs it waits, .: SOA Timeout
            """)
    void startDoesNotWaitForServersThatNeverAnswerAndStatusSaysSo(String whenBroken, String line) throws Exception {
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0))) {
            CountDownLatch told = new CountDownLatch(1);
            long from = System.nanoTime();
            try (Relay relay = start(silent.getLocalPort(), whenBroken, told)) {
                assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(8));
                assertThat(relay.ready().ready()).isTrue();
                assertThat(status(relay)).anyMatch(each -> each.startsWith("dnssec: "));
                assertThat(told.await(40, TimeUnit.SECONDS)).isTrue();
                assertThat(status(relay)).anyMatch(each -> each.startsWith(line));
            }
        }
    }

    @Test
    void beforeTheFirstTrialHasEndedStatusSaysThatToo() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
                Relay relay = start(silent.getLocalPort(), "auto", new CountDownLatch(1))) {
            assertThat(status(relay)).anyMatch(each -> each.equals("dnssec: validation not tried yet"));
        }
    }
}
