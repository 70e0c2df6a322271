package org.mailrelay.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.testkit.dns.FakeDns;
import picocli.CommandLine;

class DkimCommandTest {

    private record Said(int status, String out, String err) {}

    @TempDir
    Path folder;

    @Test
    void aNewKeyIsItsOwnersAloneAndIsNeverOverwritten() throws IOException {
        for (String type : new String[] {"rsa", "ed25519"}) {
            Path file = folder.resolve(type + ".pem");
            Said made = run("dkim", "keygen", "bank.example", "s1", "--type", type, "--file", file.toString());
            assertThat(made.status()).isZero();
            assertThat(made.out()).contains("s1._domainkey.bank.example. IN TXT ( \"v=DKIM1; k=" + type, "selector: s1, file: " + file);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
            byte[] before = Files.readAllBytes(file);
            Said again = run("dkim", "keygen", "bank.example", "s1", "--type", type, "--file", file.toString());
            assertThat(again.status()).isEqualTo(1);
            assertThat(again.err()).contains("is there already");
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        }
    }

    @Test
    void wrongUsageIsToldAsSuch() {
        assertThat(run("dkim", "keygen", "bank.example", "s1", "--bits", "1024").status()).isEqualTo(2);
        assertThat(run("dkim", "keygen", "not a domain", "s1").status()).isEqualTo(2);
        assertThat(run("dkim", "keygen", "bank.example").status()).isEqualTo(2);
        assertThat(run("dkim").status()).isEqualTo(2);
        assertThat(run("dkim", "keygen", "bank.example", "s1", "--file", folder.resolve("missing/k.pem").toString()).status()).isEqualTo(1);
    }

    @Test
    void recordsAreThoseOfTheConfiguredKeys() throws IOException {
        configure("127.0.0.1");
        Said zone = run("dkim", "record", "--conf", folder.toString());
        assertThat(zone.status()).isZero();
        assertThat(zone.out().lines()).hasSize(2).allMatch(line -> line.contains(" IN TXT ( \"v=DKIM1; k="));
        Said one = run("dkim", "record", "--conf", folder.toString(), "--bare", "sub.bank.example");
        assertThat(one.out()).startsWith("e1._domainkey.bank.example\tv=DKIM1; k=ed25519; s=tlsrpt; p=");
        assertThat(run("dkim", "record", "--conf", folder.toString(), "--json", "bank.example").out()).startsWith("{\"records\":[{\"domain\":\"bank.example\",\"selector\":\"r1\"");
        Said none = run("dkim", "record", "--conf", folder.toString(), "other.example");
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err()).contains("mail of other.example is not signed");
    }

    @Test
    void aCheckHoldsDnsAgainstTheKeys() throws Exception {
        try (FakeDns dns = FakeDns.start()) {
            configure(dns.address().getAddress().getHostAddress() + ":" + dns.address().getPort());
            for (String line : run("dkim", "record", "--conf", folder.toString()).out().lines().toList()) {
                dns.record(line.substring(0, line.indexOf(". IN")) + ".", "TXT", line.substring(line.indexOf('(') + 1, line.lastIndexOf(')')).strip());
            }
            Said fits = run("dkim", "check", "--conf", folder.toString());
            assertThat(fits.out()).contains("r1._domainkey.bank.example: ok, rsa-sha256 key of 2048 bits", "e1._domainkey.bank.example: ok, ed25519-sha256 key");
            assertThat(fits.status()).isZero();
            dns.forget("e1._domainkey.bank.example.");
            Said missing = run("dkim", "check", "--conf", folder.toString());
            assertThat(missing.status()).isEqualTo(1);
            assertThat(missing.out()).contains("r1._domainkey.bank.example: ok", "e1._domainkey.bank.example: there is no TXT record");
            dns.record("e1._domainkey.bank.example.", "TXT", "\"v=DKIM1; k=ed25519; p=" + "A".repeat(43) + "=\"");
            Said other = run("dkim", "check", "--conf", folder.toString(), "--json", "sub.bank.example");
            assertThat(other.status()).isEqualTo(1);
            assertThat(other.out()).contains("\"fits\":false,\"faults\":[\"another key is published\"");
            dns.fault("e1._domainkey.bank.example.", "TXT", FakeDns.Fault.SERVFAIL);
            Said failed = run("dkim", "check", "--conf", folder.toString(), "sub.bank.example");
            assertThat(failed.status()).isEqualTo(1);
            assertThat(failed.out()).contains("cannot be looked up: ");
        }
    }

    private void configure(String dns) throws IOException {
        run("dkim", "keygen", "bank.example", "r1", "--file", folder.resolve("r1.pem").toString());
        run("dkim", "keygen", "bank.example", "e1", "--type", "ed25519", "--file", folder.resolve("e1.pem").toString());
        Files.writeString(folder.resolve("relay.yaml"), "hostname: relay.example.com\nroot: .\ndns: {servers: [\"" + dns + "\"]}\ndkim:\n  domains:\n"
                + "    bank.example: {keys: [{selector: r1, file: r1.pem}]}\n    .bank.example: {keys: [{selector: e1, file: e1.pem, services: [tlsrpt]}]}\n"
                + "    .any.example: {sign_as: sender, keys: [{selector: e1, file: e1.pem}]}\n");
        Files.writeString(folder.resolve("destinations.yaml"), "destinations: {}\n");
        Files.writeString(folder.resolve("routes.yaml"), "routes: {}\n");
        Files.writeString(folder.resolve("access.yaml"), "sender_groups: [{name: APPS, match: [10.0.0.1], policy: p}]\nmail_flow_policies: {p: {access: RELAY}}\n");
    }

    private static Said run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Mailrelay.commandLine();
        List<CommandLine> all = new ArrayList<>(List.of(line));
        for (int i = 0; i < all.size(); i++) {
            all.get(i).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            all.addAll(all.get(i).getSubcommands().values());
        }
        return new Said(line.execute(words), out.toString(), err.toString());
    }
}
