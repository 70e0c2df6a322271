package org.mailrelay.net.kept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummedFileTest {

    private static final String LINES = "first\nsum of all\nd\u00e9j\u00e0\n";

    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsRead() throws IOException {
        Path file = folder.resolve("made/on/the/way");
        SummedFile.write(file, LINES);
        SummedFile.write(file, LINES + "more\n");
        assertThat(SummedFile.read(file, 1_000)).contains(LINES + "more\n");
        assertThat(SummedFile.read(file, 10)).isEmpty();
        try (var all = Files.list(file.getParent())) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void aFileThatWasCutOrChangedAnywhereIsNone() throws IOException {
        Path file = folder.resolve("f");
        SummedFile.write(file, LINES);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i++) {
            Files.write(file, Arrays.copyOf(whole, i));
            assertThat(SummedFile.read(file, 1_000)).as("cut at %d", i).isEmpty();
            byte[] other = whole.clone();
            other[i] ^= 1;
            Files.write(file, other);
            assertThat(SummedFile.read(file, 1_000)).as("changed at %d", i).isEmpty();
        }
    }

    @Test
    void noFileIsSaid() {
        assertThatThrownBy(() -> SummedFile.read(folder.resolve("none"), 1_000)).isInstanceOf(NoSuchFileException.class);
    }
}
