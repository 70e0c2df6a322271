package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.Trust;

class ConfigKeysTest {

    @TempDir
    Path folder;

    private Path conf;

    @BeforeEach
    void oneOfEachKind() throws IOException {
        conf = Files.createDirectory(folder.resolve("conf"));
        Path certs = Files.createDirectory(folder.resolve("certs"));
        Files.createFile(certs.resolve("relay.pem"));
        Files.createFile(certs.resolve("relay.key"));
        Files.writeString(certs.resolve("dkim.pem"), DkimConfigTest.pem("Ed25519", 255));
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.com\nlisteners: [{address: 127.0.0.1, tls: {}}]\n"
                + "delivery: {source_addresses: {bulk: {}}, certificates: {a: {certificate: certs/relay.pem, key: certs/relay.key}}}\nlog: {syslog: [{address: 192.0.2.1}]}\n"
                + "dkim: {domains: {a.example: {keys: [{selector: s, file: certs/dkim.pem}]}}}\n");
        Files.writeString(conf.resolve("destinations.yaml"), "bounce_profiles: {default: {}}\ntests: [{to: a.example, expect: {entry: default}}]\n"
                + "destinations: {b.example: {tls: required, exception: {tls: preferred, reason: r, owner: o, expires: 2027-01-31}}}\n");
        Files.writeString(conf.resolve("routes.yaml"), "routes: {a.example: [{host: b.example}]}\nauth: {a: {user: a, password: b}}\n");
        Files.writeString(conf.resolve("access.yaml"), "sender_groups: [{name: A, match: [10.0.0.1], policy: p}]\nmail_flow_policies: {p: {access: RELAY}}\nmasquerades: {m: {}}\nauthentication: {certificates: [{match: 'certificate:a.example', user: a}]}\n");
    }

    @Test
    void thePageIsPrintedFromTheDeclarations() throws IOException {
        assertThat(Path.of("..", "docs", "configuration.md")).content().isEqualTo(ConfigKeys.page());
    }

    @Test
    void theShippedFilesNameEveryKeyThatAsksForSomethingBuilt() {
        ConfigKeys.byFile().forEach((file, keys) -> keys.stream().filter(key -> !key.sentence().toLowerCase(Locale.ROOT).contains("not built yet.")
                && !key.otherwise().equals("builtin")).forEach(key ->
                        assertThat(Path.of("..", "conf", file)).content().contains(key.path().substring(key.path().lastIndexOf('.') + 1) + ":")));
    }

    @Test
    void readersKnowTheDeclaredKeysAndNoOthers() {
        Section relay = ConfigLoader.open(conf, "relay.yaml", Map.of());
        Section destinations = ConfigLoader.open(conf, "destinations.yaml", Map.of());
        Section routes = ConfigLoader.open(conf, "routes.yaml", Map.of());
        Section access = ConfigLoader.open(conf, "access.yaml", Map.of());
        RelayReader relayReader = new RelayReader(conf);
        relayReader.read(relay);
        new DestinationsReader(conf, Trust.SYSTEM, Map.of(), relayReader.sources()).read(destinations);
        new RoutesReader(conf).read(routes);
        new AccessReader(conf, relayReader.sources(), Set.of()).read(access);
        assertThat(relay.problems().known).isEqualTo(paths(RelayKeys.ALL));
        assertThat(destinations.problems().known).isEqualTo(paths(DestinationsKeys.ALL));
        assertThat(routes.problems().known).isEqualTo(paths(RoutesKeys.ALL));
        assertThat(access.problems().known).isEqualTo(paths(AccessKeys.ALL));
    }

    @Test
    void theDeclaredDefaultsAreTheOnesInForce() throws IOException {
        Settings bare = loaded(Map.of());
        Map<String, String> written = new HashMap<>();
        RelayKeys.ALL.stream().filter(key -> !List.of("root", "hostname", "listeners", "log.syslog").contains(key.path()) && !key.path().startsWith("listener.")
                && !key.path().startsWith("syslog.") && !key.path().startsWith("client certificate.")
                && !key.path().startsWith("virtual gateway.") && !key.path().startsWith("dkim domain.") && !key.path().startsWith("dkim key.") && !key.path().equals("dkim.domains") && !key.path().startsWith("dkim.arc."))
                .forEach(key -> written.put(key.path(), key.otherwise()));
        Files.writeString(conf.resolve("destinations.yaml"), "default:\n" + lines("default.", DestinationsKeys.ALL)
                + "bounce_profiles:\n  default:\n" + lines("bounce profile.", DestinationsKeys.ALL).replace("  ", "    "));
        Files.writeString(conf.resolve("access.yaml"), "sender_groups: [{name: A, match: [10.0.0.1], policy: p}]\nmail_flow_policies:\n p:\n  access: RELAY\n"
                + lines("mail flow policy.", AccessKeys.ALL).replace("  access: must be set\n", "").replace("  banner: ESMTP\n", ""));
        Settings full = loaded(written);
        assertThat(full.relay()).isEqualTo(bare.relay());
        assertThat(full.dkim()).isEqualTo(bare.dkim());
        assertThat(full.senderGroups()).isEqualTo(bare.senderGroups());
        assertThat(full.destinations().fallback()).usingRecursiveComparison().ignoringFields("tls.position").isEqualTo(bare.destinations().fallback());
    }

    private static String lines(String kind, List<ConfigKey> keys) {
        return keys.stream().filter(key -> key.path().startsWith(kind) && !key.otherwise().isEmpty())
                .map(key -> "  " + key.path().substring(kind.length()) + ": " + key.otherwise() + "\n").collect(Collectors.joining());
    }

    private static TreeSet<String> paths(List<ConfigKey> keys) {
        return keys.stream().map(ConfigKey::path).collect(Collectors.toCollection(TreeSet::new));
    }

    private Settings loaded(Map<String, String> overrides) {
        ConfigLoader.Result result = ConfigLoader.load(conf, overrides);
        assertThat(result).isInstanceOf(ConfigLoader.Loaded.class);
        return ((ConfigLoader.Loaded) result).settings();
    }
}
