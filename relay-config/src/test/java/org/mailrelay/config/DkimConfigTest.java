package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.Form;
import org.mailrelay.core.mail.Domain;

class DkimConfigTest {

    @TempDir
    Path folder;

    private Path conf;

    @BeforeEach
    void keys() throws IOException {
        conf = Files.createDirectory(folder.resolve("conf"));
        Files.writeString(conf.resolve("destinations.yaml"), "destinations: {}\n");
        Files.writeString(conf.resolve("routes.yaml"), "routes: {}\n");
        Files.writeString(conf.resolve("access.yaml"), "sender_groups: [{name: APPS, match: [10.0.0.1], policy: p}]\nmail_flow_policies: {p: {access: RELAY}}\n");
        key("ed.pem", pem("Ed25519", 255));
        key("rsa.pem", pem("RSA", 2048));
        key("short.pem", pem("RSA", 1024));
        key("none.pem", "nothing\n");
    }

    @Test
    void entriesNameWhoSignsAndWithWhat() throws IOException {
        DkimSettings settings = loaded("""
                dkim:
                  domains:
                    bank.example: {keys: [{selector: s1, file: rsa.pem}, {selector: e1, file: ed.pem, services: [email, tlsrpt]}], groups: [APPS]}
                    .bank.example: {keys: [{selector: s1, file: rsa.pem}]}
                    .other.example: {sign_as: sender, keys: [{selector: s1, file: rsa.pem}]}
                    ALL: {sign_as: relay.example, keys: [{selector: s1, file: rsa.pem}]}
                  identity: from_or_envelope
                  when_signing_fails: send_unsigned
                  canonicalization: simple/relaxed
                  headers: [from, Subject]
                  oversign: [From]
                  expires: 3d
                """).settings().dkim();
        DkimSettings.Signer bank = settings.exact().get(Domain.of("bank.example"));
        assertThat(bank.keys()).extracting(key -> key.key().toString()).containsExactly("rsa-sha256 key of 2048 bits", "ed25519-sha256 key of 256 bits");
        assertThat(bank.keys().getLast().services()).containsExactlyInAnyOrder("email", "tlsrpt");
        assertThat(bank.groups()).containsExactly("APPS");
        assertThat(bank.signAs()).isEmpty();
        assertThat(bank.style()).satisfies(style -> {
            assertThat(style.header()).isEqualTo(Form.SIMPLE);
            assertThat(style.body()).isEqualTo(Form.RELAXED);
            assertThat(style.headers()).containsExactly("from", "Subject");
            assertThat(style.oversignPresent()).isEmpty();
            assertThat(style.expires()).contains(Duration.ofDays(3));
        });
        assertThat(settings.below().get(Domain.of("bank.example")).signAs()).contains(Domain.of("bank.example"));
        assertThat(settings.below().get(Domain.of("other.example")).signAs()).isEmpty();
        assertThat(settings.otherwise().flatMap(DkimSettings.Signer::signAs)).contains(Domain.of("relay.example"));
    }

    @Test
    void mistakesAreToldWithTheirPlace() throws IOException {
        assertThat(problems("""
                dkim:
                  domans: {}
                  canonicalization: relaxed
                  headers: [Subject, Received, "a b", Subject]
                  when_signing_fails: defr
                  domains:
                    bank.example:
                      keys:
                        - {selector: s1, file: none.pem}
                        - {selector: s1, file: missing.pem}
                        - {selector: "a b", file: ed.pem, services: [tlsrtp]}
                        - {selector: s4}
                      groups: [APS]
                    not a domain: {keys: [{selector: s, file: ed.pem}]}
                    empty.example: {}
                    ALL: {keys: [{selector: s, file: ed.pem}]}
                """)).containsExactly(
                "conf/relay.yaml:3:3: unknown key domans; did you mean domains?",
                "conf/relay.yaml:4:21: canonicalization: found relaxed, expected relaxed/relaxed, relaxed/simple, simple/relaxed or simple/simple (header/body)",
                "conf/relay.yaml:5:12: headers: found no From, expected it: every signature is over it (RFC 6376 5.4)",
                "conf/relay.yaml:5:13: headers: found Subject, expected each name once",
                "conf/relay.yaml:5:22: headers: found Received, expected fields that nobody changes on the way",
                "conf/relay.yaml:5:32: headers: found a b, expected names of header fields",
                "conf/relay.yaml:6:23: when_signing_fails: found defr, expected one of defer, send_unsigned; did you mean defer?",
                "conf/relay.yaml:10:32: file: " + folder.resolve("none.pem") + " holds no private key in PEM",
                "conf/relay.yaml:11:32: file: cannot read " + folder.resolve("missing.pem"),
                "conf/relay.yaml:12:22: selector: found a b, expected a name such as s2026: its record stands at s2026._domainkey.bank.example",
                "conf/relay.yaml:12:54: services: found tlsrtp, expected all, email or tlsrpt; did you mean tlsrpt?",
                "conf/relay.yaml:13:11: file: found nothing, expected the path of a private key in PEM",
                "conf/relay.yaml:14:15: groups: found APS, expected a sender group of access.yaml; did you mean APPS?",
                "conf/relay.yaml:15:5: found not a domain, expected a domain, .domain or ALL",
                "conf/relay.yaml:16:20: empty.example: found no keys, expected at least one {selector, file}",
                "conf/relay.yaml:17:10: ALL: found no domain in sign_as, expected the one that signs for all others");
    }

    @Test
    void aSealerHasADomainAndAnRsaKey() throws IOException {
        assertThat(loaded("dkim: {arc: {domain: relay.example, selector: a1, file: rsa.pem, groups: [APPS]}}\n").settings().dkim().arc()).hasValueSatisfying(arc -> {
            assertThat(arc.domain()).isEqualTo(Domain.of("relay.example"));
            assertThat(arc.groups()).containsExactly("APPS");
        });
        assertThat(loaded("dkim: {arc: off}\n").settings().dkim().isEmpty()).isTrue();
        assertThat(problems("dkim: {arc: {domain: relay.example, selector: a1}}\n"))
                .containsExactly("conf/relay.yaml:2:13: arc: expected none, or domain, selector and file: who seals, and with which key");
        assertThat(problems("dkim: {arc: {domain: relay.example, selector: a1, file: ed.pem, grups: [APPS]}}\n")).containsExactly(
                "conf/relay.yaml:2:57: file: " + folder.resolve("ed.pem") + " holds an Ed25519 key, expected RSA: readers of ARC know nothing else",
                "conf/relay.yaml:2:65: unknown key grups; did you mean groups?");
        assertThat(problems("dkim: {arc: {domain: relay.example, selector: a1, file: rsa.pem, groups: [APS]}}\n"))
                .containsExactly("conf/relay.yaml:2:74: groups: found APS, expected a sender group of access.yaml; did you mean APPS?");
    }

    @Test
    void twoKeysOfADomainHaveTwoSelectors() throws IOException {
        assertThat(problems("dkim: {domains: {bank.example: {keys: [{selector: s1, file: ed.pem}, {selector: S1, file: rsa.pem}]}}}\n"))
                .containsExactly("conf/relay.yaml:2:70: two keys of bank.example have the selector s1");
    }

    @Test
    void shortAndOpenKeysAreWarnedOf() throws IOException {
        Files.setPosixFilePermissions(folder.resolve("short.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(loaded("dkim: {domains: {bank.example: {keys: [{selector: s1, file: short.pem}]}}}\n").warnings()).contains(
                "conf/relay.yaml:2: " + folder.resolve("short.pem") + " is an RSA key of 1024 bits; 2048 are recommended (RFC 8301 3.2)",
                "conf/relay.yaml:2: " + folder.resolve("short.pem") + " can be read by every user of the machine, or changed by others than its owner");
    }

    @Test
    void aChangedKeyMakesOtherSettings() throws IOException {
        String text = "dkim: {domains: {bank.example: {keys: [{selector: e1, file: ed.pem}]}}}\n";
        DkimSettings before = loaded(text).settings().dkim();
        assertThat(loaded(text).settings().dkim()).isEqualTo(before);
        key("ed.pem", pem("Ed25519", 255));
        assertThat(loaded(text).settings().dkim()).isNotEqualTo(before);
    }

    @Test
    void noKeyIsInTheTextOfTheSettings() throws IOException {
        String shown = loaded("dkim: {domains: {bank.example: {keys: [{selector: e1, file: ed.pem}]}}}\n").settings().toString();
        assertThat(shown).contains("ed25519-sha256 key").doesNotContain(Files.readAllLines(folder.resolve("ed.pem")).get(1));
    }

    private void key(String name, String pem) throws IOException {
        Files.writeString(folder.resolve(name), pem);
        Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("rw-------"));
    }

    static String pem(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private ConfigLoader.Loaded loaded(String dkim) throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.com\n" + dkim);
        ConfigLoader.Result result = ConfigLoader.load(conf, Map.of());
        assertThat(Optional.of(result).filter(ConfigLoader.Refused.class::isInstance)).isEmpty();
        return (ConfigLoader.Loaded) result;
    }

    private List<String> problems(String dkim) throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.com\n" + dkim);
        return ((ConfigLoader.Refused) ConfigLoader.load(conf, Map.of())).problems().stream().map(ConfigProblem::toString).toList();
    }
}
