package org.mailrelay.app.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.app.command.Mailrelay;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.testkit.tls.TestCa;

class ImportCommandTest {

    @TempDir
    Path folder;
    private Path conf;
    private final StringWriter said = new StringWriter();

    @BeforeEach
    void copyTheOtherFiles() throws IOException {
        conf = Files.createDirectory(folder.resolve("conf"));
        Files.copy(Path.of("..", "conf", "access.yaml"), conf.resolve("access.yaml"));
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.net\n");
    }

    private int run(String... words) {
        said.getBuffer().setLength(0);
        PrintWriter out = new PrintWriter(said, true);
        return Mailrelay.commandLine().setOut(out).setErr(out).execute(words);
    }

    /// What was written is a configuration without mistakes.
    private Settings settings() {
        ConfigLoader.Result result = ConfigLoader.load(conf, Map.of());
        assertThat(result).isInstanceOf(ConfigLoader.Loaded.class);
        return ((ConfigLoader.Loaded) result).settings();
    }

    private Settings esa(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("destconfig.txt"), text);
        assertThat(run("import", "esa", file.toString(), "--to", conf.toString())).isZero();
        return settings();
    }

    private Settings postfix(String main, String policy, String transport) throws IOException {
        Path dir = Files.createDirectories(folder.resolve("postfix"));
        Files.writeString(dir.resolve("main.cf"), main);
        Files.writeString(dir.resolve("tls_policy"), policy);
        Files.writeString(dir.resolve("transport"), transport);
        assertThat(run("import", "postfix", dir.toString(), "--to", conf.toString())).as(said.toString()).isZero();
        return settings();
    }

    private static DestinationPolicy policy(Settings settings, String domain) {
        return settings.destinations().match(Domain.of(domain));
    }

    @Test
    void anEsasDestinationControlsBecomeEntries() throws IOException {
        Settings settings = esa("""
                # Destination Controls
                [DEFAULT]
                ip_sort_pref = PREFER_V4_V6
                max_host_concurrency = 500
                max_messages_per_connection = 50
                table_tls = on
                bounce_profile = default
                send_tls_req_alert = 0
                [bank.example]
                table_tls = require_verify
                max_host_concurrency = 10
                limit_type = MXIP
                recipient_limit = 300
                recipient_minutes = 5
                send_tls_req_alert = 1
                certificate = relay-2026
                [.partner.example]
                table_tls = require
                bounce_profile = slow
                some_new_key = 7
                """);
        assertThat(policy(settings, "other.example").tls().level().word()).isEqualTo("preferred");
        assertThat(policy(settings, "other.example").ip()).isEqualTo(DestinationPolicy.IpPreference.V4_PREFERRED);
        DestinationPolicy bank = policy(settings, "bank.example");
        assertThat(bank.tls().level().word()).isEqualTo("required-verify");
        assertThat(bank.connections()).isEqualTo(500);
        assertThat(bank.connectionsPerMx()).hasValue(10);
        assertThat(bank.recipientRate()).map(Object::toString).contains("300/5m");
        assertThat(policy(settings, "mx.partner.example").tls().level().word()).isEqualTo("required");
        assertThat(said.toString()).contains("destconfig.txt:15: bank.example: alerts go to", "destconfig.txt:16: bank.example: the certificate 'relay-2026'",
                "destconfig.txt:19: .partner.example: the bounce profile 'slow'", "destconfig.txt:20: .partner.example: 'some_new_key = 7' has no equivalent", "4 remarks above");
    }

    @ParameterizedTest
    @CsvSource({"off, none", "on, preferred", "require, required", "on_verify, preferred-verify", "require_verify, required-verify", "REQUIRE, required"})
    void everyLevelOfTheEsaHasItsName(String theirs, String ours) throws IOException {
        assertThat(policy(esa("[a.example]\ntable_tls = " + theirs + "\n"), "a.example").tls().level().word()).isEqualTo(ours);
        assertThat(said.toString()).contains("everything has its equivalent");
    }

    @ParameterizedTest
    @CsvSource({"none, none, opportunistic", "may, preferred, opportunistic", "encrypt, required, opportunistic", "dane, preferred, opportunistic", "dane-only, required, mandatory",
            "verify, required-verify, opportunistic", "secure, required-verify-hosted, opportunistic", "fingerprint, required-verify, opportunistic"})
    void noLevelOfPostfixBecomesALowerOne(String theirs, String level, String dane) throws IOException {
        Settings settings = postfix("smtp_tls_security_level = may\n", "a.example " + theirs + "\n", "");
        assertThat(policy(settings, "a.example").tls().level().word()).isEqualTo(level);
        assertThat(policy(settings, "a.example").terms().dane().word()).isEqualTo(dane);
        assertThat(said.toString().contains("fingerprints have no equivalent")).isEqualTo(theirs.equals("fingerprint"));
    }

    @Test
    void attributesOfAPolicyAreKeysOrRemarks() throws IOException {
        Settings settings = postfix("", """
                # comment
                bank.example   secure match=nexthop:.bank.example
                    protocols=>=TLSv1.3 ciphers=high
                [mx.bank.example]:587 encrypt
                ca.example verify tafile=%s
                """.formatted(new TestCa(Instant.now()).write(folder)), "");
        DestinationPolicy bank = policy(settings, "bank.example");
        assertThat(bank.tlsNames()).containsExactly("bank.example", ".bank.example");
        assertThat(bank.tlsMinVersion()).isEqualTo("TLSv1.3");
        assertThat(said.toString()).contains("tls_policy:2: bank.example: 'ciphers=high' has no equivalent", "tls_policy:4: [mx.bank.example]:587: a policy for a next hop has no equivalent");
    }

    @Test
    void transportsBecomeRoutes() throws IOException {
        Settings settings = postfix("relayhost = [smart.example.net]:587\ntransport_maps = hash:/etc/postfix/transport\n", "", """
                intern.example   smtp:[192.0.2.7]:2525
                .lab.example     discard:
                by-mx.example    relay:mail.hub.example
                direct.example   :
                local.example    lmtp:unix:private/dovecot
                user@x.example   smtp:[a.example]
                v6.example       smtp:[ipv6:2001:db8::1]:25
                """);
        assertThat(settings.routes().all()).map(route -> route.target().toString()).hasValueSatisfying(target -> assertThat(target).contains("smart.example.net", "587", "lookUpMx=false"));
        for (Map.Entry<String, List<String>> each : Map.of("intern.example", List.of("192.0.2.7", "2525"), "x.lab.example", List.of("Discard"), "by-mx.example", List.of("mail.hub.example", "lookUpMx=true"),
                "direct.example", List.of("UseDns"), "v6.example", List.of("2001:db8::1")).entrySet()) {
            assertThat(settings.routes().match(Optional.empty(), Domain.of(each.getKey())).orElseThrow().target().toString()).as(each.getKey()).contains(each.getValue());
        }
        assertThat(said.toString()).contains("transport:5: local.example: the transport 'lmtp' has no equivalent", "transport:6: user@x.example: routes are for domains");
    }

    @Test
    void nothingIsOverwrittenAndWhatIsNotThereIsSaid() throws IOException {
        esa("[DEFAULT]\ntable_tls = on\n");
        assertThat(run("import", "esa", folder.resolve("destconfig.txt").toString(), "--to", conf.toString())).isEqualTo(1);
        assertThat(said.toString()).contains("destinations.yaml is there already; nothing is overwritten");
        assertThat(run("import", "esa", folder.resolve("nowhere").toString(), "--to", folder.resolve("new").toString())).isEqualTo(1);
        assertThat(run("import", "postfix", folder.toString(), "--to", folder.resolve("new").toString())).isEqualTo(1);
        assertThat(said.toString()).contains("holds neither main.cf nor tls_policy nor transport");
        assertThat(folder.resolve("new")).doesNotExist();
        assertThat(run("import")).isEqualTo(2);
        assertThat(run("import", "sendmail", "x")).isEqualTo(2);
    }

    /// Values are text of somebody's file: none becomes YAML of its own.
    @Test
    void noValueBreaksOutOfItsPlace() throws IOException {
        Path hostile = Files.copy(new TestCa(Instant.now()).write(folder), folder.resolve("x\"],tls:none,y:["));
        Settings settings = postfix("", "a.example verify tafile=" + hostile + "\n", "b.example smtp:[h]}]\n");
        assertThat(policy(settings, "a.example").tls().level().word()).isEqualTo("required-verify");
        assertThat(settings.routes().match(Optional.empty(), Domain.of("b.example"))).isEmpty();
    }
}
