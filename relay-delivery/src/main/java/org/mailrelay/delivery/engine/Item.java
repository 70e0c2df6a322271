package org.mailrelay.delivery.engine;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.queue.QueuedMessage;

/// Recipients of one message that travel together. There may be a million of them, so it holds what deciding takes and nothing of the message itself: some
/// 100 octets. Guarded by the engine's lock.
final class Item extends Linked<Item> {

    /// READY: in its destination's queue. UNDER_WAY: on a connection, or its outcome is on the way to the disk. DEFERRED: due later. KEPT: an operator holds it.
    enum Phase { READY, UNDER_WAY, DEFERRED, KEPT, GONE }

    private static final int[] ONLY_THE_FIRST = {0};
    private static final int NEVER = Integer.MAX_VALUE;

    final long mid;
    /// Milliseconds of the epoch, in [EngineClock#counted] time.
    private final long received;
    /// By how many seconds the beginning of its time in the queue is later than that: where its sender had it held; or earlier, where he wants it back before the
    /// queue's time is over.
    private int begins;
    Destination destination;
    /// The next of the same slot of [MessageTable].
    @Nullable Item inTable;
    int attempts;
    Phase phase = Phase.READY;
    /// The message: while it is fresh, or about to be sent, or under way.
    @Nullable QueuedMessage message;
    @Nullable Answered answered;
    /// So many seconds after it was received its sender should be told that it is late.
    private int warnAfter = NEVER;
    /// What the last `waits` line said; shared with all that were told the same within a minute.
    @Nullable Said said;
    /// Connections that passed EHLO and TLS policy and were of no use, in this try.
    byte sessions;
    /// The first host of the plan that may still have it in this try.
    byte fromHost;
    /// A host turned it away unheard in this try: the next time counts.
    boolean turnedAway;
    private int[] rids;
    private @Nullable Course course;

    /// The host that answered last, and when, in seconds of the epoch.
    record Answered(String host, int second) {
        Instant at() {
            return Instant.ofEpochSecond(second);
        }
    }

    /// @param minute of the epoch, in counted time
    record Said(String why, int minute) {}

    /// What only an item under way has.
    private static final class Course {
        Map<Integer, Outcome.Reason> reasons = Map.of();
        Map<Integer, Outcome.Reason> lastReasons = Map.of();
        List<Dcid> visited = List.of();
        /// Those who wait for the facts of a change, in the order of the changes.
        final ArrayDeque<Runnable> told = new ArrayDeque<>(1);
        @Nullable Order order;

        boolean isEmpty() {
            return reasons.isEmpty() && lastReasons.isEmpty() && visited.isEmpty() && told.isEmpty() && order == null;
        }
    }

    /// @param received in counted time
    Item(long mid, Instant received, Destination destination, List<Integer> rids, int attempts) {
        this.mid = mid;
        this.received = received.toEpochMilli();
        this.destination = destination;
        this.rids = compact(rids);
        this.attempts = attempts;
    }

    private static int[] compact(List<Integer> rids) {
        return rids.size() == 1 && rids.getFirst() == 0 ? ONLY_THE_FIRST : rids.stream().mapToInt(rid -> rid).toArray();
    }

    @Override
    Item self() {
        return this;
    }

    Mid mid() {
        return new Mid(mid);
    }

    Instant received() {
        return Instant.ofEpochMilli(received);
    }

    /// From when its time in the queue is counted, in milliseconds of counted time.
    long begins() {
        return received + begins * 1000L;
    }

    void begins(Instant at) {
        begins = (int) Math.clamp(Math.ceilDiv(at.toEpochMilli() - received, 1000L), -NEVER, NEVER);
    }

    /// When its sender should be told that it is late, in milliseconds of counted time; [Long#MAX_VALUE] for never.
    long warnAt() {
        return warnAfter == NEVER ? Long.MAX_VALUE : received + warnAfter * 1000L;
    }

    void warnAt(Instant at) {
        warnAfter = at.equals(Instant.MAX) ? NEVER : (int) Math.clamp(Math.ceilDiv(at.toEpochMilli() - received, 1000L), -NEVER, NEVER);
    }

    void warnNever() {
        warnAfter = NEVER;
    }

    /// A host has said something to it. Kept for reports, which tell times by the second; shared by those that were answered within one.
    void answered(String host, Instant at) {
        Answered now = new Answered(host, (int) Math.clamp(at.getEpochSecond(), Integer.MIN_VALUE, Integer.MAX_VALUE));
        Answered last = destination.answered;
        if (!now.equals(last)) {
            destination.answered = now;
            last = now;
        }
        answered = last;
    }

    /// Another part of the same message, with what it has been through.
    Item part(List<Integer> some) {
        Item part = new Item(mid, received(), destination, some, attempts);
        part.begins = begins;
        part.sessions = sessions;
        part.fromHost = fromHost;
        part.answered = answered;
        part.warnAfter = warnAfter;
        return part;
    }

    List<Integer> rids() {
        return rids.length == 1 ? List.of(rids[0]) : Arrays.stream(rids).boxed().toList();
    }

    int recipients() {
        return rids.length;
    }

    int firstRid() {
        return rids[0];
    }

    /// Only by way of [EngineState#narrow], which counts.
    void keepOnly(List<Integer> some) {
        rids = compact(some);
    }

    /// Of an item that is loaded.
    QueuedMessage loaded() {
        return Objects.requireNonNull(message, "not loaded");
    }

    /// A new try: the whole list of hosts is open to it again.
    void nextTry() {
        attempts++;
        sessions = 0;
        fromHost = 0;
        turnedAway = false;
        if (course != null) {
            course.reasons = Map.of();
            course.visited = List.of();
        }
    }

    private Course course() {
        if (course == null) {
            course = new Course();
        }
        return course;
    }

    /// A host was asked in this try, and the next one is.
    void visited(Dcid dcid) {
        List<Dcid> all = new ArrayList<>(course().visited);
        all.add(dcid);
        course().visited = all;
    }

    /// The connections of this try.
    ///
    /// @param last of it; 0 for none
    List<Dcid> visits(Dcid last) {
        List<Dcid> all = new ArrayList<>(course == null ? List.of() : course.visited);
        if (last.value() != 0) {
            all.add(last);
        }
        return all;
    }

    /// Why a host would not have it in this try, by recipient.
    Map<Integer, Outcome.Reason> reasons() {
        return course == null ? Map.of() : course.reasons;
    }

    void reasons(Map<Integer, Outcome.Reason> why) {
        course().reasons = why;
    }

    /// By recipient, what stood in the way until its time was over.
    Map<Integer, Outcome.Reason> lastReasons() {
        return course == null ? Map.of() : course.lastReasons;
    }

    void lastReasons(Map<Integer, Outcome.Reason> last) {
        course().lastReasons = last;
    }

    Map<Integer, Outcome.Reason> all(Outcome.Reason why) {
        Map<Integer, Outcome.Reason> all = new LinkedHashMap<>(rids.length);
        for (int rid : rids) {
            all.put(rid, why);
        }
        return all;
    }

    /// Two operators may give orders about it at once: each of its changes answers to one of those who wait, for changes become durable in their order.
    ///
    /// @param told called once, under the lock, when the facts of what came of it are told
    void owing(Runnable told) {
        course().told.add(told);
    }

    void factsTold() {
        Runnable waiting = course == null ? null : course.told.poll();
        tidy();
        if (waiting != null) {
            waiting.run();
        }
    }

    /// It may wait for days, among a million.
    private void tidy() {
        if (course != null && course.isEmpty()) {
            course = null;
        }
    }

    /// What an operator wants of it once it is no longer under way.
    void order(Order order) {
        course().order = order;
    }

    /// Takes the order, if there is one.
    @Nullable Order takeOrder() {
        Order given = course == null ? null : course.order;
        if (given != null) {
            course().order = null;
        }
        tidy();
        return given;
    }

    DeliveryEvent.Verdict verdict(QueuedMessage of, int rid, Outcome.Reason why, Dcid dcid, String entry) {
        return new DeliveryEvent.Verdict(dcid, of.mid(), of.envelope().sender(), of.envelope().mailbox(rid), rid, why.status(), why.words(), why.code(), why.texts(),
                entry, why.demand());
    }
}
