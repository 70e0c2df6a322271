package org.mailrelay.app.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.app.command.Mailrelay;
import org.mailrelay.app.serve.TestRelay;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// A relay delivers to hosts of three kinds; then its records are held against other configurations, with and without the relay.
@Timeout(120)
class PolicySimulateCommandTest {

    private static final TestCa CA = new TestCa(Instant.now());

    @TempDir
    Path folder;

    private final FakeDns dns = FakeDns.start();
    private final FakeMx plain = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()));
    private final FakeMx good = new FakeMx(new FakeMx.Script(Optional.of(CA.good("mx-good.example")), Map.of()));
    private final FakeMx expired = new FakeMx(new FakeMx.Script(Optional.of(CA.expired("mx-expired.example")), Map.of()));
    private final StringWriter out = new StringWriter();
    private TestRelay relay;

    @BeforeEach
    void deliver() throws Exception {
        CA.write(folder);
        Path conf = configuration("conf", "default: {tls: preferred}\ndestinations:\n  held.example: {tls: required}\n  mended.example:\n    tls: required-verify\n"
                + "    exception: {tls: preferred, reason: their certificate, owner: net@example.org, expires: 2099-01-31}\n", true);
        dns.record("clear.example", "MX", "10 mx-plain.example.").record("held.example", "MX", "10 mx-plain.example.").record("mx-plain.example", "A", "127.0.0.1")
                .record("mx-good.example", "A", "127.0.0.1").record("mx-expired.example", "A", "127.0.0.1");
        relay = TestRelay.start(conf);
        for (String to : List.of("a@clear.example", "b@good.example", "c@good.example", "d@expired.example", "e@held.example", "f@mended.example")) {
            relay.send("s@example.net", to, "x");
        }
        relay.awaitLines("DCID 1 close", "DCID 2 close", "DCID 3 close", "DCID 4 close", "DCID 5 close", "waits: STARTTLS not offered");
    }

    /// Three routes lead to hosts with ports of their own.
    private Path configuration(String name, String destinations, boolean routes) throws IOException {
        Path conf = Files.createDirectories(folder.resolve(name));
        Files.writeString(conf.resolve("relay.yaml"), """
                hostname: relay.example.net
                listeners: [{name: private, address: 127.0.0.1:0}]
                delivery: {port: %d, refuse_addresses: [], timeouts: {idle: 1s}, trust: {system: false, files: [ca.pem]}}
                dns: {servers: [127.0.0.1], port: %d, timeout: 2s}
                metrics: {address: 127.0.0.1:0}
                """.formatted(plain.address().getPort(), dns.address().getPort()));
        Files.writeString(conf.resolve("destinations.yaml"), destinations);
        Files.writeString(conf.resolve("routes.yaml"), !routes ? "routes: {}\n" : """
                routes:
                  good.example: [{host: mx-good.example, port: %1$d, mx: false}]
                  mended.example: [{host: mx-good.example, port: %1$d, mx: false}]
                  expired.example: [{host: mx-expired.example, port: %2$d, mx: false}]
                """.formatted(good.address().getPort(), expired.address().getPort()));
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups: [{name: RELAYLIST, match: [127.0.0.0/8], policy: relayed}]
                mail_flow_policies: {relayed: {access: RELAY}}
                """);
        return conf;
    }

    @AfterEach
    void close() throws Exception {
        if (relay != null) {
            relay.close();
        }
        plain.close();
        good.close();
        expired.close();
        dns.close();
    }

    private int run(String... words) {
        out.getBuffer().setLength(0);
        PrintWriter printer = new PrintWriter(out, true);
        return Mailrelay.commandLine().setOut(printer).setErr(printer).execute(words);
    }

    private int simulate(Path next, String... more) {
        List<String> words = new ArrayList<>(List.of("policy", "simulate", "--conf", next.toString(), "--records", folder.resolve("spool").toString()));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    @Test
    void tellsWhatAStricterConfigurationWouldDoToEachDomain() throws Exception {
        Path strict = configuration("strict", "default: {tls: required-verify}\n", true);
        assertThat(simulate(strict)).isEqualTo(1);
        assertThat(out.toString()).containsPattern("clear.example: 1 recipient \\(1 attempt\\) in the clear -> 1 recipient \\(1 attempt\\) deferred")
                .containsPattern("mx-plain.example: 1 attempt, 1 message, 1 recipient: in the clear \\(STARTTLS not offered\\) -> deferred \\(STARTTLS not offered\\) by required-verify from .*destinations.yaml:1 \\[default\\]")
                .containsPattern("mx-good.example: . attempts?, 2 messages, 2 recipients: encrypted \\(TLSv1.3\\) -> verified \\(PKIX name mx-good.example\\)")
                .contains("expired.example: 1 recipient (1 attempt) encrypted -> 1 recipient (1 attempt) deferred").contains("certificate expired or not yet valid")
                .doesNotContain("held.example:");
        String running = out.toString();
        relay.close();
        relay = null;
        assertThat(simulate(strict)).isEqualTo(1);
        assertThat(out.toString()).as("without the relay").isEqualTo(running);
    }

    @Test
    void countsWhatWaitsAndWouldGo() throws Exception {
        Path lax = configuration("lax", "default: {tls: preferred-verify}\n", true);
        assertThat(simulate(lax, "--json")).isZero();
        assertThat(out.toString().lines()).filteredOn(line -> line.contains("\"held.example\"")).singleElement().satisfies(line -> assertThat(line)
                .startsWith("{\"domain\":\"held.example\",\"worse\":false,\"before\":{\"deferred\":{\"attempts\":1,\"messages\":1,\"recipients\":1}},\"after\":{\"clear\":{\"attempts\":1,\"messages\":1,\"recipients\":1}},")
                .contains("\"from\":\"deferred\",\"was\":\"STARTTLS not offered\",\"to\":\"clear\"").contains("\"policy\":{\"level\":\"preferred-verify\""));
        assertThat(out.toString()).as("stays as it is").doesNotContain("\"expired.example\"").doesNotContain("\"clear.example\"");
    }

    @Test
    void saysPlainlyWhatItCannotKnow() throws Exception {
        Path elsewhere = configuration("elsewhere", "default: {tls: preferred}\ndestinations:\n  clear.example: {trust: {system: false, files: [ca.pem]}, tls: none}\n"
                + "  good.example: {tls: required-verify, trust: {system: true}}\n", false);
        assertThat(simulate(elsewhere)).isZero();
        assertThat(out.toString()).contains("expired.example: 1 recipient (1 attempt) encrypted -> 1 recipient (1 attempt) unknown")
                .contains("unknown (its mail would go another way, by hosts that were not asked)");
        Path others = configuration("others", "default: {tls: preferred}\ndestinations:\n  good.example: {tls: required-verify, trust: {system: true}}\n", true);
        assertThat(simulate(others)).isZero();
        assertThat(out.toString()).contains("unknown (the chain was not held against these authorities (trust))");
    }

    @Test
    void aMistakeAndAnEmptyFolderAreToldByTheExitStatus() throws Exception {
        Path broken = configuration("broken", "default: {tls: prefered}\n", true);
        assertThat(simulate(broken)).isEqualTo(1);
        assertThat(out.toString()).contains("did you mean");
        assertThat(run("policy", "simulate", "--conf", folder.resolve("conf").toString(), "--records", folder.resolve("nowhere").toString())).isEqualTo(1);
        assertThat(run("policy", "simulate")).isEqualTo(2);
        assertThat(run("policy", "simulate", "--conf", folder.resolve("conf").toString(), "--days", "0")).isEqualTo(2);
    }

    @Test
    void checkListsTheExceptionThatIsNeededNoMore() throws Exception {
        assertThat(run("check", "--conf", folder.resolve("conf").toString())).isZero();
        assertThat(out.toString()).containsPattern("warning: .*destinations.yaml:6: the exception of mended.example \\(net@example.org: their certificate\\) is needed no more: the last attempt "
                + "would have met required-verify without it");
        assertThat(run("check", "--json", "--conf", folder.resolve("conf").toString())).isZero();
        assertThat(out.toString()).contains("\"exceptions\":[{\"entry\":\"mended.example\"").contains("\"needed\":\"no\",\"attempts\":1,\"attempts_without\":1");
    }
}
