package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Mid;

/// Damage costs what is damaged, is told with file and offset, and nothing of it is thrown away.
class DamageTest {

    private static final SpoolSizes SMALL = new SpoolSizes(16 * 1024, 1024);

    @TempDir
    Path folder;

    private final Map<Mid, String> stored = new HashMap<>();
    private final List<Path> segments = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException {
        try (Spool spool = open(new ArrayList<>())) {
            for (int i = 0; i < 60; i++) {
                String body = i == 30 ? "large ".repeat(60_000) : ("message " + i + " ").repeat(60);
                stored.put(Messages.stored(spool, body, 1), body);
            }
        }
        Messages.removeIndexes(folder);
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.toString().endsWith(".log")).sorted().forEach(segments::add);
        }
        assertThat(segments).hasSizeGreaterThan(2);
    }

    @Test
    void aSoundSpoolIsSound() throws IOException {
        SpoolCheck.Report report = SpoolCheck.run(folder);
        assertThat(report.problems()).isEmpty();
        assertThat(report.messages()).isEqualTo(60);
        assertThat(report.segments()).isEqualTo(segments.size());
        assertThat(SpoolRepair.run(folder)).isEmpty();
        assertThat(found()).isEqualTo(stored.keySet());
    }

    @Test
    void aFlippedOctetInABodyIsToldWithTheMessageItBelongsTo() throws IOException {
        Mid mid = damage(segments.get(1), "message 22 ", text -> text.replace("message 22 mes", "message 22 mEs"));
        SpoolProblem problem = SpoolCheck.run(folder).problems().getFirst();
        assertThat(problem.file()).isEqualTo(String.valueOf(segments.get(1).getFileName()));
        assertThat(problem.offset()).isGreaterThan(0);
        assertThat(problem.detail()).startsWith("MID " + mid + ": ");
    }

    @Test
    void theRestOfADamagedSegmentStaysInTheQueueAndTheSegmentIsSetAsideWhenItIsEmpty() throws IOException {
        Mid lost = damage(segments.get(1), "message 22 ", text -> text.replace("message 22 mes", "message 22 mEs"));
        List<SpoolProblem> problems = new ArrayList<>();
        try (Spool spool = open(problems)) {
            assertThat(problems).hasSize(1);
            TreeSet<Mid> rest = new TreeSet<>(java.util.Comparator.comparing(Mid::value));
            rest.addAll(stored.keySet());
            rest.remove(lost);
            assertThat(spool.messages()).containsExactlyElementsOf(rest);
            Messages.finish(spool, List.copyOf(rest));
            Messages.stored(spool, "more", 1);
        }
        assertThat(folder.resolve("damaged").resolve(segments.get(1).getFileName())).exists();
        assertThat(segments.get(0)).doesNotExist();
    }

    @Nested
    class Repaired {

        @Test
        void aFlippedOctet() throws IOException {
            Mid lost = damage(segments.get(0), "message 3 ", text -> text.replace("message 3 mes", "message 3 mEs"));
            repairLosesOnly(lost);
        }

        @Test
        void aSegmentThatIsCut() throws IOException {
            byte[] bytes = Files.readAllBytes(segments.get(1));
            Files.write(segments.get(1), Arrays.copyOf(bytes, bytes.length / 2));
            TreeSet<Mid> before = found();
            assertThat(before.size()).isBetween(40, 59);
            SpoolRepair.run(folder);
            assertThat(found()).isEqualTo(before);
        }

        @Test
        void aRangeOfZeros() throws IOException {
            byte[] bytes = Files.readAllBytes(segments.get(1));
            Arrays.fill(bytes, 2_000, 6_096, (byte) 0);
            Files.write(segments.get(1), bytes);
            TreeSet<Mid> before = found();
            assertThat(before.size()).isBetween(50, 58);
            List<SpoolProblem> lost = SpoolRepair.run(folder);
            assertThat(lost).hasSize(1);
            assertThat(lost.getFirst().offset()).isLessThanOrEqualTo(2_000);
            assertThat(found()).isEqualTo(before);
            assertThat(SpoolCheck.run(folder).problems()).isEmpty();
            assertThat(folder.resolve("damaged").resolve(segments.get(1).getFileName())).hasBinaryContent(bytes);
        }

        @Test
        void segmentsThatHaveChangedPlaces() throws IOException {
            Path between = folder.resolve("between");
            Files.move(segments.get(0), between);
            Files.move(segments.get(1), segments.get(0));
            Files.move(between, segments.get(1));
            SpoolRepair.run(folder);
            assertThat(found()).isEqualTo(new TreeSet<>(stored.keySet()));
        }

        @Test
        void aLargeBodyThatIsNotWhatWasStored() throws IOException {
            Path body = body();
            byte[] bytes = Files.readAllBytes(body);
            bytes[99_999] ^= 1;
            Files.write(body, bytes);
            repairLosesOnly(new Mid(Long.parseLong(String.valueOf(body.getFileName()).substring(5))));
            assertThat(folder.resolve("damaged").resolve(body.getFileName())).hasBinaryContent(bytes);
        }

        @Test
        void aLargeBodyThatIsGone() throws IOException {
            Path body = body();
            Files.delete(body);
            repairLosesOnly(new Mid(Long.parseLong(String.valueOf(body.getFileName()).substring(5))));
        }

        @Test
        void aLargeBodyIsKeptWhereTheRecordThatNamesItIsLost() throws IOException {
            Path body = body();
            String name = String.valueOf(body.getFileName());
            for (Path segment : segments) {
                String text = Files.readString(segment, java.nio.charset.StandardCharsets.ISO_8859_1);
                Files.writeString(segment, text.replace(name, "x" + name.substring(1)), java.nio.charset.StandardCharsets.ISO_8859_1);
            }
            repairLosesOnly(new Mid(Long.parseLong(name.substring(5))));
            assertThat(folder.resolve("damaged").resolve(name)).exists();
        }

        private void repairLosesOnly(Mid lost) throws IOException {
            assertThat(SpoolCheck.run(folder).sound()).isFalse();
            List<SpoolProblem> told = SpoolRepair.run(folder);
            assertThat(told).hasSize(1);
            assertThat(SpoolCheck.run(folder).problems()).isEmpty();
            TreeSet<Mid> rest = new TreeSet<>(java.util.Comparator.comparing(Mid::value));
            rest.addAll(stored.keySet());
            rest.remove(lost);
            assertThat(found()).isEqualTo(rest);
        }
    }

    @Test
    void aSpoolInUseIsNeitherCheckedNorRepaired() throws IOException {
        try (Spool spool = open(new ArrayList<>())) {
            assertThatThrownBy(() -> SpoolCheck.run(folder)).isInstanceOf(SpoolInUseException.class);
            assertThatThrownBy(() -> SpoolRepair.run(folder)).isInstanceOf(SpoolInUseException.class);
        }
    }

    @Test
    void aCheckChangesNothing() throws IOException {
        Files.writeString(folder.resolve("bodies/body-99"), "an orphan");
        damage(segments.get(1), "message 22 ", text -> text.replace("message 22 mes", "message 22 mEs"));
        Map<Path, Long> before = contents();
        SpoolCheck.run(folder);
        assertThat(contents()).isEqualTo(before);
    }

    private Map<Path, Long> contents() throws IOException {
        Map<Path, Long> contents = new HashMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file, (long) Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private Path body() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("bodies"))) {
            return files.findFirst().orElseThrow();
        }
    }

    private Mid damage(Path segment, String body, java.util.function.UnaryOperator<String> how) throws IOException {
        String before = Files.readString(segment, java.nio.charset.StandardCharsets.ISO_8859_1);
        String after = how.apply(before);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(segment, after, java.nio.charset.StandardCharsets.ISO_8859_1);
        return stored.entrySet().stream().filter(each -> each.getValue().startsWith(body)).findFirst().orElseThrow().getKey();
    }

    private TreeSet<Mid> found() throws IOException {
        TreeSet<Mid> found = new TreeSet<>(java.util.Comparator.comparing(Mid::value));
        Path copy = folder.resolveSibling(folder.getFileName() + "-copy");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(folder.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        try (Spool spool = Spool.open(new RealDisk(), SMALL, Messages.settings(copy), _ -> { })) {
            for (Mid mid : spool.messages().toList()) {
                assertThat(Messages.body(spool, mid)).isEqualTo(stored.get(mid));
                found.add(mid);
            }
        }
        try (Stream<Path> files = Files.walk(copy)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        return found;
    }

    private Spool open(List<SpoolProblem> problems) throws IOException {
        return Spool.open(new RealDisk(), SMALL, Messages.settings(folder), problems::add);
    }
}
