package org.mailrelay.app.durability;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Knows each message that was attempted, each 250 that was seen and each arrival. Its memory is not on the tested disk.
final class Oracle {

    /// A second delivery is of what was in flight when the first one came less than this before a crash.
    private static final long IN_FLIGHT_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private final Set<String> attempted = ConcurrentHashMap.newKeySet();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> reported = ConcurrentHashMap.newKeySet();
    private final Set<String> inDoubt = ConcurrentHashMap.newKeySet();
    private final Map<String, Queue<Long>> arrivals = new ConcurrentHashMap<>();
    private final Queue<Long> crashes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger torn = new AtomicInteger();
    private final AtomicInteger unexpected = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicLong next = new AtomicLong();

    record Verdict(int crashes, int attempted, int acknowledged, int refused, int arrived, int reported, int repeated, int lost, int torn, int unexpected, int unexplained) {
        boolean good() {
            return lost == 0 && torn == 0 && unexpected == 0 && unexplained == 0;
        }
    }

    /// A new message's name; it counts as attempted.
    String attempt() {
        String id = "m" + next.incrementAndGet();
        attempted.add(id);
        return id;
    }

    /// The content of a message, the same each time: some of it dot-stuffed, each sixteenth too large for the log.
    static byte[] content(String id) {
        SplittableRandom random = new SplittableRandom(id.hashCode());
        StringBuilder text = new StringBuilder("From: a@example.com\r\nSubject: durability\r\nX-Id: " + id + "\r\n\r\n");
        int lines = random.nextInt(16) == 0 ? 5_000 + random.nextInt(3_000) : 5 + random.nextInt(200);
        for (int i = 0; i < lines; i++) {
            text.append(i % 50 == 7 ? "." : "").append(id).append(' ').append(i).append(" ".repeat(1 + random.nextInt(50))).append("end\r\n");
        }
        return text.append("last line of ").append(id).append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    void acknowledged(String id) {
        acknowledged.add(id);
    }

    void refused() {
        refused.incrementAndGet();
    }

    /// @param received as it came, unstuffed: our fields on top, then the content
    void arrived(String received) {
        int at = received.indexOf("X-Id: ");
        String id = at < 0 ? "" : received.substring(at + 6, Math.max(at + 6, received.indexOf('\r', at)));
        if (!attempted.contains(id)) {
            unexpected.incrementAndGet();
            return;
        }
        if (!received.endsWith(new String(content(id), StandardCharsets.US_ASCII))) {
            torn.incrementAndGet();
        }
        arrivals.computeIfAbsent(id, _ -> new ConcurrentLinkedQueue<>()).add(System.nanoTime());
    }

    /// A report from the null sender that names a message: it was given up in the open.
    void report(String received) {
        for (int at = received.indexOf("X-Id: "); at >= 0; at = received.indexOf("X-Id: ", at + 1)) {
            reported.add(received.substring(at + 6, received.indexOf('\r', at)));
        }
    }

    /// The sink took this one whole and cut the connection without a word.
    void inDoubt(String received) {
        int at = received.indexOf("X-Id: ");
        inDoubt.add(received.substring(at + 6, received.indexOf('\r', at)));
    }

    void crashed() {
        crashes.add(System.nanoTime());
    }

    /// Acknowledged and neither arrived nor reported, as yet.
    List<String> missing() {
        return acknowledged.stream().filter(id -> !arrivals.containsKey(id) && !reported.contains(id)).toList();
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    Verdict verdict() {
        int repeated = 0;
        int unexplained = 0;
        for (Map.Entry<String, Queue<Long>> each : arrivals.entrySet()) {
            List<Long> times = List.copyOf(each.getValue());
            repeated += times.size() - 1;
            for (int i = 1; i < times.size(); i++) {
                unexplained += inDoubt.contains(each.getKey()) || inFlight(times.get(i - 1), times.get(i)) ? 0 : 1;
            }
        }
        return new Verdict(crashes.size(), attempted.size(), acknowledged.size(), refused.get(), arrivals.size(), reported.size(), repeated, missing().size(), torn.get(),
                unexpected.get(), unexplained);
    }

    private boolean inFlight(long first, long second) {
        return crashes.stream().anyMatch(crash -> crash - first < IN_FLIGHT_NANOS && second > crash);
    }
}
