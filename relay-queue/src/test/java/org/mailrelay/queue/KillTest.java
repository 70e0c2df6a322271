package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Mid;

/// A process that stores under load is killed with SIGKILL; what it was told is stored must be there.
class KillTest {

    private static final int ROUNDS = 4;

    @TempDir
    Path folder;

    @Test
    void R_QUE_1_killedUnderLoadNothingAcknowledgedIsLostAndNoBodyIsTorn() throws IOException, InterruptedException {
        Random random = new Random(4711);
        Map<Long, Integer> acknowledged = new HashMap<>();
        long highest = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Map<Long, Integer> now = storeUntilKilled(20 + random.nextInt(400));
            assertThat(now.keySet()).as("numbers rise over the crash").allMatch(beyond(highest));
            acknowledged.putAll(now);
            highest = now.keySet().stream().mapToLong(Long::longValue).max().orElse(highest);
            assertAllPresent(acknowledged);
        }
        assertThat(acknowledged).hasSizeGreaterThan(ROUNDS * 20);
    }

    private static java.util.function.Predicate<Long> beyond(long highest) {
        return mid -> mid > highest;
    }

    private Map<Long, Integer> storeUntilKilled(int acknowledgements) throws IOException, InterruptedException {
        String java = ProcessHandle.current().info().command().orElseThrow();
        Process process = new ProcessBuilder(java, "-Xmx128m", "-cp", System.getProperty("java.class.path"), KilledStorer.class.getName(), folder.resolve("spool").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            while (lines.size() < acknowledgements) {
                lines.add(out.readLine());
            }
            process.toHandle().destroyForcibly();
            // What it still printed before the signal took effect was acknowledged, too; the last line may be cut.
            out.lines().filter(line -> line.indexOf(' ') > 0).forEach(lines::add);
        }
        process.waitFor();
        lines.removeLast();
        Map<Long, Integer> acknowledged = new HashMap<>();
        lines.forEach(line -> acknowledged.put(Long.valueOf(line.substring(0, line.indexOf(' '))), Integer.valueOf(line.substring(line.indexOf(' ') + 1))));
        return acknowledged;
    }

    private void assertAllPresent(Map<Long, Integer> acknowledged) throws IOException {
        try (Spool spool = Spool.open(Messages.settings(folder.resolve("spool")), problem -> assertThat(problem.isDamage()).as(problem.toString()).isFalse())) {
            for (Map.Entry<Long, Integer> each : acknowledged.entrySet()) {
                assertThat(Messages.body(spool, new Mid(each.getKey())).hashCode()).as("MID " + each.getKey()).isEqualTo(each.getValue());
            }
        }
    }
}
