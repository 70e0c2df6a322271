package org.mailrelay.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.queue.Spool;

class SpoolCommandTest {

    @TempDir
    Path folder;

    private String printed = "";

    private int run(String... words) throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(conf.resolve("relay.yaml"), "root: " + folder + "\nhostname: relay.example.net\n");
        for (String file : List.of("destinations.yaml", "routes.yaml", "access.yaml")) {
            Files.write(conf.resolve(file), Files.readAllBytes(Path.of("../conf", file)));
        }
        List<String> all = new ArrayList<>(List.of("spool"));
        all.addAll(List.of(words));
        all.addAll(List.of("--conf", conf.toString()));
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        try {
            System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
            System.setErr(System.out);
            return Mailrelay.commandLine().execute(all.toArray(String[]::new));
        } finally {
            System.setOut(out);
            System.setErr(err);
            printed = captured.toString(StandardCharsets.UTF_8);
        }
    }

    private Spool open() throws IOException {
        return Spool.open(new RelaySettings.Spool(folder.resolve("spool"), 1 << 20, 0), _ -> { });
    }

    private void damageTheMiddle() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("spool"))) {
            Path segment = files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
            byte[] sound = Files.readAllBytes(segment);
            Files.write(segment, new byte[100]);
            Files.write(segment, sound, StandardOpenOption.APPEND);
        }
    }

    /// A spool that holds one segment: numbers are reserved with the first state change.
    private void fill() throws IOException {
        try (Spool spool = open()) {
            var mid = spool.takeMid();
            var done = new java.util.concurrent.CompletableFuture<Void>();
            spool.change(List.of(new org.mailrelay.queue.StateChange(mid, 0, new org.mailrelay.queue.RecipientState.Deleted())), () -> done.complete(null));
            done.join();
        }
    }

    @Test
    void withoutASpoolItSaysSo() throws IOException {
        assertThat(run("check")).isEqualTo(1);
        assertThat(printed).contains("there is no spool in " + folder.resolve("spool"));
        assertThat(folder.resolve("spool")).doesNotExist();
    }

    @Test
    void aSpoolInUseIsLeftAlone() throws IOException {
        try (Spool spool = open()) {
            assertThat(run("check")).isEqualTo(1);
            assertThat(printed).contains("a relay uses the spool");
            assertThat(run("repair", "--yes")).isEqualTo(1);
        }
    }

    @Test
    void damageIsToldWithFileAndOffsetAndRepaired() throws IOException {
        fill();
        assertThat(run("check")).isZero();
        assertThat(printed).contains("1 segments, 0 messages").contains("nothing is damaged");
        damageTheMiddle();
        assertThat(run("check")).isEqualTo(1);
        assertThat(printed).contains("segment-0000000000000001.log:0: 100 octets are damaged and left out");
        assertThat(run("check", "--json")).isEqualTo(1);
        assertThat(printed).contains("\"sound\":false").contains("\"severity\":\"critical\",\"file\":\"segment-0000000000000001.log\",\"offset\":0");
        assertThat(run("repair", "--yes")).isZero();
        assertThat(printed).contains("lost: segment-0000000000000001.log:0: 100 octets").contains("kept in " + folder.resolve("spool/damaged"));
        assertThat(run("check")).isZero();
        assertThat(run("repair", "--yes")).isZero();
        assertThat(printed).contains("nothing was changed");
    }
}
