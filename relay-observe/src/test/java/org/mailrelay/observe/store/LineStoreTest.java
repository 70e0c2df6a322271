package org.mailrelay.observe.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.testkit.time.ManualClock;

class LineStoreTest {

    private static final Instant AT = Instant.parse("2026-01-17T12:00:00Z");

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(AT);

    private LineStore store(long most) {
        return new LineStore(folder.resolve("kept"), "lines", new LineStore.Bounds(Duration.ofDays(7), most), clock);
    }

    private static List<String> read(LineStore store, Reach question) throws IOException {
        List<String> lines = new ArrayList<>();
        store.read(question, lines::add);
        return lines;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("kept"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void givesBackWhatWasAppendedAlsoAfterARestart() throws IOException {
        try (LineStore store = store(1 << 20)) {
            store.append(AT, 1, 2, 0, "first, with \u00e4");
            assertThat(read(store, Reach.ALL)).containsExactly("first, with \u00e4");
            store.append(AT, 2, 0, 3, "second");
        }
        try (LineStore store = store(1 << 20)) {
            store.append(AT, 3, 0, 0, "third");
            assertThat(read(store, Reach.ALL)).containsExactly("first, with \u00e4", "second", "third");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("kept")))).isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst()))).isEqualTo("rw-------");
    }

    @Test
    void writesABlockASecondAfterItsFirstLine() throws IOException {
        try (LineStore store = store(1 << 20)) {
            store.append(AT, 1, 0, 0, "line");
            store.look();
            assertThat(folder.resolve("kept")).doesNotExist();
            clock.advance(Duration.ofSeconds(1));
            store.look();
            assertThat(files()).hasSize(1);
        }
    }

    @Test
    void opensOnlyBlocksThatMayAnswer() throws IOException {
        try (LineStore store = store(1 << 24)) {
            for (int mid = 1; mid <= 30_000; mid++) {
                store.append(AT.plusMillis(mid), mid, 0, 0, "MID " + mid + " " + "x".repeat(50));
            }
            Reach one = new Reach(Reach.Span.ALL, Reach.Span.of(17), Reach.Span.NOTHING, Reach.Span.NOTHING);
            assertThat(read(store, one)).hasSizeLessThan(6_000).anyMatch(line -> line.startsWith("MID 17 "));
            assertThat(read(store, Reach.ALL)).hasSize(30_000);
        }
    }

    @Test
    void deletesTheOldestFilesBySizeAndAge() throws IOException {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        try (LineStore store = store(64_000)) {
            for (int n = 0; n < 200; n++) {
                StringBuilder noise = new StringBuilder();
                random.ints(1_000, 33, 126).forEach(c -> noise.append((char) c));
                store.append(clock.instant(), n + 1, 0, 0, noise.toString());
                clock.advance(Duration.ofSeconds(2));
                store.look();
            }
        }
        long total = 0;
        for (Path file : files()) {
            total += Files.size(file);
        }
        assertThat(total).isLessThanOrEqualTo(64_000 + 2_000);
        Files.setLastModifiedTime(files().getFirst(), FileTime.from(AT.minus(Duration.ofDays(8))));
        Path oldest = files().getFirst();
        try (LineStore store = store(1 << 20)) {
            store.append(clock.instant(), 1, 0, 0, "new");
        }
        assertThat(oldest).doesNotExist();
    }

    @Test
    void whatIsDamagedEndsItsFileAndNoOther() throws IOException {
        for (int n = 0; n < 3; n++) {
            try (LineStore store = store(1 << 20)) {
                store.append(AT, n + 1, 0, 0, "one " + n);
                read(store, Reach.ALL);
                store.append(AT, n + 1, 0, 0, "two " + n);
            }
            clock.advance(Duration.ofSeconds(1));
        }
        byte[] second = Files.readAllBytes(files().get(1));
        for (int at = 0; at < second.length; at++) {
            byte[] damaged = second.clone();
            damaged[at] ^= 0x55;
            Files.write(files().get(1), damaged);
            try (LineStore store = store(1 << 20)) {
                assertThat(read(store, Reach.ALL)).as("octet %d", at).contains("one 0", "two 0", "one 2", "two 2").doesNotHaveDuplicates()
                        .isSubsetOf("one 0", "two 0", "one 1", "two 1", "one 2", "two 2");
            }
        }
        for (int length = 0; length < second.length; length++) {
            Files.write(files().get(1), java.util.Arrays.copyOf(second, length));
            try (LineStore store = store(1 << 20)) {
                assertThat(read(store, Reach.ALL)).as("cut at %d", length).contains("one 0", "two 0", "one 2", "two 2").doesNotContain("two 1");
            }
        }
    }

    @Test
    void countsWhatTheDiskRefusesAndGoesOn() throws IOException {
        Files.writeString(folder.resolve("kept"), "a file in the folder's place");
        try (LineStore store = store(1 << 20)) {
            store.append(AT, 1, 0, 0, "lost");
            clock.advance(Duration.ofSeconds(2));
            store.look();
            assertThat(store.lost()).isEqualTo(1);
            Files.delete(folder.resolve("kept"));
            store.append(AT, 1, 0, 0, "kept");
            assertThat(read(store, Reach.ALL)).containsExactly("kept");
        }
    }
}
