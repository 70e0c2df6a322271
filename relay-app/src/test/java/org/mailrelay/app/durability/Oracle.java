package org.mailrelay.app.durability;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Knows each message that was attempted, each 250 that was seen and what became of each of its recipients. Its memory is not on the tested disk.
/// Whoever waits for something waits here: every event wakes it.
final class Oracle {

    /// A second delivery, or refusal that is reported again, is of what was in flight when the first one came less than this before a crash.
    private static final long IN_FLIGHT_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final Pattern OF_REPORT = Pattern.compile("(?i)^message-id: *(<[^>]*>)", Pattern.MULTILINE);
    private static final Pattern OF_RECIPIENT = Pattern.compile("(?i)^final-recipient: *rfc822; *(\\S+)", Pattern.MULTILINE);

    /// One recipient of one message.
    private record Key(String letter, Letter.Recipient recipient) {}

    private final Set<String> attempted = new HashSet<>();
    private final Set<Key> owed = new HashSet<>();
    private final Set<Key> inDoubt = new HashSet<>();
    private final Map<Key, List<Long>> arrivals = new HashMap<>();
    private final Map<Key, List<Long>> refusals = new HashMap<>();
    /// The reports that tell of a recipient, by their Message-ID.
    private final Map<Key, Set<String>> reports = new HashMap<>();
    private final Map<String, List<Long>> reportArrivals = new HashMap<>();
    private final List<Long> crashes = new ArrayList<>();
    private long next;
    private int acknowledged;
    private int torn;
    private int unexpected;
    private int refused;
    private int waiting;
    private boolean cutting;

    /// @param acknowledged messages for which a 250 was seen
    /// @param arrived      recipients
    /// @param reported     recipients that a report told of
    /// @param repeated     arrivals and reports that came again
    /// @param twice        recipients that two different reports told of
    /// @param lost         recipients of acknowledged messages that neither arrived nor were reported; refused ones must be reported
    /// @param unexplained  what came again, or was reported again, without a crash or a lost reply to explain it
    record Verdict(int crashes, int attempted, int acknowledged, int refused, int arrived, int reported, int repeated, int twice, int lost, int torn, int unexpected, int unexplained) {
        boolean good() {
            return lost == 0 && torn == 0 && unexpected == 0 && unexplained == 0;
        }
    }

    /// A new message; it counts as attempted.
    synchronized Letter attempt() {
        Letter letter = new Letter("m" + ++next);
        attempted.add(letter.name());
        return letter;
    }

    synchronized void acknowledged(Letter letter) {
        if (cutting) {
            return;
        }
        acknowledged++;
        for (Letter.Recipient recipient : letter.recipients()) {
            Key key = new Key(letter.name(), recipient);
            if (!arrivals.containsKey(key) && !reports.containsKey(key)) {
                owed.add(key);
            }
        }
        changed();
    }

    /// The file system is being stopped. A sync that meets this comes back as if it had been done (a loop of write and fdatasync shows it without any relay): what is
    /// acknowledged from now on may be there or not.
    synchronized void cutBegins() {
        cutting = true;
    }

    synchronized void cutEnds() {
        cutting = false;
    }

    synchronized void refused() {
        refused++;
        changed();
    }

    /// @param received   as it came, in wire form: the relay's fields on top, then the content
    /// @param recipients that were taken with it
    void arrived(byte[] received, List<Letter.Recipient> recipients) {
        Letter letter = Letter.of(received).orElse(new Letter(""));
        boolean whole = letter.standsWholeIn(received);
        synchronized (this) {
            if (!attempted.contains(letter.name())) {
                unexpected++;
                return;
            }
            torn += whole ? 0 : 1;
            for (Letter.Recipient recipient : recipients) {
                Key key = new Key(letter.name(), recipient);
                unexpected += letter.recipients().contains(recipient) ? 0 : 1;
                arrivals.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(System.nanoTime());
                owed.remove(key);
            }
            changed();
        }
    }

    /// The destination has refused this recipient for good. What message it was shows with its content or its report.
    synchronized void refusedByDestination(Letter letter, Letter.Recipient recipient) {
        refusals.computeIfAbsent(new Key(letter.name(), recipient), _ -> new ArrayList<>(1)).add(System.nanoTime());
    }

    /// A report from the null sender: the message's recipients were given up in the open.
    synchronized void report(byte[] received) {
        String text = new String(received, StandardCharsets.ISO_8859_1);
        Matcher ours = OF_REPORT.matcher(text);
        Matcher recipient = OF_RECIPIENT.matcher(text);
        int at = text.indexOf("X-Id: ");
        if (!ours.find() || at < 0) {
            unexpected++;
            return;
        }
        reportArrivals.computeIfAbsent(ours.group(1), _ -> new ArrayList<>(1)).add(System.nanoTime());
        String name = text.substring(at + 6, text.indexOf('\r', at));
        while (recipient.find()) {
            Key key = new Key(name, Letter.Recipient.of(recipient.group(1)));
            reports.computeIfAbsent(key, _ -> new HashSet<>(1)).add(ours.group(1));
            owed.remove(key);
        }
        changed();
    }

    /// The sink took this one whole and cut the connection without a word.
    synchronized void inDoubt(byte[] received, List<Letter.Recipient> recipients) {
        Letter.of(received).ifPresent(letter -> recipients.forEach(recipient -> inDoubt.add(new Key(letter.name(), recipient))));
    }

    synchronized void crashed() {
        crashes.add(System.nanoTime());
        changed();
    }

    /// Something has happened that somebody may wait for.
    synchronized void changed() {
        if (waiting > 0) {
            notifyAll();
        }
    }

    /// Waits for what events bring about.
    ///
    /// @return false when it was not so after `seconds`
    synchronized boolean await(double seconds, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + (long) (seconds * 1e9);
        waiting++;
        try {
            while (!condition.getAsBoolean()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            return true;
        } finally {
            waiting--;
        }
    }

    /// Recipients of acknowledged messages that neither arrived nor were reported, as yet.
    synchronized int missing() {
        return owed.size();
    }

    synchronized int acknowledgedCount() {
        return acknowledged;
    }

    synchronized int refusedCount() {
        return refused;
    }

    synchronized Verdict verdict() {
        int repeated = 0;
        int unexplained = 0;
        int twice = 0;
        for (var each : arrivals.entrySet()) {
            repeated += each.getValue().size() - 1;
            unexplained += inDoubt.contains(each.getKey()) ? 0 : outOfFlight(each.getValue());
        }
        for (List<Long> times : reportArrivals.values()) {
            repeated += times.size() - 1;
            unexplained += outOfFlight(times);
        }
        for (var each : reports.entrySet()) {
            // A second report needs a refusal that was in flight at a crash: the report was stored, the recipient's end was not.
            int more = each.getValue().size() - 1;
            twice += more;
            List<Long> times = refusals.getOrDefault(each.getKey(), List.of());
            unexplained += Math.max(0, more - Math.max(0, times.size() - 1 - outOfFlight(times)));
        }
        return new Verdict(crashes.size(), attempted.size(), acknowledged, refused, arrivals.size(), reports.size(), repeated, twice, owed.size(), torn, unexpected, unexplained);
    }

    private int outOfFlight(List<Long> times) {
        int count = 0;
        for (int i = 1; i < times.size(); i++) {
            count += inFlight(times.get(i - 1), times.get(i)) ? 0 : 1;
        }
        return count;
    }

    private boolean inFlight(long first, long second) {
        return crashes.stream().anyMatch(crash -> crash - first < IN_FLIGHT_NANOS && second > crash);
    }
}
