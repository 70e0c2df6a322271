package org.mailrelay.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

class ExplainCommandTest {

    @TempDir
    Path conf;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void write() throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.net\n");
        Files.writeString(conf.resolve("destinations.yaml"), """
                default: {tls: preferred}
                destinations:
                  verified.example: {tls: required-verify, tls_names: [mx.verified.example], tls_min_version: TLSv1.3, dane: none, mta_sts: off}
                  hosted.example: {tls: required-verify-hosted}
                  tried.example: {tls: preferred, tls_trial: required, plaintext_after_handshake_failure: false}
                  excepted.example:
                    tls: required
                    exception: {owner: jane, reason: ticket 4711, expires: 2099-12-24, tls: preferred}
                """);
        Files.writeString(conf.resolve("routes.yaml"), "routes:\n  verified.example: {host: hub.example, port: 2525}\n  gone.example: {host: /dev/null}\n");
        Files.copy(Path.of("../conf/access.yaml"), conf.resolve("access.yaml"));
    }

    private int run(String... words) {
        String[] all = new String[words.length + 3];
        all[0] = "explain";
        all[1] = "--conf";
        all[2] = conf.toString();
        System.arraycopy(words, 0, all, 3, words.length);
        return Mailrelay.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(all);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> json(String recipient) {
        assertThat(run("--json", recipient)).isZero();
        return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(out.toString());   // JSON is YAML
    }

    @Test
    void saysWhichEntryAppliesWhereItStandsAndWhatItMeans() {
        assertThat(run("a@verified.example")).isZero();
        assertThat(out.toString()).containsPattern("tls +required-verify from .*destinations\\.yaml:3 \\[verified\\.example\\]")
                .containsPattern("tls means +encrypted or not at all; the certificate must be trusted and name mx\\.verified\\.example\\n")
                .contains("dane none, mta_sts off, ehlo strict, TLSv1.3 or newer, names mx.verified.example").containsPattern("route +hub\\.example:2525 priority 0 \\(verified\\.example, .*routes\\.yaml:2\\)");
    }

    @Test
    void everyLevelIsSaidInPlainWords() {
        run("other.example");
        run("hosted.example");
        run("tried.example");
        assertThat(out.toString()).containsPattern("entry +default\\n")
                .contains("encrypted where the host offers it, else in the clear; after a failed handshake in the clear at a later attempt; any certificate will do",
                        "encrypted or not at all; the certificate must be trusted and name the domain, or a mail host that DNSSEC, MTA-STS or a route vouches for",
                        "after a failed handshake mail waits; any certificate will do")
                .containsPattern("tls trial +required from .*destinations\\.yaml:5 \\[tried\\.example\\]");
    }

    @Test
    void anExceptionIsToldWithItsOwnerReasonAndEnd() {
        run("excepted.example");
        assertThat(out.toString()).containsPattern("tls +preferred from .*destinations\\.yaml:\\d+ \\[excepted\\.example, exception until 2099-12-24\\]")
                .containsPattern("exception +.*until the end of 2099-12-24, jane: ticket 4711");
    }

    /// Programs rely on the names: one may be added, none may go or change its place.
    @Test
    void theNamesOfTheJsonStay() {
        Map<String, Object> object = json("b@excepted.example");
        assertThat(object.keySet()).containsExactly("domain", "entry", "tls", "tls_means", "tls_terms", "exception", "route", "source", "limits", "bounce_profile", "policy", "exception_parts");
        assertThat(object.get("policy")).isEqualTo(Map.of("level", "preferred", "position", conf.getFileName() + "/destinations.yaml:8", "entry", "excepted.example, exception until 2099-12-24",
                "dane", "opportunistic", "mta_sts", "honour", "tls_min_version", "TLSv1.2", "tls_names", java.util.List.of(), "tls_ciphers", java.util.List.of(), "trial", "none"));
        assertThat(object.get("exception_parts")).isEqualTo(Map.of("position", conf.getFileName() + "/destinations.yaml:8", "owner", "jane", "reason", "ticket 4711", "expires", "2099-12-24"));
        assertThat(object).containsEntry("domain", "excepted.example").containsEntry("route", "the domain's MX");
    }

    @Test
    void mailThatIsDroppedIsSaidToBe() {
        assertThat(json("b@gone.example").get("route")).asString().startsWith("/dev/null (gone.example, ");
    }

    @Test
    void wrongUsageIsStatus2AndAMistakeInTheConfigurationStatus1() throws IOException {
        assertThat(run("a@b@")).isEqualTo(2);
        assertThat(err.toString()).contains("not an address or a domain: a@b@");
        Files.writeString(conf.resolve("destinations.yaml"), "default: {tls: sometimes}\n");
        assertThat(run("a@b.example")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString()).contains("destinations.yaml:1");
    }
}
