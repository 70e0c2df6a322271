package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Mid;

/// A process that dies before or behind a named step: of a write, a sync, a compaction (copied, synced, old segment deleted), a large body, the reserve.
/// At each the folder is copied as it stands; a spool that is opened on the copy knows all that was acknowledged and nothing that was done.
@Timeout(120)
class CrashPointsTest {

    private static final SpoolSizes SIZES = new SpoolSizes(16 * 1024, 16 * 1024);
    private static final int LARGE = BodyWriter.IN_MEMORY + 10_000;

    @TempDir
    Path work;

    private final Map<Mid, String> acknowledged = new ConcurrentHashMap<>();
    private final Set<Mid> asked = ConcurrentHashMap.newKeySet();
    private final Set<Mid> done = ConcurrentHashMap.newKeySet();
    private final List<Image> images = new CopyOnWriteArrayList<>();

    /// @param owed what is certainly in the queue
    /// @param gone what is certainly no longer
    private record Image(String point, Path folder, Map<Mid, String> owed, Set<Mid> gone) {}

    /// Copies the folder at the 1st, 2nd, 4th, 8th, ... time of each named step; no step is half done in a copy.
    private final class PhotographedDisk extends SteeredDisk {

        private final Path folder;
        private final ReadWriteLock steps = new ReentrantReadWriteLock();
        private final Map<String, Integer> times = new HashMap<>();
        private final CountDownLatch bodyDeleted = new CountDownLatch(1);
        private final CountDownLatch reserveSet = new CountDownLatch(1);

        PhotographedDisk(Path folder) {
            this.folder = folder;
        }

        @Override
        void before(Operation operation, Path path, long octets) {
            if (operation.changes()) {
                look("before " + operation + " of " + kind(path));
                steps.readLock().lock();
            }
        }

        @Override
        void after(Operation operation, Path path) {
            if (operation.changes()) {
                steps.readLock().unlock();
                look("behind " + operation + " of " + kind(path));
                if (operation == Operation.DELETE && kind(path).equals("body")) {
                    bodyDeleted.countDown();
                }
                if (operation == Operation.SYNC && kind(path).equals("reserve")) {
                    reserveSet.countDown();
                }
            }
        }

        private String kind(Path path) {
            String name = path.getFileName().toString();
            return path.equals(folder) ? "folder" : Segment.isName(name) ? "segment" : name.startsWith("body-") ? "body" : name;
        }

        private void look(String point) {
            steps.writeLock().lock();
            try {
                int time = times.merge(point, 1, Integer::sum);
                if (Integer.bitCount(time) == 1) {
                    Map<Mid, String> owed = new HashMap<>(acknowledged);
                    Set<Mid> gone = Set.copyOf(done);
                    Path copy = copied(images.size());
                    owed.keySet().removeAll(asked);
                    images.add(new Image(point + ", time " + time, copy, owed, gone));
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            } finally {
                steps.writeLock().unlock();
            }
        }

        private Path copied(int number) throws IOException {
            Path to = work.resolve("image-" + number);
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList()) {
                    Files.copy(file, to.resolve(folder.relativize(file).toString()));
                }
            }
            return to;
        }
    }

    @Test
    void atEachNamedStepWhatWasAcknowledgedIsThereAndWhatWasDoneIsNot() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(work.resolve("spool"));
        PhotographedDisk disk = new PhotographedDisk(folder);
        try (Spool spool = Spool.open(disk, SIZES, Messages.settings(folder), _ -> { })) {
            assertThat(disk.reserveSet.await(20, TimeUnit.SECONDS)).isTrue();
            for (int round = 0; round < 6; round++) {
                fillAndFinish(spool, round);
            }
            assertThat(disk.bodyDeleted.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(points()).contains("before APPEND of segment", "behind APPEND of segment", "before SYNC of segment", "behind SYNC of segment", "before DELETE of segment",
                "behind DELETE of segment", "before SYNC_FOLDER of folder", "behind SYNC_FOLDER of folder", "behind CREATE of segment", "behind CREATE of body",
                "behind APPEND of body", "before SYNC of body", "behind SYNC of body", "before DELETE of body", "behind DELETE of body", "behind CREATE of reserve",
                "behind APPEND of reserve", "behind SYNC of reserve");
        for (Image image : images) {
            assertRecovered(image);
        }
    }

    private Set<String> points() {
        return images.stream().map(image -> image.point().substring(0, image.point().indexOf(','))).collect(Collectors.toCollection(TreeSet::new));
    }

    /// Many small messages and a large one; all but each tenth leave, and what stays is copied out of its segments.
    private void fillAndFinish(Spool spool, int round) throws IOException {
        List<Mid> stored = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            stored.add(store(spool, i == 30 ? "x".repeat(LARGE + round) : ("round " + round + " message " + i + " ").repeat(60)));
        }
        List<Mid> leaving = stored.stream().filter(mid -> mid.value() % 10 != 0).toList();
        for (int from = 0; from < leaving.size(); from += 10) {
            List<Mid> some = leaving.subList(from, Math.min(leaving.size(), from + 10));
            asked.addAll(some);
            Messages.finish(spool, some);
            done.addAll(some);
        }
    }

    private Mid store(Spool spool, String text) throws IOException {
        NewMessage message = Messages.message(spool, text, 1);
        assertThat(Messages.store(spool, message).join()).isInstanceOf(Messages.Answer.Stored.class);
        acknowledged.put(message.mid(), text);
        return message.mid();
    }

    private static void assertRecovered(Image image) throws IOException {
        List<SpoolProblem> problems = new CopyOnWriteArrayList<>();
        try (Spool spool = Spool.open(new RealDisk(), SIZES, Messages.settings(image.folder()), problems::add)) {
            Set<Mid> there = spool.messages().collect(Collectors.toCollection(HashSet::new));
            assertThat(there).as(image.point()).containsAll(image.owed().keySet()).doesNotContainAnyElementsOf(image.gone().isEmpty() ? Set.of(new Mid(Long.MAX_VALUE)) : image.gone());
            for (Map.Entry<Mid, String> each : image.owed().entrySet()) {
                assertThat(Messages.body(spool, each.getKey()).equals(each.getValue())).as(image.point() + ": body of " + each.getKey()).isTrue();
            }
        }
        assertThat(problems).as(image.point()).isEmpty();
    }
}
