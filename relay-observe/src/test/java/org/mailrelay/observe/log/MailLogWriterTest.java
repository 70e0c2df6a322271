package org.mailrelay.observe.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.settings.RelaySettings;

class MailLogWriterTest {

    @TempDir
    Path folder;

    @Test
    void opensAFileWithThreeLinesAndWritesWhatIsQueuedBeforeItCloses() throws Exception {
        try (var log = writer(folder, 100_000, _ -> {})) {
            log.on(queued(6));
        }
        assertThat(Files.readAllLines(current())).containsExactly(
                "Wed Sep  6 15:13:16 2023 Info: Begin Logfile", "Wed Sep  6 15:13:16 2023 Info: Version: 0.1.0 SN: relay-1",
                "Wed Sep  6 15:13:16 2023 Info: Time offset from UTC: 7200 seconds", "Wed Sep  6 15:13:16 2023 Info: MID 6 queued for delivery");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("mail_logs")))).isEqualTo("rwxr-x---");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(current()))).isEqualTo("rw-r-----");
    }

    @Test
    void rollsBySizeAndKeepsAsManyFilesAsAsked() throws Exception {
        for (int mid = 0; mid < 5; mid++) {
            try (var log = writer(folder, 1, _ -> {})) {
                log.on(queued(mid));
                log.on(queued(mid + 100));
            }
            try (var log = new MailLogFile(settings(folder, 1), ZoneId.of("UTC"), "mail", List.of("Begin Logfile"))) {
                log.append(ByteBuffer.wrap(new byte[] {'x', '\n'}), Samples.AT);
                log.append(ByteBuffer.wrap(new byte[] {'y', '\n'}), Samples.AT);
            }
        }
        try (var files = Files.list(folder.resolve("mail_logs"))) {
            assertThat(files.map(file -> file.getFileName().toString()).toList()).hasSize(3).contains("mail.current").anyMatch(name -> name.startsWith("mail.@20230906T131316"));
        }
    }

    @Test
    void aReaderThatStandsStillDelaysNobodyAndLossesAreCounted() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        var log = writer(folder, 1L << 40, _ -> {
            writing.countDown();
            awaitRelease(released);
        });
        log.on(queued(1));
        writing.await();
        for (int mid = 0; mid < (1 << 17) + 3; mid++) {
            log.on(queued(mid));
        }
        assertThat(log.dropped()).isEqualTo(3);
        released.countDown();
        log.close();
        assertThat(Files.readString(current())).contains("Warning: mail_logs: 3 lines were dropped");
    }

    @Test
    void writesNoSubjectWhereTheOperatorWantsNone() throws Exception {
        var quiet = new RelaySettings.Log(folder, false, false, RelaySettings.LogLevel.INFO, false, 100_000, Duration.ofDays(1), 2);
        try (var log = new MailLogWriter(quiet, ZoneId.of("UTC"), "0.1.0", "relay-1", _ -> {})) {
            log.on(new MessageEvent.SubjectFound(Samples.AT, new Mid(1), "private"));
            log.on(queued(1));
        }
        assertThat(Files.readString(current())).contains("MID 1 queued").doesNotContain("Subject");
    }

    @Test
    void writesJsonLinesIntoAFileOfTheirOwn() throws Exception {
        var both = new RelaySettings.Log(folder, false, true, RelaySettings.LogLevel.INFO, true, 100_000, Duration.ofDays(1), 2);
        try (var log = new MailLogWriter(both, ZoneId.of("UTC"), "0.1.0", "relay-1", _ -> {})) {
            log.on(queued(1));
        }
        assertThat(Files.readAllLines(folder.resolve("mail_logs/mail_json.current"))).containsExactly(
                "{\"time\":\"2023-09-06T13:13:16Z\",\"event\":\"message_queued\",\"level\":\"info\",\"mid\":1,\"recipients\":1,\"bytes\":10}");
    }

    @Test
    void countsLinesThatTheDiskRefuses() throws Exception {
        Path notAFolder = Files.writeString(folder.resolve("file"), "");
        var log = writer(notAFolder, 100_000, _ -> {});
        log.on(queued(1));
        log.close();
        assertThat(log.dropped()).isEqualTo(1);
    }

    private Path current() {
        return folder.resolve("mail_logs/mail.current");
    }

    private static MessageEvent.Queued queued(long mid) {
        return new MessageEvent.Queued(Samples.AT, new Mid(mid), 1, 10);
    }

    private static void awaitRelease(CountDownLatch released) {
        try {
            released.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static RelaySettings.Log settings(Path folder, long rollSize) {
        return new RelaySettings.Log(folder, false, false, RelaySettings.LogLevel.INFO, true, rollSize, Duration.ofDays(1), 2);
    }

    private static MailLogWriter writer(Path folder, long rollSize, MailLogWriter.LineReader second) {
        return new MailLogWriter(settings(folder, rollSize), ZoneId.of("Europe/Berlin"), "0.1.0", "relay-1", second);
    }
}
