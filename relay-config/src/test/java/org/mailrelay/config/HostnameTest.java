package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the relay calls itself (RFC 5321 §4.1.1.1): checked before it starts, so that no EHLO says anything else.
class HostnameTest {

    @TempDir
    Path folder;
    private Path conf;

    @BeforeEach
    void copyTheShippedFiles() throws IOException {
        conf = ShippedFiles.below(folder);
    }

    private ConfigLoader.Result load(String hostname) {
        return ConfigLoader.load(conf, Map.of("hostname", hostname));
    }

    @ParameterizedTest
    @CsvSource({"relay.example.com, relay.example.com", "RELAY.Example.COM, relay.example.com", "m\u00e4il.example, xn--mil-qla.example"})
    void R_EHLO_18_aFullNameIsSaidAsALabels(String written, String said) {
        assertThat(load(written)).isInstanceOfSatisfying(ConfigLoader.Loaded.class, loaded -> assertThat(loaded.settings().relay().hostname()).hasToString(said));
    }

    @ParameterizedTest
    @ValueSource(strings = {"relay", "localhost", "relay.example.com extra", "[192.0.2.1]", "192.0.2.1", "relay..example", "-relay.example", "re\tlay.example", "relay.example\r\nMAIL", "re_lay@example.com"})
    void R_EHLO_18_anythingElseIsAMistake(String written) {
        assertThat(load(written)).isInstanceOfSatisfying(ConfigLoader.Refused.class,
                refused -> assertThat(refused.problems()).anySatisfy(problem -> assertThat(problem.text()).contains("a full host name such as relay.example.com")));
    }

    @Test
    void R_EHLO_18_aGatewaysNameIsHeldToTheSame() throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), "hostname: relay.example.com\ndelivery: {source_addresses: {bulk: {addresses: [127.0.0.1], hostname: bulk}}}\n");
        assertThat(ConfigLoader.load(conf, Map.of())).isInstanceOfSatisfying(ConfigLoader.Refused.class,
                refused -> assertThat(refused.problems()).anySatisfy(problem -> assertThat(problem.text()).contains("a full host name such as bulk.example.com")));
    }
}
