package org.mailrelay.observe.track;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.mailrelay.observe.store.LineStore;
import org.mailrelay.observe.store.Reach;
import org.mailrelay.observe.track.TrackRecord.Kind;

/// Finds messages in what [Tracking] kept. A command's thread.
public final class TrackSearch {

    /// Messages that may hold to a part of the question before all parts are known. Beyond it the question is too wide for one machine's memory.
    private static final int CANDIDATES = 2_000_000;
    private static final int RECEIVED = 1 << 30;

    private final LineStore store;

    public TrackSearch(LineStore store) {
        this.store = store;
    }

    /// What was found.
    ///
    /// @param all how many messages there are, of which `messages` are the latest
    public record Found(List<Tracked> messages, int all) {}

    /// @throws IOException also for a question that too many messages begin to answer; its text says so
    public Found find(TrackQuestion question) throws IOException {
        TreeSet<Long> mids = messages(question);
        int all = mids.size();
        while (mids.size() > question.most()) {
            mids.pollFirst();
        }
        return new Found(mids.isEmpty() ? List.of() : lines(mids), all);
    }

    private TreeSet<Long> messages(TrackQuestion question) throws IOException {
        Map<TrackQuestion.Part, Predicate<String>> parts = new EnumMap<>(question.parts());
        int wanted = RECEIVED;
        for (TrackQuestion.Part part : parts.keySet()) {
            wanted |= 1 << part.ordinal();
        }
        Map<Long, Integer> held = new HashMap<>();
        Reach reach = new Reach(new Reach.Span(question.from().toEpochMilli(), Long.MAX_VALUE), 
                question.mid().isPresent() ? Reach.Span.of(question.mid().getAsLong()) : Reach.Span.ALL, Reach.Span.NOTHING, Reach.Span.NOTHING);
        store.read(reach, line -> {
            TrackRecord record = TrackRecord.of(line);
            if (record.mid() == 0 || question.mid().isPresent() && question.mid().getAsLong() != record.mid()) {
                return;
            }
            int bits = bits(record, parts, question);
            if (bits != 0) {
                held.merge(record.mid(), bits, (a, b) -> a | b);
                if (held.size() > CANDIDATES) {
                    throw new IOException("more than " + CANDIDATES + " messages answer a part of this; narrow the time with newer:");
                }
            }
        });
        int all = wanted;
        return held.entrySet().stream().filter(entry -> (entry.getValue() & all) == all).map(Map.Entry::getKey).collect(Collectors.toCollection(TreeSet::new));
    }

    private static int bits(TrackRecord record, Map<TrackQuestion.Part, Predicate<String>> parts, TrackQuestion question) {
        return switch (record.kind()) {
            case STARTED -> (record.at().isBefore(question.from()) || !record.at().isBefore(question.to()) ? 0 : RECEIVED)
                    | bit(TrackQuestion.Part.IP, parts, record.key());
            case SENDER -> bit(TrackQuestion.Part.SENDER, parts, record.key());
            case RECIPIENT -> bit(TrackQuestion.Part.RECIPIENT, parts, record.key())
                    | bit(TrackQuestion.Part.DOMAIN, parts, record.key().substring(record.key().lastIndexOf('@') + 1));
            case SUBJECT -> bit(TrackQuestion.Part.SUBJECT, parts, record.key());
            case MESSAGE_ID -> bit(TrackQuestion.Part.MESSAGE_ID, parts, record.key());
            case TLS -> Arrays.stream(record.key().split(" ")).mapToInt(word -> bit(TrackQuestion.Part.TLS, parts, word)).reduce(0, (a, b) -> a | b);
            case QUEUED, DELIVERED, DELAYED, WAITING, BOUNCED, DISCARDED, DELETED, FINISHED, ABORTED, OTHER -> 0;
        };
    }

    private static int bit(TrackQuestion.Part part, Map<TrackQuestion.Part, Predicate<String>> parts, String value) {
        Predicate<String> rule = parts.get(part);
        return rule != null && rule.test(value) ? 1 << part.ordinal() : 0;
    }

    private List<Tracked> lines(TreeSet<Long> mids) throws IOException {
        Map<Long, Gathered> gathered = new TreeMap<>();
        mids.forEach(mid -> gathered.put(mid, new Gathered(mid)));
        Reach own = new Reach(Reach.Span.ALL, new Reach.Span(mids.first(), mids.last()), Reach.Span.NOTHING, Reach.Span.NOTHING);
        store.read(own, line -> {
            TrackRecord record = TrackRecord.of(line);
            Gathered message = gathered.get(record.mid());
            if (message != null) {
                message.connections(record);
            }
        });
        Map<Long, List<Gathered>> byIcid = new HashMap<>();
        Map<Long, List<Gathered>> byDcid = new HashMap<>();
        for (Gathered message : gathered.values()) {
            message.icids.forEach(icid -> byIcid.computeIfAbsent(icid, _ -> new ArrayList<>()).add(message));
            message.dcids.forEach(dcid -> byDcid.computeIfAbsent(dcid, _ -> new ArrayList<>()).add(message));
        }
        Reach joined = new Reach(Reach.Span.ALL, own.mid(), span(byIcid.keySet()), span(byDcid.keySet()));
        store.read(joined, line -> {
            TrackRecord record = TrackRecord.of(line);
            if (record.text().isEmpty()) {
                return;
            }
            if (record.mid() != 0) {
                Gathered message = gathered.get(record.mid());
                if (message != null) {
                    message.line(record);
                }
            } else {
                byIcid.getOrDefault(record.icid(), List.of()).forEach(message -> message.line(record));
                LongStream.of(record.dcids()).forEach(dcid -> byDcid.getOrDefault(dcid, List.of()).forEach(message -> message.line(record)));
            }
        });
        return gathered.values().stream().map(Gathered::tracked).toList();
    }

    private static Reach.Span span(Set<Long> numbers) {
        Reach.Span span = Reach.Span.NOTHING;
        for (long number : numbers) {
            span = span.with(number);
        }
        return span;
    }

    private static final class Gathered {

        /// Of one message; a message that is tried for days has more lines than anybody reads.
        private static final int LINES = 10_000;

        private final long mid;
        private final Set<Long> icids = new TreeSet<>();
        private final Set<Long> dcids = new TreeSet<>();
        private final List<Tracked.Line> lines = new ArrayList<>();
        private final TreeMap<Integer, Tracked.State> recipients = new TreeMap<>();
        private final List<Tracked.Attempt> attempts = new ArrayList<>();
        private String end = "in the queue";

        Gathered(long mid) {
            this.mid = mid;
        }

        void connections(TrackRecord record) {
            if (record.icid() != 0) {
                icids.add(record.icid());
            }
            LongStream.of(record.dcids()).forEach(dcids::add);
        }

        void line(TrackRecord record) {
            if (lines.size() < LINES) {
                lines.add(new Tracked.Line(record.at(), record.level(), record.text()));
            }
            if (record.kind().state() && record.kind() != Kind.QUEUED) {
                state(record);
                attempts(record);
            } else if (record.mid() == mid && (record.kind() == Kind.FINISHED || record.kind() == Kind.ABORTED)) {
                end = record.kind() == Kind.FINISHED ? "done" : "aborted";
            }
        }

        private void state(TrackRecord record) {
            int semicolon = record.key().indexOf(';');
            Tracked.State state = new Tracked.State(Instant.ofEpochMilli(record.millis()), record.kind().name().toLowerCase(Locale.ROOT), record.key().substring(semicolon + 1));
            for (String rid : record.key().substring(0, semicolon).split(",")) {
                recipients.put(Integer.valueOf(rid), state);
            }
        }

        /// A message that is newly held is told of twice, as delayed by the last connection and as waiting after all of them: the second has more. A double
        /// bounce is one, too.
        private void attempts(TrackRecord record) {
            if (attempts.size() >= LINES || record.kind() == Kind.DISCARDED || record.kind() == Kind.DELETED) {
                return;
            }
            int semicolon = record.key().indexOf(';');
            String rids = record.key().substring(0, semicolon);
            String reason = record.key().substring(semicolon + 1);
            String outcome = record.kind().name().toLowerCase(Locale.ROOT);
            if (record.kind() == Kind.WAITING) {
                Set<String> held = Set.of(rids.split(","));
                attempts.removeIf(told -> told.outcome().equals("delayed") && told.at().equals(record.at()) && held.contains(told.rids()));
            }
            for (long dcid : record.dcids().length == 0 ? new long[] {0} : record.dcids()) {
                Tracked.Attempt attempt = new Tracked.Attempt(record.at(), dcid, rids, outcome, reason);
                if (attempts.isEmpty() || !attempts.getLast().equals(attempt)) {
                    attempts.add(attempt);
                }
            }
        }

        Tracked tracked() {
            return new Tracked(mid, lines, recipients, attempts, end);
        }
    }
}
