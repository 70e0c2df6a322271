package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.queue.Spool;

class FaultsTest {

    private static final Instant NOW = Instant.parse("2026-11-25T04:00:00Z");

    private final List<MailEvent> told = new ArrayList<>();
    private int ended;
    private final Faults faults = new Faults(told::add, () -> NOW, () -> ended++);

    @ParameterizedTest
    @CsvSource({"spool-writer, true", "spool-keeper, true", "queue-take-up, true", "plan example.com, false", "delivery-timer, false", "'', false"})
    void aBugIsToldAndEndsTheProcessWithAThreadThatMailCannotDoWithout(String name, boolean vital) throws InterruptedException {
        Thread thread = Thread.ofPlatform().name(name).unstarted(() -> {
            throw new IllegalStateException("no segment");
        });
        thread.setUncaughtExceptionHandler(faults);
        thread.start();
        thread.join();
        assertThat(told).containsExactly(new SystemEvent.Fault(NOW, name, "java.lang.IllegalStateException: no segment", vital));
        assertThat(ended).isEqualTo(vital ? 1 : 0);
    }

    /// The heap may be full.
    @Test
    void theProcessEndsEvenWhereNothingCanBeTold() {
        Faults mute = new Faults(_ -> {
            throw new OutOfMemoryError("Java heap space");
        }, () -> NOW, () -> ended++);
        Thread thread = Thread.ofPlatform().name("spool-writer").unstarted(() -> { });
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> mute.uncaughtException(thread, new StackOverflowError()))).isInstanceOf(OutOfMemoryError.class);
        assertThat(ended).isEqualTo(1);
    }

    /// A thread that was given another name would be vital no longer, and nobody would see it.
    @Test
    void theThreadsOfTheSpoolAreCalledSo(@TempDir Path folder) throws Exception {
        try (Spool spool = Spool.open(new RelaySettings.Spool(folder.resolve("spool"), 1L << 30, 1 << 20), _ -> { })) {
            Set<String> names = Thread.getAllStackTraces().keySet().stream().map(Thread::getName).collect(Collectors.toSet());
            assertThat(names).contains("spool-writer", "spool-keeper");
            assertThat(Faults.VITAL).contains("spool-writer", "spool-keeper");
        }
    }
}
