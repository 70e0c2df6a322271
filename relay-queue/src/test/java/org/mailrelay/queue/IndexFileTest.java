package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailrelay.core.mail.Mid;

/// A start from index files finds what a scan finds, whatever has become of them.
class IndexFileTest {

    private static final SpoolSizes SMALL = new SpoolSizes(16 * 1024, 1024);

    /// Filled once, since each change of a state waits for its sync; every test gets a copy.
    @TempDir
    static Path filled;

    private static final Map<Mid, List<RecipientState>> waiting = new HashMap<>();
    private static final Map<Mid, String> bodies = new HashMap<>();

    @TempDir
    Path folder;

    private final List<SpoolProblem> problems = new ArrayList<>();

    /// Several segments: fresh messages, a large one, some finished in their own or a later segment, some tried, some compacted.
    @BeforeAll
    static void fill() throws IOException {
        try (Spool spool = Spool.open(new RealDisk(), SMALL, Messages.settings(filled), problem -> {
            throw new AssertionError(problem);
        })) {
            List<Mid> all = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                String body = i == 7 ? "large ".repeat(60_000) : ("message " + i + " ").repeat(60);
                Mid mid = Messages.stored(spool, body, 1 + i % 3);
                all.add(mid);
                bodies.put(mid, body);
                if (i % 11 == 3) {
                    Messages.change(spool, all.get(i / 2), 0, new RecipientState.Waiting(i, Messages.RECEIVED.plusSeconds(i), "450 try " + i, i % 2 == 0));
                }
            }
            for (int i = 0; i < 60; i++) {
                if (i % 12 != 7) {
                    for (int recipient = 0; recipient < 1 + i % 3; recipient++) {
                        Messages.change(spool, all.get(i), recipient, new RecipientState.Delivered());
                    }
                }
            }
            for (Mid mid : spool.messages().toList()) {
                waiting.put(mid, spool.states(mid).orElseThrow());
            }
        }
        assertThat(waiting).hasSizeBetween(65, 70);
        Messages.removeIndexes(filled);
    }

    @Test
    void anOrderlyEndLeavesAnIndexForEachSegmentWithMailInIt() throws IOException {
        try (Spool spool = Spool.open(new RealDisk(), SMALL, Messages.settings(folder), _ -> { })) {
            Messages.stored(spool, "the last one", 1);
        }
        List<String> names = segments().stream().map(segment -> IndexFile.of(segment).getFileName().toString()).toList();
        assertThat(files(".index")).extracting(index -> index.getFileName().toString()).isNotEmpty().isSubsetOf(names).contains(names.getLast());
        try (Spool spool = Spool.open(new RealDisk(), SMALL, Messages.settings(folder), _ -> { })) {
            assertThat(spool.messages()).hasSize(waiting.size() + 1);
        }
    }

    @BeforeEach
    void copy() throws IOException {
        try (Stream<Path> all = Files.walk(filled)) {
            for (Path each : all.toList()) {
                Path target = folder.resolve(filled.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
        assertThat(segments()).hasSizeGreaterThan(4);
    }

    @Test
    void aStartFromIndexesFindsWhatAScanFinds() throws IOException {
        assertSame();
        writeIndexes(new RealDisk());
        assertThat(files(".index")).hasSameSizeAs(segments());
        makeBodiesUnreadable();
        assertThat(recovered()).isEqualTo(waiting);
    }

    @Test
    void aReplayReadsTheIndexAndTellsStatesFromLaterSegments() throws IOException {
        writeIndexes(new RealDisk());
        try (Spool spool = open(new RealDisk())) {
            List<QueuedMessage> replayed = new ArrayList<>();
            replayed.addAll(Messages.replayed(spool));
            assertThat(replayed).extracting(QueuedMessage::mid).containsExactlyElementsOf(waiting.keySet().stream().sorted().toList());
            for (QueuedMessage message : replayed) {
                QueuedMessage loaded = spool.load(message.mid()).orElseThrow();
                assertThat(message.states()).isEqualTo(loaded.states());
                assertThat(message.envelope()).isEqualTo(loaded.envelope());
                assertThat(message.origin()).isEqualTo(loaded.origin());
                assertThat(message.bodyLength()).isEqualTo(loaded.bodyLength());
            }
        }
    }

    @Test
    void anIndexThatIsCutOrChangedAnywhereIsPassedOver() throws IOException {
        writeIndexes(new RealDisk());
        Path index = files(".index").get(1);
        byte[] sound = Files.readAllBytes(index);
        for (int at = 0; at < sound.length; at += 97) {
            byte[] changed = sound.clone();
            changed[at] ^= 4;
            Files.write(index, changed);
            assertThat(recovered()).as("octet %d changed", at).isEqualTo(waiting);
            Files.write(index, java.util.Arrays.copyOf(sound, at));
            assertThat(recovered()).as("cut at %d", at).isEqualTo(waiting);
        }
    }

    @Test
    void theIndexOfAnotherSegmentIsPassedOver() throws IOException {
        writeIndexes(new RealDisk());
        List<Path> indexes = files(".index");
        Files.copy(indexes.get(0), indexes.get(2), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(recovered()).isEqualTo(waiting);
    }

    @Test
    void anIndexWithoutItsSegmentAndOneUnfinishedAreRemoved() throws IOException {
        Files.writeString(folder.resolve("segment-00000000000000ff.index"), "of a segment that is gone");
        Files.writeString(folder.resolve("segment-0000000000000002.index.new"), "half");
        assertSame();
        assertThat(folder.resolve("segment-00000000000000ff.index")).doesNotExist();
        assertThat(folder.resolve("segment-0000000000000002.index.new")).doesNotExist();
    }

    @Test
    void aDamagedSegmentGetsNoIndexSoThatEachStartSaysSo() throws IOException {
        Path damaged = segments().get(1);
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 1;
        Files.write(damaged, bytes);
        writeIndexes(new RealDisk());
        assertThat(files(".index")).hasSize(segments().size() - 1);
        recovered();
        assertThat(problems).extracting(SpoolProblem::file).contains(String.valueOf(damaged.getFileName()));
    }

    static List<Integer> operations() {
        return IntStream.range(0, 30).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void aCrashAnywhereWhileIndexesAreWrittenCostsNothing(int operation) throws IOException {
        StoppingDisk disk = new StoppingDisk(operation);
        try {
            writeIndexes(disk);
        } catch (StoppingDisk.Stopped _) {
            assertThat(disk.stopped()).isTrue();
        }
        assertSame();
    }

    private void assertSame() throws IOException {
        assertThat(recovered()).isEqualTo(waiting);
        assertThat(problems).isEmpty();
        try (Spool spool = open(new RealDisk())) {
            for (Mid mid : waiting.keySet()) {
                assertThat(Messages.body(spool, mid)).isEqualTo(bodies.get(mid));
            }
        }
    }

    private Map<Mid, List<RecipientState>> recovered() throws IOException {
        SpoolFolder open = SpoolFolder.open(folder);
        Recovery.Result result = new Recovery(new RealDisk(), open, problems::add).run();
        Map<Mid, List<RecipientState>> found = new HashMap<>();
        for (Entry entry : result.index().all()) {
            found.put(entry.number(), MessageReader.load(entry).states());
        }
        for (Segment each : result.index().segments().all()) {
            each.close();
        }
        open.close();
        return found;
    }

    private void writeIndexes(Disk disk) throws IOException {
        for (Path path : segments()) {
            Disk.DiskFile file = new RealDisk().openForReading(path);
            Segment segment = new Segment(Segment.id(String.valueOf(path.getFileName())), path, file, file.size());
            IndexFile.write(disk, segment);
            segment.close();
        }
    }

    /// Only one who reads the segments would notice: the heads, which the test reads, are left alone.
    private void makeBodiesUnreadable() throws IOException {
        for (Path path : segments()) {
            byte[] bytes = Files.readAllBytes(path);
            String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
            Files.write(path, text.replace("message 1", "mess*ge 1").getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        }
    }

    private Spool open(Disk disk) throws IOException {
        return Spool.open(disk, SMALL, Messages.settings(folder), problems::add);
    }

    private List<Path> segments() throws IOException {
        return files(".log");
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }
}
