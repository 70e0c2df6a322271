package org.mailrelay.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.listener.auth.UserFile;

class TraceCommandTest {

    @TempDir
    Path conf;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), "root: " + conf + "\nhostname: relay.example.com\nlisteners: [{address: 127.0.0.1, tls: {certificate: relay.pem, key: relay.key}}]\n");
        Files.writeString(conf.resolve("relay.pem"), "");
        Files.writeString(conf.resolve("relay.key"), "");
        UserFile.empty().with("anna", "secret", List.of(), new Random(1)).with("app1", "secret", List.of("@example.com"), new Random(2)).write(conf.resolve("users"));
        Files.writeString(conf.resolve("destinations.yaml"), "default: {}\n");
        Files.writeString(conf.resolve("routes.yaml"), "routes: {}\n");
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups:
                  - {name: APPS, match: [10.0.0.0/8, .apps.example.com], policy: apps}
                  - {name: GUESTS, match: [192.0.2.0/24], policy: guests}
                mail_flow_policies:
                  apps: {access: RELAY, allowed_senders: ["@example.com"]}
                  guests: {access: ACCEPT, auth: preferred}
                authentication: {users: users}
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
                "leaves from     <a@example.com> (masquerade out)", "gateway         bulk to example.org", "messages 10/1m, octets 1048576/1h, for the group APPS");
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

    /// Who is turned away on arrival cannot say who it is.
    @Test
    void aUserCountsWhereTheClientGetsToAuthAndAuthIsOffered() throws IOException {
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups:
                  - {name: USERS, match: ["user:*"], policy: users}
                  - {name: LATER, match: [10.0.0.0/8], policy: later}
                  - {name: NEVER, match: [192.0.2.0/24], policy: never}
                mail_flow_policies:
                  users: {access: RELAY, tls: required, message_rate: 10/1m}
                  later: {access: ACCEPT, auth: preferred, banner: "welcome to {listener}, {address}", early_talkers: refuse}
                  never: {access: RELAY}
                authentication: {users: users}
                """);
        assertThat(trace("--ip", "10.1.2.3", "--user", "anna", "--to", "b@example.org")).contains("greeting        220 relay.example.com welcome to listener, 10.1.2.3, to a client that has waited",
                "tls             started", "AUTH            235 2.7.0 authentication succeeded, as anna", "sender group    USERS", "messages 10/1m, for the user anna", "250 2.1.5");
        assertThat(trace("--ip", "10.1.2.3", "--user", "anna", "--clear", "--to", "b@example.org")).contains("tls             offered, and not started", "AUTH            538 5.7.11", "sender group    LATER",
                "550 5.7.1 relaying denied");
        assertThat(trace("--ip", "10.1.2.3", "--user", "app1", "--from", "a@example.net")).contains("550 5.7.1 sender address not allowed here (by the senders of user app1)");
        assertThat(trace("--ip", "192.0.2.1", "--user", "anna")).contains("AUTH            502 5.5.1 command not implemented (policy never has auth off)", "sender group    NEVER");
        assertThat(trace("--ip", "203.0.113.1", "--user", "anna")).contains("sender group    none", "554 5.7.1").doesNotContain("AUTH");
    }

    @Test
    void everyLimitOfThePolicyIsSaidAndKept() throws IOException {
        Files.writeString(conf.resolve("access.yaml"), """
                sender_groups: [{name: APPS, match: [10.0.0.0/8], policy: apps}]
                mail_flow_policies:
                  apps: {access: RELAY, tls: required, max_message_size: 1MB, max_recipients_per_message: 100, max_connections: 7, max_messages_per_connection: 9, future_release: 1d, received_header: false,
                    add_missing_fields: true, remove_bcc: true, bare_line_endings: normalise, long_lines: pass, max_line_length: 2000, max_received_fields: 60, max_header_size: 10KB, delivery_tls: required,
                    rate_scope: address, connection_rate: 5/1m, recipient_rate: 6/1m, sender_rate: 7/1m}
                """);
        assertThat(trace("--ip", "10.1.2.3", "--from", "j\u00fcrgen@example.com", "--to", "b@example.org")).contains("1000000 octets, 100 recipients a message, 9 messages a connection, 7 connections, held for 86400 s at most",
                "connections 5/1m, recipients 6/1m, messages of one sender 7/1m, for the address 10.1.2.3", "MAIL FROM:<j\u00fcrgen@example.com> 250 2.1.0 sender ok", "delivery tls    at least",
                "Received not added; missing Date and Message-ID added; Bcc taken out; bare line ends mended; long lines passed, over 2000 octets refused; a loop at 60 Received fields, a header of 10000 octets at most");
        assertThat(trace("--ip", "10.1.2.3", "--size", "1000001")).contains("552 5.3.4");
        assertThat(trace("--ip", "10.1.2.3", "--clear", "--from", "a@example.com")).contains("530 5.7.0 Must issue a STARTTLS command first");
        String[] many = new String[2 + 2 * 101];
        many[0] = "--ip";
        many[1] = "10.1.2.3";
        for (int i = 0; i < 101; i++) {
            many[2 + 2 * i] = "--to";
            many[3 + 2 * i] = "r" + i + "@example.org";
        }
        assertThat(trace(many)).contains("RCPT TO:<r99@example.org> 250 2.1.5", "RCPT TO:<r100@example.org> 452 4.5.3");
    }

    @Test
    void whatIsNoAddressIsAMistakeOfUsage() {
        assertThat(Mailrelay.commandLine().execute("trace", "--conf", conf.toString(), "--ip", "127.1")).isEqualTo(2);
    }
}
