package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Mid;

class BodySourceTest {

    private static final int LARGE = BodyWriter.IN_MEMORY + 1_000;

    @TempDir
    Path folder;

    private final List<SpoolProblem> problems = new CopyOnWriteArrayList<>();

    /// What is read of a body, and which files were opened or closed for it.
    private static final class ReadingDisk extends SteeredDisk {
        private final List<Operation> seen = new CopyOnWriteArrayList<>();
        private final List<Long> sizes = new CopyOnWriteArrayList<>();

        @Override
        void before(Operation operation, Path path, long octets) {
            if (!operation.changes()) {
                seen.add(operation);
            }
            if (operation == Operation.READ) {
                sizes.add(octets);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, LARGE})
    void costsNoDiskOperationBeforeTheFirstRead(int octets) throws IOException {
        ReadingDisk disk = new ReadingDisk();
        try (Spool spool = Spool.open(disk, SpoolSizes.of(1 << 30, 1 << 30), Messages.settings(folder), problems::add)) {
            Mid mid = Messages.stored(spool, "x".repeat(octets), 1);
            spool.releaseMemory(mid);
            disk.seen.clear();
            try (BodySource unread = spool.body(mid).orElseThrow()) {
                assertThat(unread.length()).isEqualTo(octets);
                assertThat(unread.inMemory()).isEmpty();
            }
            assertThat(disk.seen).isEmpty();
            try (BodySource read = spool.body(mid).orElseThrow()) {
                read.read(ByteBuffer.allocate(octets));
                assertThat(read.intact()).isTrue();
            }
            assertThat(disk.seen).contains(SteeredDisk.Operation.READ);
        }
    }

    @Test
    void readsAsMuchAsIsAskedForInOneOperation() throws IOException {
        ReadingDisk disk = new ReadingDisk();
        try (Spool spool = Spool.open(disk, SpoolSizes.of(1 << 30, 1 << 30), Messages.settings(folder), problems::add)) {
            Mid mid = Messages.stored(spool, "x".repeat(3 * LARGE), 1);
            disk.sizes.clear();
            try (BodySource body = spool.body(mid).orElseThrow()) {
                ByteBuffer piece = ByteBuffer.allocate(256 * 1024);
                while (body.read(piece.clear()) >= 0) {
                    continue;
                }
                assertThat(body.intact()).isTrue();
            }
            assertThat(disk.sizes).containsExactly(262_144L, 262_144L, 262_144L, 3L * LARGE - 3 * 262_144);
        }
    }

    @Test
    void aMessageThatLeavesBeforeTheFirstReadIsNotFound() throws IOException {
        try (Spool spool = Spool.open(Messages.settings(folder), problems::add)) {
            Mid mid = Messages.stored(spool, "x".repeat(1_000), 1);
            spool.releaseMemory(mid);
            try (BodySource body = spool.body(mid).orElseThrow()) {
                Messages.change(spool, mid, 0, new RecipientState.Delivered());
                assertThatThrownBy(() -> body.read(ByteBuffer.allocate(10))).isInstanceOf(IOException.class).hasMessageContaining("no longer in the queue");
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void damageIsToldWithFileAndMessageOnceTheBodyWasReadToItsEnd() throws IOException {
        try (Spool spool = Spool.open(Messages.settings(folder), problems::add)) {
            Mid mid = Messages.stored(spool, "x".repeat(LARGE), 1);
            Path file = folder.resolve("bodies").resolve(Bodies.name(mid.value()));
            List<Path> found = new ArrayList<>();
            try (var files = Files.walk(folder)) {
                files.filter(each -> each.getFileName().equals(file.getFileName())).forEach(found::add);
            }
            Files.write(found.getFirst(), new byte[] {'y'}, StandardOpenOption.WRITE);
            try (BodySource body = spool.body(mid).orElseThrow()) {
                ByteBuffer all = ByteBuffer.allocate(LARGE);
                while (body.read(all) >= 0) {
                    continue;
                }
                assertThat(body.intact()).isFalse();
            }
            assertThat(problems).singleElement().satisfies(problem -> {
                assertThat(problem.severity()).isEqualTo(SpoolProblem.Severity.CRITICAL);
                assertThat(problem.file()).isEqualTo("bodies/body-" + mid.value());
                assertThat(problem.detail()).isEqualTo("MID " + mid.value() + ": the body is not what was stored");
            });
        }
    }
}
