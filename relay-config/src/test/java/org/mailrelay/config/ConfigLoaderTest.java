package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.path.OwnPathTerms;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.IdleTime;
import org.mailrelay.core.settings.PolicyChange;
import org.mailrelay.core.settings.RecipientRate;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.settings.SourceSettings;
import org.mailrelay.core.tls.TlsLevel;

class ConfigLoaderTest {

    private static final Path SHIPPED = Path.of("..", "conf");

    @TempDir
    Path folder;

    private Path conf;

    @BeforeEach
    void copyTheShippedFiles() throws IOException {
        conf = ShippedFiles.below(folder);
    }

    @Test
    void loadsTheShippedFiles() {
        Settings settings = loaded(Map.of());
        assertThat(settings.relay().root()).isEqualTo(folder.toAbsolutePath().normalize());
        assertThat(settings.relay().listeners()).singleElement().satisfies(listener -> assertThat(listener.addresses()).hasSize(1));
        assertThat(settings.destinations().fallback().tls()).hasToString("preferred from conf/destinations.yaml:3 [default]");
    }

    @Test
    void anOptionOfTheCommandLineOverridesAKey() {
        assertThat(loaded(Map.of("delivery.port", "2526")).relay().delivery().port()).isEqualTo(2526);
    }

    @Test
    void offIsAWordAndMeansNone() throws IOException {
        write("destinations.yaml", "destinations:\n  a.example: {tls: off}\n");
        assertThat(loaded(Map.of()).destinations().match(Domain.of("a.example")).tls().level()).isEqualTo(TlsLevel.NONE);
    }

    @Test
    void ourOwnNetworkIsWatchedUnlessItIsSaidOtherwise() throws IOException {
        write("relay.yaml", "hostname: relay.example.net\n");
        assertThat(loaded(Map.of()).relay().alerts().ownPath()).isEqualTo(OwnPathTerms.DEFAULT);
        write("relay.yaml", "hostname: relay.example.net\nalerts: {own_path: none}\n");
        assertThat(loaded(Map.of()).relay().alerts().ownPath().on()).isFalse();
        write("relay.yaml", "hostname: relay.example.net\nalerts: {own_path: {hosts: 10, share: 90, window: 5m, hold: none}}\n");
        assertThat(loaded(Map.of()).relay().alerts().ownPath()).isEqualTo(new OwnPathTerms(10, 90, Duration.ofMinutes(5), Duration.ZERO));
        write("relay.yaml", "hostname: relay.example.net\nalerts:\n  own_path: {hosts: 1, window: 0s}\n");
        assertThat(problems()).containsExactly("conf/relay.yaml:3:21: hosts: found 1, expected a number from 2 to 10000",
                "conf/relay.yaml:3:32: window: found 0s, expected a duration such as 60s, 5m, 72h or 3d, more than 0 and at most 3650d");
    }

    @Test
    void tellsAllMistakesWithPlaceAndNearestWord() throws IOException {
        write("destinations.yaml", "default:\n  tsl: required\n  tls: requird\n  dane: mandatry\n  connections: 0\n");
        assertThat(problems()).containsExactly(
                "conf/destinations.yaml:2:3: unknown key tsl; did you mean tls?",
                "conf/destinations.yaml:3:8: tls: found requird, expected one of none, preferred, preferred-verify, required, required-verify, required-verify-hosted; did you mean required?",
                "conf/destinations.yaml:4:9: dane: found mandatry, expected one of mandatory, none, opportunistic; did you mean mandatory?",
                "conf/destinations.yaml:5:16: connections: found 0, expected a number from 1 to 100000");
    }

    @Test
    void aBooleanInPlaceOfAWordNamesTheWord() throws IOException {
        write("destinations.yaml", "default:\n  tls: false\n");
        assertThat(problems()).containsExactly("conf/destinations.yaml:2:8: tls: found false, expected one of none, preferred, preferred-verify, required, required-verify, required-verify-hosted; write none");
    }

    @Test
    void anEmptyAndAMissingFileAreMistakes() throws IOException {
        write("routes.yaml", "");
        Files.delete(conf.resolve("access.yaml"));
        assertThat(problems()).containsExactly("conf/routes.yaml:1:1: the file is empty, expected keys with values",
                "conf/access.yaml:1:1: the file is missing or cannot be read as UTF-8");
    }

    @Test
    void virtualGatewaysAreDescribedInOneFileAndNamedInThree() throws IOException {
        write("relay.yaml", "hostname: relay.example.com\ndelivery:\n  source_addresses:\n    default: auto\n"
                + "    bulk: {addresses: [192.0.2.8, \"2001:db8::8\"], hostname: bulk.example.com, connections: 30, messages_per_connection: 10, recipients_per_message: 25, recipient_rate: 180/1m}\n    bank: {addresses: [192.0.2.9]}\n    apps: {}\n"
                + "  source_by_sender: {news@Example.com: bulk, news.example: bulk, .lists.example: bulk}\n");
        write("destinations.yaml", "default: {source: apps}\ndestinations:\n  bank.example: {source: bank}\n  a.example: {connections: 3}\n");
        write("access.yaml", "sender_groups:\n  - {name: A, match: [127.0.0.1], policy: p}\nmail_flow_policies:\n  p: {access: RELAY, source: bulk}\n");
        SourceSettings sources = loaded(Map.of()).sources();
        assertThat(sources.gateway(Domain.of("bank.example"), sources.preferred(ReversePath.of("NEWS@example.com"), "p")).name()).isEqualTo("bank");
        assertThat(sources.gateway(Domain.of("a.example"), sources.preferred(ReversePath.of("NEWS@example.com"), "q"))).isEqualTo(new Gateway("bulk",
                List.of(InetAddress.getByName("192.0.2.8"), InetAddress.getByName("2001:db8::8")), Optional.of(Domain.of("bulk.example.com")),
                new Gateway.Limits(OptionalInt.of(30), OptionalInt.of(10), OptionalInt.of(25), Optional.of(new RecipientRate(180, Duration.ofMinutes(1))))));
        assertThat(sources.preferred(ReversePath.of("x@a.lists.example"), "q")).contains("bulk");
        assertThat(sources.preferred(ReversePath.of("x@elsewhere.test"), "p")).contains("bulk");
        assertThat(sources.gateway(Domain.of("a.example"), Optional.empty()).name()).as("an entry does not inherit it as its own").isEqualTo("apps");
    }

    @Test
    void mistakesAboutVirtualGatewaysNameTheirPlace() throws IOException {
        write("relay.yaml", "hostname: relay.example.com\ndelivery:\n  source_addresses:\n    bulk: {addresses: [bulk.example.com, 127.1], hostnam: a.example}\n    other: yes\n"
                + "  source_by_sender: {\"@b\": bulk, a.example: bulck}\n");
        write("destinations.yaml", "destinations:\n  bank.example: {source: bank}\n");
        assertThat(problems()).containsExactly(
                "conf/relay.yaml:4:24: addresses: found bulk.example.com, expected an address of this machine such as 192.0.2.8 or 2001:db8::8",
                "conf/relay.yaml:4:42: addresses: found 127.1, expected an address of this machine such as 192.0.2.8 or 2001:db8::8",
                "conf/relay.yaml:4:50: unknown key hostnam; did you mean hostname?",
                "conf/relay.yaml:5:12: other: found yes, expected auto or keys such as addresses",
                "conf/relay.yaml:6:22: found @b, expected an address, a domain or .domain",
                "conf/relay.yaml:6:45: a.example: found bulck, expected the name of an entry of delivery.source_addresses in relay.yaml; did you mean bulk?",
                "conf/destinations.yaml:2:26: source: found bank, expected the name of an entry of delivery.source_addresses in relay.yaml; did you mean bulk?");
    }

    @Test
    void anOpenRelayIsAMistake() throws IOException {
        write("access.yaml", "sender_groups:\n  - {name: ALL, match: [ALL], policy: p}\nmail_flow_policies:\n  p: {access: RELAY}\n");
        assertThat(problems()).singleElement().asString().startsWith("conf/access.yaml:2:5: the group ALL lets everyone relay");
    }

    @Test
    void aSecretShowsNowhere() throws IOException {
        write("routes.yaml", "routes:\n  ALL: [{host: smart.example, port: 587, auth: up}]\nauth: {up: {user: relay, password: hunter2}}\n");
        assertThat(loaded(Map.of()).toString()).doesNotContain("hunter2");
    }

    @Test
    void theIdleTimeIsAutomaticUnlessItIsGiven() throws IOException {
        assertThat(loaded(Map.of()).relay().delivery().timeouts().idle()).isEqualTo(IdleTime.AUTO);
        write("relay.yaml", "delivery: {timeouts: {idle: 2s}}\n");
        assertThat(loaded(Map.of()).relay().delivery().timeouts().idle()).isEqualTo(IdleTime.exactly(Duration.ofSeconds(2)));
        write("relay.yaml", "delivery: {timeouts: {idle: soon}}\n");
        assertThat(problems()).singleElement().asString().startsWith("conf/relay.yaml:1:29: idle: found soon, expected a duration");
    }

    @Test
    void duplicateKeysAndOutOfRangeDurationsAreMistakes() throws IOException {
        write("relay.yaml", "shutdown_grace: 0s\nreload: auto\nreload: manual\n");
        assertThat(problems()).containsExactly(
                "conf/relay.yaml:1:17: shutdown_grace: found 0s, expected a duration such as 60s, 5m, 72h or 3d, more than 0 and at most 3650d",
                "conf/relay.yaml:3:1: the key reload stands here twice");
    }

    @Test
    void datesAndYesNoAreStrings() throws IOException {
        write("destinations.yaml", "destinations:\n  a.example: {tls: no}\n  b.example: {tls: 2027-01-31}\n");
        assertThat(problems()).allMatch(problem -> problem.contains("tls: found no,") || problem.contains("tls: found 2027-01-31,")).hasSize(2);
    }

    @Test
    void pointsOutWhatHasNoEffect() throws IOException {
        write("destinations.yaml", "destinations:\n  a.example: {tls: none, tls_min_version: TLSv1.3}\n");
        write("access.yaml", """
                sender_groups:
                  - {name: A, match: [ALL], policy: p}
                  - {name: B, match: [10.0.0.0/8], policy: p}
                mail_flow_policies:
                  p: {access: REJECT}
                """);
        assertThat(((ConfigLoader.Loaded) ConfigLoader.load(conf, Map.of("hostname", "relay.example.com"))).warnings()).containsExactly(
                "conf/destinations.yaml:2: tls_min_version has no effect in the entry a.example, which has tls: none",
                "conf/access.yaml:3: the group B is never reached, A before it takes everyone");
    }

    @Test
    void namesTheEntriesWhoseTlsTermsDrop() throws IOException {
        write("destinations.yaml", "destinations:\n  a.example: {tls: required}\n  .b.example: {tls: required}\n  c.example: {tls: required}\n");
        Settings old = loaded(Map.of());
        write("destinations.yaml", "destinations:\n  c.example: {tls: required}\n  d.example: {tls: none}\n");
        assertThat(PolicyChange.lowersTls(old, loaded(Map.of()), Instant.EPOCH)).containsExactly("a.example", "d.example", ".b.example");
        assertThat(PolicyChange.lowersTls(old, old, Instant.EPOCH)).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsAMistakeAtItsKey() throws IOException {
        write("relay.yaml", "listeners:\n  - {name: a, address: 127.0.0.1, tls: {certificate: no.pem, key: no.key}}\n");
        write("routes.yaml", "routes: {ALL: [{host: 192.0.2.300, auth: up}]}\nauth: {up: {user: relay, password_file: no.txt}}\n");
        assertThat(problems()).containsExactly(
                "conf/relay.yaml:2:54: certificate: cannot read " + folder.toAbsolutePath().resolve("no.pem"),
                "conf/relay.yaml:2:67: key: cannot read " + folder.toAbsolutePath().resolve("no.key"),
                "conf/routes.yaml:1:23: host: found 192.0.2.300, expected a host name, an address, USEDNS or /dev/null",
                "conf/routes.yaml:2:41: password_file: cannot read no.txt");
    }

    @Test
    void aRouteThatRaisedTlsIsNamedWhenItGoes() throws IOException {
        write("routes.yaml", "routes: {ALL: [{host: smart.example, tls: required}]}\n");
        Settings old = loaded(Map.of());
        write("routes.yaml", "routes: {ALL: [{host: smart.example}]}\n");
        assertThat(PolicyChange.lowersTls(old, loaded(Map.of()), Instant.EPOCH)).containsExactly("route ALL");
    }

    @Test
    void aWrongItemOfAListIsNamedAtItsOwnPlace() throws IOException {
        write("relay.yaml", "delivery: {refuse_addresses: [own, lopback]}\n");
        assertThat(problems()).containsExactly("conf/relay.yaml:1:36: refuse_addresses: found lopback, expected loopback, unspecified, link-local, multicast, private or own");
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(conf.resolve(file), text);
    }

    private Settings loaded(Map<String, String> overrides) {
        ConfigLoader.Result result = ConfigLoader.load(conf, overrides);
        assertThat(result).isInstanceOf(ConfigLoader.Loaded.class);
        return ((ConfigLoader.Loaded) result).settings();
    }

    private List<String> problems() {
        ConfigLoader.Result result = ConfigLoader.load(conf, Map.of());
        assertThat(result).isInstanceOf(ConfigLoader.Refused.class);
        return ((ConfigLoader.Refused) result).problems().stream().map(ConfigProblem::toString).toList();
    }
}
