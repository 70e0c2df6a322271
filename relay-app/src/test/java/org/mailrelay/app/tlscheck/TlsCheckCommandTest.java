package org.mailrelay.app.tlscheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.app.command.Mailrelay;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

@Timeout(60)
class TlsCheckCommandTest {

    private static final String SEED = "250-STARTTLS\r\n250-mail.domain1.com\r\n250-8BITMIME\r\n250-PIPELINING\r\n250-HELP\r\n250-DELIVERBY 300\r\n250 SIZE 30000000\r\n";
    private static final TestCa CA = new TestCa(Instant.now());

    @TempDir
    Path folder;
    private final FakeDns dns = FakeDns.start();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void close() throws Exception {
        dns.close();
    }

    private int run(FakeMx mx, String level, String... words) throws Exception {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        CA.write(folder);
        Files.writeString(conf.resolve("relay.yaml"), """
                hostname: relay.example.net
                delivery: {port: %d, refuse_addresses: [], trust: {system: false, files: [ca.pem]}}
                dns: {servers: [127.0.0.1], port: %d, timeout: 2s}
                """.formatted(mx.address().getPort(), dns.address().getPort()));
        Files.writeString(conf.resolve("destinations.yaml"), """
                default: {tls: preferred}
                destinations:
                  example.com: {tls: %s}
                """.formatted(level));
        Files.writeString(conf.resolve("routes.yaml"), "routes: {}\n");
        Files.copy(Path.of("../conf/access.yaml"), conf.resolve("access.yaml"));
        dns.record("example.com", "MX", "10 mx1.example.com.").record("mx1.example.com", "A", "127.0.0.1");
        String[] all = new String[words.length + 3];
        System.arraycopy(words, 0, all, 3, words.length);
        all[0] = "tls-check";
        all[1] = "--conf";
        all[2] = conf.toString();
        CommandLine line = Mailrelay.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(all);
    }

    private static FakeMx mx(TestCa.Identity identity, Map<String, Effect> effects) {
        return new FakeMx(new FakeMx.Script(Optional.of(identity), effects));
    }

    private static void noMail(FakeMx mx) {
        assertThat(mx.commands()).noneMatch(line -> line.startsWith("MAIL")).last().isEqualTo("QUIT");
    }

    @Test
    void R_EHLO_1_theSeedHostWouldGetItsMailInTheClearUnderPreferred() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of("EHLO", new Effect.Say(SEED)))) {
            assertThat(run(mx, "preferred", "example.com")).isZero();
            assertThat(out.toString()).contains("EHLO line 1 \"250-STARTTLS\" is the greeting (RFC 1869 4.3): STARTTLS is not offered")
                    .containsPattern("250-STARTTLS +domain").containsPattern("250-mail.domain1.com +ignored").containsPattern("250-PIPELINING +offered")
                    .contains("would deliver in the clear: STARTTLS not offered").contains("destinations.yaml:3 [example.com]").contains("example.com: deliverable under the policy");
            noMail(mx);
        }
    }

    @Test
    void R_EHLO_1_theSeedHostIsNotDeliverableUnderRequired() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of("EHLO", new Effect.Say(SEED)))) {
            assertThat(run(mx, "required", "example.com")).isEqualTo(1);
            assertThat(out.toString()).contains("would wait: STARTTLS not offered").contains("demanded by required from").contains("destinations.yaml:3 [example.com]")
                    .contains("example.com: NOT deliverable under the policy");
            noMail(mx);
        }
    }

    @Test
    void aConformantHostShowsTlsAndItsCertificateVerifies() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of())) {
            assertThat(run(mx, "required", "user@example.com")).isZero();
            assertThat(out.toString()).contains("banner       220 mx.test ESMTP").contains("TLSv1.3 TLS_AES_256_GCM_SHA384").contains("for mx1.example.com")
                    .contains("would verify: PKIX name mx1.example.com").contains("EHLO in TLS").contains("would deliver encrypted, policy required");
            noMail(mx);
        }
    }

    @Test
    void aBadCertificateIsSaidAndRequiredDeliversAllTheSame() throws Exception {
        try (FakeMx mx = mx(CA.expired("mx1.example.com"), Map.of())) {
            assertThat(run(mx, "required", "example.com")).isZero();
            assertThat(out.toString()).contains("would not verify: certificate expired or not yet valid").contains("would deliver encrypted");
        }
    }

    @Test
    void theSameFactsAreThereAsJson() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of())) {
            assertThat(run(mx, "preferred", "--json", "example.com")).isZero();
            assertThat(out.toString()).startsWith("{\"domain\":\"example.com\",\"deliverable\":true").contains("\"verdict\":\"encrypted\"", "\"protocol\":\"TLSv1.3\"",
                    "\"verifies\":true", "{\"line\":\"250-STARTTLS\",\"meaning\":\"offered\",\"findings\":[]}", "\"level\":\"preferred\"").endsWith("}" + System.lineSeparator());
        }
    }

    @Test
    void aHandshakeThatFailsWouldWaitAndLaterGoInTheClear() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of("STARTTLS", new Effect.GoAheadThenAlert()))) {
            assertThat(run(mx, "preferred", "example.com")).isEqualTo(1);
            assertThat(out.toString()).contains("would wait: TLS handshake failed").contains("plaintext_after_handshake_failure");
        }
    }

    @Test
    void anotherHostCanBeAskedUnderTheDomainsPolicy() throws Exception {
        try (FakeMx mx = mx(CA.good("new.example.com"), Map.of())) {
            dns.record("new.example.com", "A", "127.0.0.1");
            assertThat(run(mx, "required", "--mx", "new.example.com", "example.com")).isZero();
            assertThat(out.toString()).contains("new.example.com [127.0.0.1]").contains("would verify: PKIX name new.example.com").doesNotContain("mx1.example.com [");
        }
    }

    @Test
    void brokenFramingIsNeverReadAsNotOffered() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of("EHLO", new Effect.SayAndClose("250-mx\r\n251 STARTTLS\r\n")))) {
            assertThat(run(mx, "preferred", "example.com")).isEqualTo(1);
            assertThat(out.toString()).contains("lines of one reply carry different codes").contains("would wait: ");
        }
    }

    /// Item by item of what the command promises.
    @Test
    void theJsonTellsAllThatIsKnownOfAHost() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of())) {
            assertThat(run(mx, "required", "--json", "example.com")).isZero();
            assertThat(out.toString()).as("matched entry with file and line").containsPattern("\"policy\":\\{\"level\":\"required\",\"position\":\"[^\"]*destinations.yaml:3\",\"entry\":\"example.com\"\\}")
                    .as("MX and address").contains("\"mx\":\"mx1.example.com\",\"address\":\"127.0.0.1\"")
                    .as("DNSSEC").contains("\"mx_dnssec\":\"", "\"address_dnssec\":\"")
                    .as("TLSA and MTA-STS").contains("\"tlsa\":[\"none\"]", "\"mta_sts\":\"none\"")
                    .as("annotated EHLO").contains("\"ehlo\":[{\"line\":\"250-mx.test\",\"meaning\":\"domain\",\"findings\":[]}", "\"ehlo_in_tls\":[{")
                    .as("handshake").contains("\"protocol\":\"TLSv1.3\",\"cipher\":\"TLS_AES_256_GCM_SHA384\"")
                    .as("chain, names, expiry").contains("\"names\":[\"mx1.example.com\"]", "\"not_after\":\"").containsPattern("\"chain_sha256\":\"[0-9a-f]{64}\",\"not_after\":\"[^\"]+\",\"path\":\"trusted\"")
                    .as("decision").contains("\"verdict\":\"encrypted\"", "\"deliverable\":true");
        }
    }

    @Test
    void theJsonTellsTheReasonsAndTheirSections() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of("EHLO", new Effect.Say(SEED)))) {
            assertThat(run(mx, "required", "--json", "example.com")).isEqualTo(1);
            assertThat(out.toString()).contains("\"verdict\":\"waits\"", "\"reasons\":[\"STARTTLS not offered (near miss in the EHLO reply)\"]", "\"sections\":[\"RFC 5321 \\u00a74.1.1.1\"]");
        }
    }

    /// Programs rely on the names: one may be added, none may go or change its place.
    @Test
    @SuppressWarnings("unchecked")
    void theNamesOfTheJsonStay() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of())) {
            assertThat(run(mx, "required, tls_trial: required-verify", "--json", "example.com")).isZero();
            Map<String, Object> object = (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(out.toString());   // JSON is YAML
            assertThat(object.keySet()).containsExactly("domain", "deliverable", "policy", "route", "hosts", "left_out");
            Map<String, Object> host = ((List<Map<String, Object>>) object.get("hosts")).getFirst();
            assertThat(host.keySet()).containsExactly("mx", "address", "port", "preference", "bound_by", "banner", "dnssec", "mx_dnssec", "address_dnssec", "tlsa", "mta_sts", "chain_sha256", "not_after",
                    "path", "ehlo", "near_miss", "tls", "certificates", "verification", "ehlo_in_tls", "trial", "trial_unmet", "verdict", "verdict_text", "reasons", "sections", "policy");
            assertThat(((Map<String, Object>) host.get("tls")).keySet()).contains("protocol", "cipher", "stapled_ocsp");
            assertThat(((List<Map<String, Object>>) host.get("certificates")).getFirst().keySet()).containsExactly("subject", "names", "issuer", "not_before", "not_after");
            assertThat(host).containsEntry("trial_unmet", false).containsEntry("near_miss", false).containsEntry("port", mx.address().getPort());
        }
    }

    @Test
    void theTrialIsJudgedBesideThePolicy() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of("EHLO", new Effect.Say(SEED)))) {
            assertThat(run(mx, "preferred, tls_trial: required", "example.com")).isZero();
            assertThat(out.toString()).containsPattern("trial +required from .*destinations\\.yaml:3 \\[example\\.com\\] would make it wait: STARTTLS not offered").contains("would deliver in the clear");
        }
    }

    @Test
    void whatHelpsIsSaidWhereStartTlsStandsInTheGreeting() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of("EHLO", new Effect.Say(SEED)))) {
            run(mx, "required", "example.com");
            assertThat(out.toString()).containsPattern("what helps +the host's own name belongs on the first line").contains("'ehlo: tolerant'");
        }
        out.getBuffer().setLength(0);
        Files.delete(folder.resolve("conf/access.yaml"));
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of())) {
            run(mx, "required", "example.com");
            assertThat(out.toString()).doesNotContain("what helps");
        }
    }

    @Test
    void controlsInAReplyNeverReachTheTerminal() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of("GREETING", new Effect.Say("220 mx \u001b[2J ESMTP\r\n")))) {
            assertThat(run(mx, "preferred", "example.com")).isZero();
            assertThat(out.toString()).contains("220 mx \\x1b[2J ESMTP").doesNotContain("\u001b");
        }
    }

    @Test
    void aDomainWithoutHostsOrOfTheWrongFamilyIsNotDeliverable() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of())) {
            assertThat(run(mx, "preferred", "--ipv6", "example.com")).isEqualTo(1);
            assertThat(out.toString()).contains("no address of the family asked for");
            Files.delete(folder.resolve("conf/access.yaml"));
            assertThat(run(mx, "preferred", "gone.example")).isEqualTo(1);
            assertThat(out.toString()).contains("5.1.2 DNS Hard Error looking up gone.example (MX):  NXDomain (mail would bounce)");
        }
    }

    @Test
    void wrongUsageIsExitStatus2() throws Exception {
        try (FakeMx mx = mx(CA.good("mx1.example.com"), Map.of())) {
            assertThat(run(mx, "preferred", "--ipv4", "--ipv6", "example.com")).isEqualTo(2);
            assertThat(err.toString()).contains("exclude each other");
        }
    }
}
