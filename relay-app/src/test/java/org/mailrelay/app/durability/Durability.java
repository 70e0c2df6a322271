package org.mailrelay.app.durability;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// `Durability LAUNCHER FOLDER short | long MINUTES [NAME...]`: runs the rounds, prints a table, exits with 1 when a message was lost, torn, came
/// unasked or came twice without a crash between, and when a row acknowledged none: then it has proved nothing. NAMEs select rows by their beginning.
public final class Durability {

    /// Rounds of each row at a time in the long run.
    private static final int LONG = 2;

    private final List<Row> rows = new ArrayList<>();
    private final Map<String, Total> totals = new LinkedHashMap<>();

    private interface Run {
        Rounds.Result of(int rounds) throws IOException, InterruptedException;
    }

    /// @param often rounds in the short run, 0 where it has none
    private record Row(String name, int often, Run run) {}

    private static final class Total {
        private int rounds;
        private int missed;
        private int crashes;
        private int attempted;
        private int acknowledged;
        private int refused;
        private int repeated;
        private int reported;
        private int twice;
        private int lost;
        private int torn;
        private int unexpected;
        private int unexplained;
        private int barren;
        private String note = "";

        private void add(Rounds.Result.Done done) {
            Oracle.Verdict verdict = done.verdict();
            rounds += done.rounds();
            missed += done.missed();
            crashes += verdict.crashes();
            attempted += verdict.attempted();
            acknowledged += verdict.acknowledged();
            refused += verdict.refused();
            repeated += verdict.repeated();
            reported += verdict.reported();
            twice += verdict.twice();
            lost += verdict.lost();
            torn += verdict.torn();
            unexpected += verdict.unexpected();
            unexplained += verdict.unexplained();
        }
    }

    private Durability(Rounds rounds) {
        rows.add(new Row("kill -9 under load", 2, rounds::killUnderLoad));
        rows.add(new Row("ext4 stops under load", 1, often -> rounds.fileSystemStops("ext4", 64, often)));
        rows.add(new Row("xfs stops under load", 0, often -> rounds.fileSystemStops("xfs", 320, often)));
        rows.add(new Row("lonely 250, kill -9", 0, rounds::lonely));
        rows.add(new Row("lonely 250, ext4 stops", 1, often -> rounds.lonely("ext4", 64, often)));
        rows.add(new Row("lonely 250, xfs stops", 0, often -> rounds.lonely("xfs", 320, often)));
        rows.add(new Row("at write", 0, rounds::atWrite));
        rows.add(new Row("at sync", 1, rounds::atSync));
        rows.add(new Row("at ack", 0, rounds::atAcknowledgement));
        rows.add(new Row("before remote 250", 0, rounds::beforeRemoteReply));
        rows.add(new Row("after remote 250", 0, rounds::afterRemoteReply));
        rows.add(new Row("at recipient done", 0, rounds::atRecipientDone));
        rows.add(new Row("at report", 1, rounds::atReport));
        rows.add(new Row("at delete", 0, rounds::atDelete));
        rows.add(new Row("at index", 0, rounds::atIndex));
        rows.add(new Row("at reserve", 0, rounds::atReserve));
        rows.add(new Row("EIO on the n-th sync", 1, rounds::syncFails));
        rows.add(new Row("disk full", 1, rounds::diskFull));
        rows.add(new Row("torn end", 0, rounds::tornEnd));
        rows.add(new Row("clock +5 d", 0, often -> rounds.clockJumps("+5d", often)));
        rows.add(new Row("clock -1 d", 0, often -> rounds.clockJumps("-1d", often)));
        rows.add(new Row("clock set +5 d at work", 0, often -> rounds.clockSet("+5d", often)));
        rows.add(new Row("clock set -1 d at work", 0, often -> rounds.clockSet("-1d", often)));
        rows.add(new Row("lost after the dot", 1, rounds::lostAfterDot));
        rows.add(new Row("recovery", 0, _ -> rounds.recovery(1)));
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path work = Files.createDirectories(Path.of(arguments[1]));
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Durability durability = new Durability(new Rounds(Path.of(arguments[0]).toAbsolutePath(), work.toAbsolutePath(), new Random(seed)));
        boolean isLong = arguments[2].equals("long");
        int names = isLong ? 4 : 3;
        durability.rows.removeIf(row -> arguments.length > names && java.util.Arrays.stream(arguments).skip(names).noneMatch(row.name()::startsWith));
        long until = System.nanoTime() + (isLong ? TimeUnit.MINUTES.toNanos(Long.parseLong(arguments[3])) : 0);
        durability.rows.removeIf(row -> !isLong && row.often() == 0);
        do {
            for (Row row : durability.rows) {
                durability.run(row, isLong ? LONG : row.often());
            }
        } while (System.nanoTime() < until && durability.good());
        durability.print();
        System.exit(durability.good() ? 0 : 1);
    }

    private void run(Row row, int often) throws InterruptedException {
        Total total = totals.computeIfAbsent(row.name(), _ -> new Total());
        long before = System.nanoTime();
        try {
            switch (row.run().of(often)) {
                case Rounds.Result.Done done -> {
                    total.add(done);
                    total.barren += done.verdict().acknowledged() == 0 ? 1 : 0;
                    total.note = total.barren > 0 ? "acknowledged nothing" : done.verdict().good() ? total.note : "see " + done.folder();
                    System.out.printf("%-24s %2d rounds in %.1f s, %d messages acknowledged%n", row.name(), done.rounds(), (System.nanoTime() - before) / 1e9,
                            done.verdict().acknowledged());
                    if (done.verdict().good()) {
                        remove(done.folder());
                    }
                }
                case Rounds.Result.Skipped(String why) -> {
                    total.note = "skipped: " + why;
                    System.out.println(row.name() + " skipped: " + why);
                }
            }
        } catch (IOException failed) {
            total.lost++;
            total.note = "failed: " + failed.getMessage();
            System.out.println(row.name() + " failed: " + failed);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private boolean good() {
        return totals.values().stream().allMatch(total -> total.lost + total.torn + total.unexpected + total.unexplained + total.barren == 0);
    }

    private void print() {
        System.out.printf("%n%-24s %7s %6s %8s %10s %13s %8s %9s %9s %6s %5s %5s %11s %13s  %s%n", "", "rounds", "missed", "crashes", "attempted", "acknowledged", "refused",
                "reported", "repeated", "twice", "lost", "torn", "unexpected", "repeated-else", "");
        Total sum = new Total();
        totals.forEach((name, total) -> {
            line(name, total);
            sum.add(new Rounds.Result.Done(total.rounds, total.missed, new Oracle.Verdict(total.crashes, total.attempted, total.acknowledged, total.refused, 0, total.reported,
                    total.repeated, total.twice, total.lost, total.torn, total.unexpected, total.unexplained), Path.of("")));
        });
        line("all", sum);
        System.out.println("""
                missed: rounds whose crash did not come at its point but a little later; attempted, acknowledged, refused: messages; reported, lost: recipients. repeated: arrived again; twice: a second report on a recipient that was refused again;
                repeated-else: of these, what did not follow a crash less than 1.5 s behind its first time, nor a lost reply.""");
    }

    private static void line(String name, Total total) {
        System.out.printf("%-24s %7d %6d %8d %10d %13d %8d %9d %9d %6d %5d %5d %11d %13d  %s%n", name, total.rounds, total.missed, total.crashes, total.attempted, total.acknowledged, total.refused,
                total.reported, total.repeated, total.twice, total.lost, total.torn, total.unexpected, total.unexplained, total.note);
    }
}
