package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.VerifyClient;
import org.mailrelay.core.header.Hygiene;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.Settings;

/// What `access.yaml` says, and what is wrong with it.
class AccessConfigTest {

    private static final String SHA = "3A:0F".repeat(16).replace("0F3A", "0F:3A");

    @TempDir
    Path folder;
    private Path conf;

    @BeforeEach
    void twoListeners() throws IOException {
        conf = Files.createDirectory(folder.resolve("conf"));
        for (String name : List.of("destinations.yaml", "routes.yaml")) {
            Files.copy(Path.of("..", "conf").resolve(name), conf.resolve(name));
        }
        Files.createDirectory(folder.resolve("certs"));
        for (String name : List.of("relay.pem", "relay.key", "clients.pem", "users")) {
            Files.createFile(folder.resolve("certs").resolve(name));
        }
        relay("client_authorities: certs/clients.pem");
    }

    private void relay(String more) throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.com\nlisteners:\n- {name: private, address: 127.0.0.1:2525}\n- {name: outer, address: 127.0.0.1:2587, tls: {" + more + "}}\n");
    }

    private ConfigLoader.Loaded loaded(String access) throws IOException {
        ConfigLoader.Result result = result(access);
        assertThat(result).isInstanceOf(ConfigLoader.Loaded.class);
        return (ConfigLoader.Loaded) result;
    }

    private ConfigLoader.Result result(String access) throws IOException {
        Files.writeString(conf.resolve("access.yaml"), access);
        return ConfigLoader.load(conf, Map.of());
    }

    private List<String> mistakes(String access) throws IOException {
        ConfigLoader.Result result = result(access);
        assertThat(result).isInstanceOf(ConfigLoader.Refused.class);
        return ((ConfigLoader.Refused) result).problems().stream().map(ConfigProblem::toString).toList();
    }

    private static String access(String match, String policy) {
        return "sender_groups: [{name: A, match: [" + match + "], policy: p}]\nmail_flow_policies: {p: {access: RELAY" + policy + "}}\n";
    }

    @Test
    void certificatesInGroupsAndOfUsersAreRead() throws IOException {
        Settings settings = loaded(access("\"certificate:App1.example.com\", \"certificate:subject:CN=app1, O=Example\", \"certificate:sha256:" + SHA + "\", \"certificate:*\"",
                ", verify_client: required") + "authentication: {users: certs/users, certificates: [{match: \"certificate:app1@example.com\", user: app1}]}\n").settings();
        assertThat(settings.senderGroups().getFirst().match()).extracting(Object::toString).satisfiesExactly(name -> assertThat(name).contains("name=app1.example.com"),
                name -> assertThat(name).contains("subject=cn=app1,o=example"), name -> assertThat(name).contains("fingerprint=" + "3a0f".repeat(16)), name -> assertThat(name).contains("name=*"));
        assertThat(settings.senderGroups().getFirst().policy().identity().verifyClient()).isEqualTo(VerifyClient.REQUIRED);
        assertThat(settings.authSources().certificates()).singleElement().satisfies(entry -> assertThat(entry.user()).isEqualTo("app1"));
        assertThat(settings.relay().listeners().get(1).tls().orElseThrow().clientAuthorities()).containsExactly(folder.resolve("certs/clients.pem"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"certificate:|match: found certificate:,", "certificate:sha256:3a0f|match: found certificate:sha256:3a0f", "certificate:subject:app1|match: found certificate:subject:app1",
        "certificate:a b|match: found certificate:a b"})
    void whatIsNoCertificateIsAMistake(String match, String mistake) throws IOException {
        assertThat(mistakes(access("\"" + match + "\"", ""))).anySatisfy(found -> assertThat(found).contains(mistake));
    }

    @Test
    void aUserOfEveryCertificateIsAMistake() throws IOException {
        assertThat(mistakes(access("127.0.0.1", "") + "authentication: {certificates: [{match: \"certificate:*\", user: app1}]}\n")).anySatisfy(found -> assertThat(found).contains("certificate:*"));
    }

    @Test
    void everyoneWithACertificateIsNoOpenRelayAndEveryoneWhoIsOnlyAskedForOneIs() throws IOException {
        assertThat(loaded(access("ALL", ", verify_client: required")).settings().senderGroups()).hasSize(1);
        assertThat(mistakes(access("ALL", ", verify_client: preferred"))).anySatisfy(found -> assertThat(found).contains("open relay"));
    }

    @Test
    void certificatesThatNobodyIsAskedForOrNobodyVouchesForArePointedOut() throws IOException {
        assertThat(loaded(access("\"certificate:*\"", "")).warnings()).anySatisfy(warning -> assertThat(warning).contains("no policy has verify_client"));
        relay("");
        assertThat(loaded(access("127.0.0.1", ", verify_client: preferred")).warnings()).anySatisfy(warning -> assertThat(warning).contains("no listener has client_authorities"));
        assertThat(loaded(access("127.0.0.1, \"certificate:sha256:" + SHA + "\"", ", verify_client: preferred")).warnings()).noneSatisfy(warning -> assertThat(warning).contains("client_authorities"));
    }

    @Test
    void anAuthorityThatCannotBeReadIsAMistake() throws IOException {
        relay("client_authorities: certs/missing.pem");
        assertThat(mistakes(access("127.0.0.1", ""))).anySatisfy(found -> assertThat(found).contains("client_authorities: cannot read"));
    }

    @Test
    void aGroupIsForTheListenersThatItNames() throws IOException {
        String groups = "sender_groups:\n- {name: A, listeners: outer, match: [ALL], policy: p}\n- {name: B, listeners: ALL, match: [127.0.0.1], policy: p}\nmail_flow_policies: {p: {access: REJECT}}\n";
        ConfigLoader.Loaded loaded = loaded(groups);
        assertThat(loaded.settings().senderGroups().getFirst().isFor("private")).isFalse();
        assertThat(loaded.settings().senderGroups().getFirst().isFor("outer")).isTrue();
        assertThat(loaded.settings().senderGroups().getLast().isFor("private")).isTrue();
        assertThat(loaded.warnings()).as("B is reached from the other listener").noneSatisfy(warning -> assertThat(warning).contains("never reached"));
        assertThat(mistakes(groups.replace("outer", "oter"))).anySatisfy(found -> assertThat(found).contains("did you mean outer?"));
    }

    private Hygiene hygiene(String policy) throws IOException {
        MailFlowPolicy read = loaded(access("127.0.0.1", policy) + "masquerades:\n  out: {addresses: {root@a.example: it@b.example}, domains: {a.example: b.example, .a.example: c.example}}\n"
                + "authentication: {users: certs/users}\n").settings().senderGroups().getFirst().policy();
        return read.hygiene();
    }

    @Test
    void whoMustAuthenticateSubmitsMailUnlessThePolicySaysOtherwise() throws IOException {
        assertThat(hygiene("")).isEqualTo(Hygiene.NONE);
        assertThat(hygiene(", auth: required")).isEqualTo(Hygiene.NONE.withAddMissingFields(true).withRemoveBcc(true));
        assertThat(hygiene(", submission: true, remove_bcc: false")).isEqualTo(Hygiene.NONE.withAddMissingFields(true));
        assertThat(hygiene(", auth: required, submission: false")).isEqualTo(Hygiene.NONE);
    }

    @Test
    void aMasqueradeIsReadAndItsMistakesArePointedOut() throws IOException {
        Hygiene read = hygiene(", masquerade: out");
        assertThat(List.of("root@a.example", "x@a.example", "x@y.a.example")).extracting(from -> read.masquerade().orElseThrow().of(ReversePath.of(Mailbox.of(from))).toString())
                .containsExactly("<it@b.example>", "<x@b.example>", "<x@c.example>");
        assertThat(mistakes(access("127.0.0.1", ", masquerade: ot") + "masquerades: {out: {addresses: {root: it@b.example}, domains: {a.example: '-'}}}\n"))
                .anySatisfy(found -> assertThat(found).contains("did you mean out?")).anySatisfy(found -> assertThat(found).contains("found root, expected a mail address"))
                .anySatisfy(found -> assertThat(found).contains("found -, expected a domain"));
    }

    @Test
    void limitsOfContentAreRead() throws IOException {
        assertThat(hygiene(", max_received_fields: 50, max_header_size: 64KiB, max_line_length: 998").limits()).isEqualTo(new Hygiene.ContentLimits(50, 65_536, 998));
        assertThat(hygiene(", long_lines: pass").longLines()).isEqualTo(Hygiene.LongLines.PASS);
        assertThat(hygiene("").aliases()).isEmpty();
        assertThat(mistakes(access("127.0.0.1", ", aliases: nobodys"))).anySatisfy(found -> assertThat(found).contains("aliases: found nobodys, expected none, or the name of an entry of masquerades"));
        assertThat(mistakes(access("127.0.0.1", ", max_received_fields: 20, max_line_length: 500"))).hasSize(2);
    }
}
