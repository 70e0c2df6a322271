package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Mid;

/// A log of three messages, one of them finished, cut and damaged at every octet.
class RecoveryTest {

    @TempDir
    Path origin;

    @TempDir
    Path damaged;

    private byte[] log = {};
    private Path segment = Path.of("");
    private final List<Long> acknowledgedAt = new ArrayList<>();
    private final List<Mid> stored = new ArrayList<>();
    private long finishedAt;

    @BeforeEach
    void recordALog() throws IOException {
        try (Spool spool = Spool.open(Messages.settings(origin), _ -> { })) {
            for (String text : List.of("first\r\n", "second\r\n", "third\r\n")) {
                stored.add(Messages.stored(spool, text, 1));
                segment = onlySegment();
                acknowledgedAt.add(Files.size(segment));
            }
            Messages.change(spool, stored.getFirst(), 0, new RecipientState.Delivered());
            finishedAt = Files.size(segment);
        }
        log = Files.readAllBytes(segment);
    }

    @Test
    void R_QUE_4_fromEveryPrefixAllThatWasAcknowledgedByThenComesBack() throws IOException {
        for (int length = 0; length <= log.length; length++) {
            Set<Mid> found = recovered(Arrays.copyOf(log, length), new ArrayList<>());
            for (int i = 0; i < stored.size(); i++) {
                boolean finished = i == 0 && length >= finishedAt;
                if (length >= acknowledgedAt.get(i)) {
                    assertThat(found.contains(stored.get(i))).as("message %d of a log cut at %d", i, length).isEqualTo(!finished);
                } else {
                    assertThat(found).as("cut at %d", length).doesNotContain(stored.get(i));
                }
            }
        }
    }

    @Test
    void R_QUE_4_aFlippedOctetCostsItsOwnRecordAndIsReported() throws IOException {
        for (int at = 0; at < log.length; at++) {
            byte[] bytes = log.clone();
            bytes[at] ^= 0x10;
            List<SpoolProblem> problems = new ArrayList<>();
            Set<Mid> found = recovered(bytes, problems);
            long lost = stored.stream().skip(1).filter(mid -> !found.contains(mid)).count();
            assertThat(lost).as("octet %d flipped", at).isLessThanOrEqualTo(1);
            if (lost == 1) {
                assertThat(problems).as("octet %d flipped", at).hasSize(1);
                assertThat(problems.getFirst().offset()).isLessThanOrEqualTo(at);
            }
        }
    }

    private Set<Mid> recovered(byte[] bytes, List<SpoolProblem> problems) throws IOException {
        Path folder = damaged.resolve("spool");
        SpoolFolder open = SpoolFolder.open(folder);
        Path copy = folder.resolve(segment.getFileName());
        Files.write(copy, bytes);
        Recovery.Result result = new Recovery(new RealDisk(), open, problems::add).run();
        for (Segment each : result.index().segments().all()) {
            each.close();
        }
        open.close();
        Files.move(copy, damaged.resolve("last.log"), StandardCopyOption.REPLACE_EXISTING);
        return result.index().all().stream().map(Entry::number).collect(Collectors.toSet());
    }

    private Path onlySegment() throws IOException {
        try (var files = Files.list(origin)) {
            return files.filter(f -> Segment.isName(f.getFileName().toString())).findFirst().orElseThrow();
        }
    }
}
