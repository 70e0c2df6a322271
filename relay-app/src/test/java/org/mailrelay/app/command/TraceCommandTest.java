package org.mailrelay.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceCommandTest {

    @TempDir
    Path conf;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.com\nlisteners: [{address: 127.0.0.1}]\n");
        Files.writeString(conf.resolve("destinations.yaml"), "default: {}\n");
        Files.writeString(conf.resolve("routes.yaml"), "routes: {}\n");
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups:
                  - {name: APPS, match: [10.0.0.0/8, .apps.example.com], policy: apps}
                  - {name: GUESTS, match: [192.0.2.0/24], policy: guests}
                mail_flow_policies:
                  apps: {access: RELAY, allowed_senders: ["@example.com"]}
                  guests: {access: ACCEPT}
                """);
    }

    private String trace(String... arguments) {
        String[] all = new String[arguments.length + 3];
        System.arraycopy(new String[] {"trace", "--conf", conf.toString()}, 0, all, 0, 3);
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertThat(Mailrelay.commandLine().execute(all)).isZero();
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void saysWhichGroupMatchesAndWhatEachCommandWouldBeAnswered() {
        assertThat(trace("--ip", "10.1.2.3", "--from", "a@example.com", "--to", "b@example.org")).contains("sender group    APPS", "match 10.0.0.0/8",
                "250 2.1.0 sender <a@example.com> ok", "250 2.1.5 recipient <b@example.org> ok");
        assertThat(trace("--ip", "10.1.2.3", "--from", "a@example.net", "--to", "b@example.org")).contains("550 5.7.1 sender address not allowed here").doesNotContain("RCPT");
        assertThat(trace("--ip", "203.0.113.1", "--name", "a.apps.example.com")).contains("match .apps.example.com");
        assertThat(trace("--ip", "192.0.2.7", "--from", "a@example.com", "--to", "b@example.org")).contains("GUESTS", "550 5.7.1 relaying denied");
        assertThat(trace("--ip", "192.0.2.7", "--user", "anna", "--to", "b@example.org")).contains("250 2.1.5 recipient <b@example.org> ok");
        assertThat(trace("--ip", "203.0.113.1", "--to", "b@example.org")).contains("554 5.7.1 Your access to this mail system has been rejected");
    }

    @Test
    void showsGatewayMasqueradeRatesAndWhatTheListenerIs() throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.com\nlisteners: [{name: inner, address: 127.0.0.1}, {name: outer, address: 127.0.0.1:26}]\n"
                + "delivery: {source_addresses: {bulk: {}}}\n");
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups:
                  - {name: APPS, listeners: outer, match: [10.0.0.0/8], policy: apps}
                  - {name: REST, match: [10.0.0.0/8], policy: rest}
                masquerades: {out: {domains: {corp.example: example.com}}}
                mail_flow_policies:
                  apps: {access: RELAY, masquerade: out, source: bulk, message_rate: 10/1m, byte_rate: 1MiB/1h, rate_scope: group}
                  rest: {access: RELAY}
                """);
        assertThat(trace("--listener", "outer", "--ip", "10.1.2.3", "--from", "a@corp.example", "--to", "b@example.org")).contains("listener        outer", "sender group    APPS",
                "leaves from     <a@example.com> (masquerade out)", "gateway         bulk to example.org", "messages 10/1m, octets 1048576/1h, for each group");
        assertThat(trace("--ip", "10.1.2.3", "--from", "a@corp.example", "--to", "b@example.org")).contains("listener        inner", "sender group    REST", "gateway         default to example.org")
                .doesNotContain("rates").doesNotContain("leaves from");
        assertThat(Mailrelay.commandLine().execute("trace", "--conf", conf.toString(), "--ip", "10.1.2.3", "--listener", "other")).isEqualTo(2);
    }

    @Test
    void showsWhatACertificateWouldGive() throws IOException {
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups:
                  - {name: PARTNERS, match: ["certificate:app1.example.com", "certificate:sha256:%s"], policy: partners}
                  - {name: ASKED, match: [10.0.0.0/8], policy: asked}
                  - {name: REST, match: [192.0.2.0/24], policy: rest}
                mail_flow_policies:
                  partners: {access: RELAY}
                  asked: {access: ACCEPT, verify_client: required}
                  rest: {access: ACCEPT}
                """.formatted("3a0f".repeat(16)));
        assertThat(trace("--ip", "10.1.2.3", "--to", "b@example.org")).contains("verify_client required", "530 5.7.0 a client certificate is required");
        assertThat(trace("--ip", "10.1.2.3", "--certificate", "App1.example.com", "--to", "b@example.org")).contains("certificate     counts", "sender group    PARTNERS", "250 2.1.5");
        assertThat(trace("--ip", "10.1.2.3", "--certificate", "sha256:" + "3a0f".repeat(16))).contains("certificate     counts", "sender group    PARTNERS");
        assertThat(trace("--ip", "10.1.2.3", "--certificate", "sha256:" + "3b0f".repeat(16))).contains("certificate     counts for nothing", "530 5.7.0");
        assertThat(trace("--ip", "192.0.2.1", "--certificate", "app1.example.com", "--to", "b@example.org")).contains("certificate     not asked for", "550 5.7.1 relaying denied");
        assertThat(Mailrelay.commandLine().execute("trace", "--conf", conf.toString(), "--ip", "10.1.2.3", "--certificate", "sha256:00")).isEqualTo(2);
    }

    @Test
    void whatIsNoAddressIsAMistakeOfUsage() {
        assertThat(Mailrelay.commandLine().execute("trace", "--conf", conf.toString(), "--ip", "127.1")).isEqualTo(2);
    }
}
