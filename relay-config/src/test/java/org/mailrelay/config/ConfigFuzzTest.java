package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFuzzTest {

    private static final List<String> FILES = List.of("relay.yaml", "destinations.yaml", "routes.yaml", "access.yaml");
    private static final List<String> PIECES = List.of("{", "}", "[", "]", ": ", "\n", "- ", "&a ", "*a", "\"\\0\"", "null", "~", "99999999999", "-1", "'", "#", "\t", "!!binary ", "é", "<<: ", "? ");

    @TempDir
    Path conf;

    @Test
    void neverThrowsWhateverTheFilesHold() throws IOException {
        Random random = new Random(20261124);
        for (int round = 0; round < 1_000; round++) {
            for (String file : FILES) {
                Files.writeString(conf.resolve(file), mutated(Files.readString(Path.of("..", "conf", file)), random));
            }
            String relay = Files.readString(conf.resolve("relay.yaml"));
            String destinations = Files.readString(conf.resolve("destinations.yaml"));
            assertThatCode(() -> assertThat(ConfigLoader.load(conf, Map.of("delivery.port", "2526"))).isNotNull())
                    .as("round %d\n%s\n%s", round, relay, destinations).doesNotThrowAnyException();
        }
    }

    private static String mutated(String text, Random random) {
        StringBuilder out = new StringBuilder(text.replace("# ", random.nextBoolean() ? "# " : ""));
        for (int change = random.nextInt(4); change > 0; change--) {
            int at = random.nextInt(out.length());
            switch (random.nextInt(3)) {
                case 0 -> out.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> out.deleteCharAt(at);
                default -> out.delete(at, Math.min(out.length() - 1, at + random.nextInt(30)));
            }
        }
        return out.toString();
    }
}
