package org.mailrelay.app.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The ways to crash. Each method runs some rounds of one way on one spool, lets everything arrive, and asks the oracle.
final class Rounds {

    /// The smaller the spool, the smaller its segments: they are filled, compacted and deleted all the time.
    private static final String SMALL = "48MiB";
    private static final long RECOVERY_OCTETS = 400_000_000;
    private static final int RECOVERY_FILL_SECONDS = 90;
    private static final int STARTS = 3;
    private static final List<String> STRACE = List.of("strace", "-f", "-qq", "-o", "/dev/null");
    private static final List<Path> FAKETIME = List.of(Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"), Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"));

    private final Path launcher;
    private final Path work;
    private final Random random;
    private int scenarios;

    Rounds(Path launcher, Path work, Random random) {
        this.launcher = launcher;
        this.work = work;
        this.random = random;
    }

    sealed interface Result {
        /// @param missed rounds whose crash did not come at its point, and was made up for by a kill
        record Done(int rounds, int missed, Oracle.Verdict verdict, Path folder) implements Result {}
        /// This machine does not allow it.
        record Skipped(String why) implements Result {}
    }

    private interface Round {
        void run(Scenario scenario) throws IOException, InterruptedException;
    }

    private Result on(int rounds, Round round) throws IOException, InterruptedException {
        Path folder = folder();
        return on(folder, folder.resolve("spool"), SMALL, rounds, round);
    }

    private Path folder() throws IOException {
        return Files.createDirectories(work.resolve("scenario-" + ++scenarios));
    }

    private Result on(Path folder, Path spool, String most, int rounds, Round round) throws IOException, InterruptedException {
        try (Scenario scenario = new Scenario(launcher, folder, spool, most)) {
            for (int i = 0; i < rounds; i++) {
                round.run(scenario);
            }
            scenario.drain();
            return new Result.Done(rounds, scenario.missed(), scenario.oracle.verdict(), folder);
        }
    }

    /// So many messages are acknowledged before the crash.
    private int some() {
        return 200 + random.nextInt(4_000);
    }

    /// The n-th of something, early or late under the load.
    private int nth() {
        return 1 + random.nextInt(random.nextBoolean() ? 50 : 2_000);
    }

    /// kill -9 while segments are filled, compacted, deleted and indexed.
    Result killUnderLoad(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.DEFER_SOME);
            scenario.relay.start();
            scenario.loadAndKill(some());
        });
    }

    /// The file system stops, as in a power cut, while mail comes and goes.
    Result fileSystemStops(String type, int megabytes, int rounds) throws IOException, InterruptedException {
        return onDisk(type, megabytes, (folder, disk) -> on(folder, disk.mountPoint().resolve("spool"), SMALL, rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.DEFER_SOME);
            scenario.relay.start();
            try (Injector injector = scenario.inject(_ -> { })) {
                scenario.awaitAcknowledged(injector, some());
                cut(scenario, disk);
            }
            again(scenario, disk);
        }));
    }

    private static void cut(Scenario scenario, LoopDisk disk) throws IOException, InterruptedException {
        scenario.oracle.cutBegins();
        if (!disk.shutdown()) {
            throw new IOException("the file system cannot be stopped");
        }
        scenario.relay.kill();
        scenario.relay.awaitEnd();
    }

    private static void again(Scenario scenario, LoopDisk disk) throws IOException, InterruptedException {
        scenario.oracle.cutEnds();
        disk.again();
    }

    private interface OnDisk {
        Result run(Path folder, LoopDisk disk) throws IOException, InterruptedException;
    }

    private Result onDisk(String type, int megabytes, OnDisk work) throws IOException, InterruptedException {
        Path folder = folder();
        Optional<LoopDisk> made = LoopDisk.make(folder, type, megabytes);
        if (made.isEmpty()) {
            return new Result.Skipped("no " + type + " image can be made or mounted here (root, losetup, mkfs." + type + ")");
        }
        try (LoopDisk disk = made.get()) {
            if (!disk.shutdown()) {
                return new Result.Skipped("no xfs_io, or it cannot stop " + type + " (package xfsprogs)");
            }
            disk.again();
            return work.run(folder, disk);
        }
    }

    /// One message, its 250, and the process is gone.
    Result lonely(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.HANG_UP);
            scenario.relay.start();
            scenario.sendOne();
            scenario.relay.kill();
            scenario.relay.awaitEnd();
            arrives(scenario);
        });
    }

    /// One message, its 250, and the power is gone: without a sync of the folder it would be lost.
    Result lonely(String type, int megabytes, int rounds) throws IOException, InterruptedException {
        return onDisk(type, megabytes, (folder, disk) -> on(folder, disk.mountPoint().resolve("spool"), SMALL, rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.HANG_UP);
            scenario.relay.start();
            scenario.sendOne();
            cut(scenario, disk);
            again(scenario, disk);
            arrives(scenario);
        }));
    }

    private static void arrives(Scenario scenario) throws IOException, InterruptedException {
        scenario.sink.mode(Sink.Mode.ACCEPT);
        scenario.relay.start();
        scenario.awaitNothingMissing();
        scenario.relay.kill();
        scenario.relay.awaitEnd();
    }

    /// At the n-th write of the segment that is written.
    Result atWrite(int rounds) throws IOException, InterruptedException {
        return atCall("write", "write", rounds);
    }

    /// At the n-th sync of the segment that is written.
    Result atSync(int rounds) throws IOException, InterruptedException {
        return atCall("fdatasync", "fdatasync", rounds);
    }

    /// Under this load a segment is full after a few groups: one of the next is chosen, and one of its first calls.
    private Result atCall(String call, String traced, int rounds) throws IOException, InterruptedException {
        return traced(rounds, Sink.Mode.DEFER_SOME, scenario -> words("-P", scenario.nextSegment(random.nextInt(rounds == 1 ? 1 : 12)).toString(), "-e", "trace=" + traced,
                "-e", "inject=" + call + ":signal=SIGKILL:when=" + (first(rounds) + random.nextInt(4))));
    }

    /// The earliest call that a crash comes at. One round alone proves something only behind some messages; where there are more, the first calls are of interest too.
    private static int first(int rounds) {
        return rounds == 1 ? 3 : 1;
    }

    /// At the n-th deletion, of a segment or a large body.
    Result atDelete(int rounds) throws IOException, InterruptedException {
        return traced(rounds, Sink.Mode.DEFER_SOME, _ -> words("-e", "trace=unlink,unlinkat", "-e", "inject=unlink,unlinkat:signal=SIGKILL:when=" + (1 + random.nextInt(12))));
    }

    private interface Words {
        List<String> of(Scenario scenario) throws IOException, InterruptedException;
    }

    private static List<String> words(String... more) {
        return java.util.stream.Stream.concat(STRACE.stream(), Arrays.stream(more)).toList();
    }

    private Result traced(int rounds, Sink.Mode mode, Words words) throws IOException, InterruptedException {
        if (!present("strace")) {
            return new Result.Skipped("no strace");
        }
        return on(rounds, scenario -> {
            scenario.sink.mode(mode);
            scenario.relay.start(words.of(scenario), Map.of());
            try (Injector injector = scenario.inject(_ -> { })) {
                scenario.awaitAcknowledged(injector, 4_000);
                scenario.awaitOrderedEnd();
            }
        });
    }

    private static boolean present(String program) {
        return Arrays.stream(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /// The moment the injector has read the n-th 250.
    Result atAcknowledgement(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            int when = nth();
            scenario.relay.start();
            try (Injector injector = scenario.inject(number -> killAt(scenario, number, when))) {
                scenario.awaitOrderedEnd();
            }
        });
    }

    private static void killAt(Scenario scenario, int number, int when) {
        if (number == when) {
            scenario.relay.kill();
        }
    }

    /// When the sink has the n-th message whole, before it answers.
    Result beforeRemoteReply(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            int when = nth();
            scenario.sink.hooks(number -> killAt(scenario, number, when), _ -> { });
            underLoadUntilItEnds(scenario);
        });
    }

    /// When the sink's n-th 250 is on its way.
    Result afterRemoteReply(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            int when = nth();
            scenario.sink.hooks(_ -> { }, number -> killAt(scenario, number, when));
            underLoadUntilItEnds(scenario);
        });
    }

    /// While the completion of a recipient waits for its group or is being written.
    Result atRecipientDone(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            int when = nth();
            int later = random.nextInt(40);
            scenario.sink.hooks(_ -> { }, number -> {
                if (number == when) {
                    killLater(scenario, later);
                }
            });
            underLoadUntilItEnds(scenario);
        });
    }

    private static void killLater(Scenario scenario, int millis) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(scenario.relay::kill);
    }

    /// Up to 40 ms behind the n-th refusal for good: the report is written, then the recipient's end.
    Result atReport(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            int when = 1 + random.nextInt(100);
            int later = random.nextInt(40);
            scenario.sink.onRefusal(number -> {
                if (number == when) {
                    killLater(scenario, later);
                }
            });
            underLoadUntilItEnds(scenario);
        });
    }

    /// At the n-th renaming: an index file takes its name. Nothing leaves, for segments that are soon deleted get none.
    Result atIndex(int rounds) throws IOException, InterruptedException {
        return traced(rounds, Sink.Mode.DEFER, _ -> words("-e", "trace=rename,renameat,renameat2", "-e",
                "inject=rename,renameat,renameat2:signal=SIGKILL:when=" + (1 + random.nextInt(2))));
    }

    /// At a start that sets the reserve aside, in the middle of it.
    Result atReserve(int rounds) throws IOException, InterruptedException {
        List<String> calls = List.of("write:signal=SIGKILL:when=1", "write:signal=SIGKILL:when=2", "fdatasync:signal=SIGKILL:when=1", "close:signal=SIGKILL:when=1");
        return traced(rounds, Sink.Mode.DEFER_SOME, scenario -> {
            scenario.relay.start();
            scenario.loadAndKill(some());
            Path reserve = scenario.relay.spool().resolve("reserve");
            Files.deleteIfExists(reserve);
            String call = calls.get(random.nextInt(calls.size()));
            return words("-P", reserve.toString(), "-e", "trace=" + call.substring(0, call.indexOf(':')), "-e", "inject=" + call);
        });
    }

    /// How long a start takes behind a kill with so much in the spool that nothing could leave; what a start of an empty spool takes is subtracted.
    Result recovery(int rounds) throws IOException, InterruptedException {
        Path folder = folder();
        return on(folder, folder.resolve("spool"), "4GiB", rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.HANG_UP);
            double empty = fastestStart(scenario);
            scenario.relay.start();
            try (Injector injector = scenario.inject(_ -> { })) {
                scenario.oracle.await(RECOVERY_FILL_SECONDS, () -> octets(scenario.relay.spool()) > RECOVERY_OCTETS);
                scenario.relay.kill();
                scenario.relay.awaitEnd();
            }
            long octets = octets(scenario.relay.spool());
            double full = fastestStart(scenario);
            System.out.printf("recovery of %.2f GB in %d files: the fastest of %d starts takes %.2f s, with an empty spool %.2f s: %.1f s a GB%n", octets / 1e9,
                    scenario.segments().size(), STARTS, full, empty, (full - empty) / (octets / 1e9));
        });
    }

    /// Seconds until it listens, each time behind a kill.
    private static double fastestStart(Scenario scenario) throws IOException, InterruptedException {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < STARTS; i++) {
            long before = System.nanoTime();
            scenario.relay.start();
            fastest = Math.min(fastest, System.nanoTime() - before);
            scenario.relay.kill();
            scenario.relay.awaitEnd();
        }
        return fastest / 1e9;
    }

    private static long octets(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException | UncheckedIOException changing) {
            return 0;
        }
    }

    private static void underLoadUntilItEnds(Scenario scenario) throws IOException, InterruptedException {
        scenario.relay.start();
        try (Injector injector = scenario.inject(_ -> { })) {
            scenario.awaitOrderedEnd();
        }
        scenario.sink.noHooks();
    }

    /// The n-th sync fails with EIO, the relay goes on, and is killed a little later.
    Result syncFails(int rounds) throws IOException, InterruptedException {
        if (!present("strace")) {
            return new Result.Skipped("no strace");
        }
        return on(rounds, scenario -> {
            scenario.relay.start(words("-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=" + (first(rounds) + random.nextInt(60))), Map.of());
            if (scenario.relay.running()) {
                scenario.loadAndKill(some());
            }
        });
    }

    /// A disk of 20 MB fills up while nothing can be delivered; then mail leaves, and is taken again, without a restart.
    Result diskFull(int rounds) throws IOException, InterruptedException {
        return onDisk("ext4", 20, (folder, disk) -> on(folder, disk.mountPoint().resolve("spool"), "1GiB", rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.DEFER);
            if (!scenario.relay.running()) {
                scenario.relay.start();
            }
            try (Injector injector = scenario.inject(_ -> { })) {
                int before = scenario.oracle.refusedCount();
                scenario.oracle.await(30, () -> scenario.oracle.refusedCount() > before + 50);
                scenario.sink.mode(Sink.Mode.ACCEPT);
                int taken = scenario.oracle.acknowledgedCount();
                if (!scenario.oracle.await(30, () -> scenario.oracle.acknowledgedCount() > taken + 20)) {
                    throw new IOException("no mail was taken any more after the disk had been full");
                }
            }
            scenario.awaitNothingMissing();
        }));
    }

    /// After a kill the log ends in what a group that was never acknowledged may leave: a part of a record, garbage, zeros.
    Result tornEnd(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.DEFER_SOME);
            scenario.relay.start();
            scenario.loadAndKill(some());
            for (Path segment : scenario.segments()) {
                if (segment.equals(scenario.segments().getLast())) {
                    Files.write(segment, tail(Files.readAllBytes(segment)), StandardOpenOption.APPEND);
                }
            }
        });
    }

    private byte[] tail(byte[] log) {
        byte[] tail = new byte[1 + random.nextInt(5_000)];
        switch (random.nextInt(3)) {
            case 0 -> random.nextBytes(tail);
            case 1 -> {
                // The beginning of a record that stands further up, cut off.
                int from = indexOfRecord(log);
                return from < 0 ? tail : Arrays.copyOfRange(log, from, from + 14 + random.nextInt(40));
            }
            default -> Arrays.fill(tail, (byte) 0);
        }
        return tail;
    }

    private static int indexOfRecord(byte[] log) {
        for (int i = log.length / 2; i < log.length - 100; i++) {
            if (log[i] == (byte) 0xF5 && log[i + 1] == (byte) 0xA1 && log[i + 2] == 0x52 && log[i + 3] == (byte) 0xC3 && log[i + 4] == 5) {
                return i;
            }
        }
        return -1;
    }

    /// The clock jumps while mail waits. After five days it has expired: then a report counts as well as an arrival.
    Result clockJumps(String by, int rounds) throws IOException, InterruptedException {
        Optional<Path> library = FAKETIME.stream().filter(Files::exists).findFirst();
        if (library.isEmpty()) {
            return new Result.Skipped("no libfaketime (package libfaketime)");
        }
        Map<String, String> jumped = faked(library.get(), "FAKETIME", by);
        return on(rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.DEFER);
            scenario.relay.start();
            scenario.loadAndKill(some());
            scenario.drain(jumped);
        });
    }

    /// The time of day is another one, and nothing else. With the library's "monotonic fix" each wait of the process for a time would end at once, and it would spin.
    private static Map<String, String> faked(Path library, String how, String value) {
        return Map.of("LD_PRELOAD", library.toString(), how, value, "FAKETIME_CACHE_DURATION", "1", "FAKETIME_DONT_FAKE_MONOTONIC", "1", "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    /// The clock is set while mail waits and the relay is at work: none of it is ended by that, all is tried at its time and arrives.
    Result clockSet(String by, int rounds) throws IOException, InterruptedException {
        Optional<Path> library = FAKETIME.stream().filter(Files::exists).findFirst();
        if (library.isEmpty()) {
            return new Result.Skipped("no libfaketime (package libfaketime)");
        }
        return on(rounds, scenario -> {
            Path clock = scenario.folder.resolve("clock");
            Files.writeString(clock, "+0");
            scenario.sink.mode(Sink.Mode.DEFER);
            scenario.relay.start(List.of(), faked(library.get(), "FAKETIME_TIMESTAMP_FILE", clock.toString()));
            scenario.load(some());
            Files.writeString(clock, by);
            scenario.load(some());
            scenario.drain(Map.of());
            if (!logged(scenario, "The clock was set") || logged(scenario, "message too old")) {
                throw new IOException("the clock was not seen to be set, or mail was ended by it");
            }
        });
    }

    private static boolean logged(Scenario scenario, String words) throws IOException {
        try (Stream<Path> files = Files.walk(scenario.folder.resolve("logs"))) {
            for (Path log : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(log).contains(words)) {
                    return true;
                }
            }
            return false;
        }
    }

    /// The connection is lost after the final dot: the message may arrive twice and must arrive.
    Result lostAfterDot(int rounds) throws IOException, InterruptedException {
        return on(rounds, scenario -> {
            scenario.sink.mode(Sink.Mode.CUT_AFTER_DOT);
            if (!scenario.relay.running()) {
                scenario.relay.start();
            }
            scenario.load(some());
        });
    }
}
