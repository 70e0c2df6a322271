package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The four files with anything in them, in this order, parted by lines of three dashes: settings, or mistakes with their places, and never a throw.
class SettingsFuzzTest {

    private static final String[] FILES = {"relay.yaml", "destinations.yaml", "routes.yaml", "access.yaml"};

    @FuzzTest(maxDuration = "1m")
    void files(byte[] input) throws IOException {
        Path folder = Files.createTempDirectory("mailrelay-fuzz");
        try {
            String[] texts = new String(input, java.nio.charset.StandardCharsets.ISO_8859_1).split("\n---\n", FILES.length);
            for (int i = 0; i < FILES.length; i++) {
                Files.writeString(folder.resolve(FILES[i]), i < texts.length ? texts[i] : "", java.nio.charset.StandardCharsets.ISO_8859_1);
            }
            switch (ConfigLoader.load(folder, Map.of())) {
                case ConfigLoader.Loaded loaded -> assertThat(loaded.settings().relay().hostname().isFullyQualified()).isTrue();
                case ConfigLoader.Refused refused -> assertThat(refused.problems()).isNotEmpty().allSatisfy(problem -> assertThat(problem.toString()).isNotEmpty());
            }
        } finally {
            for (String file : FILES) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.deleteIfExists(folder);
        }
    }
}
