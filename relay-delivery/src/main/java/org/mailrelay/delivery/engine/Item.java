package org.mailrelay.delivery.engine;

import java.time.Instant;
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

    final long mid;
    /// Milliseconds of the epoch.
    final long received;
    /// From when its time in the queue is counted, in milliseconds of the epoch: later than that where its sender had it held, earlier where he wants it back
    /// before the queue's time is over.
    long counted;
    Destination destination;
    /// The next of the same slot of [MessageTable].
    @Nullable Item inTable;
    int attempts;
    Phase phase = Phase.READY;
    /// The message: while it is fresh, or about to be sent, or under way.
    @Nullable QueuedMessage message;
    /// The host that answered last, and when it was asked, in seconds of the epoch.
    @Nullable String host;
    long tried;
    /// Why it waits; shared where many wait for the same.
    Outcome.@Nullable Reason reason;
    /// When its sender should be told that it is late, in milliseconds of the epoch; [Long#MAX_VALUE] for never.
    long warnAt = Long.MAX_VALUE;
    /// What the last `waits` line said, and when, in minutes of the epoch.
    @Nullable String announced;
    int announcedAt;
    /// Connections that passed EHLO and TLS policy and were of no use, in this try.
    byte sessions;
    /// The first host of the plan that may still have it in this try.
    byte fromHost;
    /// A host turned it away unheard in this try: the next time counts.
    boolean turnedAway;
    private int[] rids;
    private @Nullable Course course;

    /// What only an item under way has.
    private static final class Course {
        Map<Integer, Outcome.Reason> reasons = Map.of();
        Map<Integer, Outcome.Reason> lastReasons = Map.of();
        @Nullable Runnable told;
        @Nullable Order order;
    }

    Item(long mid, Instant received, Destination destination, List<Integer> rids, int attempts) {
        this.mid = mid;
        this.received = received.toEpochMilli();
        this.counted = this.received;
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
        }
    }

    private Course course() {
        if (course == null) {
            course = new Course();
        }
        return course;
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

    /// @param told called once, under the lock, when the facts of what came of it are told
    void owing(Runnable told) {
        course().told = told;
    }

    void factsTold() {
        Runnable waiting = course == null ? null : course.told;
        if (waiting != null) {
            course().told = null;
            waiting.run();
        }
    }

    /// What an operator wants of it once it is no longer under way.
    void order(Order order) {
        course().order = order;
    }

    /// Takes the order, if there is one.
    @Nullable Order takeOrder() {
        Order given = course == null ? null : course.order;
        if (course != null && course.told == null) {
            course = null;
        } else if (given != null) {
            course().order = null;
        }
        return given;
    }

    DeliveryEvent.Verdict verdict(QueuedMessage of, int rid, Outcome.Reason why, Dcid dcid, String entry) {
        return new DeliveryEvent.Verdict(dcid, of.mid(), of.envelope().sender(), of.envelope().mailbox(rid), rid, why.status(), why.words(), why.code(), why.texts(),
                entry);
    }
}
