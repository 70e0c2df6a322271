package org.mailrelay.testkit.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A clock that moves only by [#advance], and runs what was asked for on the way, in the order of the due times; [#set] changes what it shows, as an
/// administrator would, and no time passes. Any thread.
public final class ManualClock implements InstantSource {

    private record Due(Instant at, Runnable action) {}

    private final List<Due> waiting = new ArrayList<>();
    private Instant now;
    private Duration set = Duration.ZERO;

    public ManualClock(Instant start) {
        now = start;
    }

    @Override
    public synchronized Instant instant() {
        return now.plus(set);
    }

    /// From now on it shows so much more than before.
    public synchronized void set(Duration by) {
        set = set.plus(by);
    }

    /// Milliseconds that have passed since some beginning, however it was set.
    public synchronized long passedMillis() {
        return now.toEpochMilli();
    }

    private synchronized Instant unset() {
        return now;
    }

    /// Runs `action` when `delay` has passed, on the thread that advances the clock.
    public synchronized void after(Duration delay, Runnable action) {
        waiting.add(new Due(now.plus(delay.isNegative() ? Duration.ZERO : delay), action));
        notifyAll();
    }

    /// Returns once something waits for its time.
    public synchronized void awaitAction() throws InterruptedException {
        while (waiting.isEmpty()) {
            wait();
        }
    }

    /// How many actions wait.
    public synchronized int waiting() {
        return waiting.size();
    }

    /// Moves on; an action that asks for another one within the time gets it, too.
    public void advance(Duration by) {
        Instant end = unset().plus(by);
        for (Optional<Due> due = next(end); due.isPresent(); due = next(end)) {
            due.get().action().run();
        }
    }

    private synchronized Optional<Due> next(Instant end) {
        Optional<Due> first = waiting.stream().filter(due -> !due.at().isAfter(end)).min(Comparator.comparing(Due::at));
        first.ifPresentOrElse(due -> {
            waiting.remove(due);
            now = due.at().isAfter(now) ? due.at() : now;
        }, () -> now = end);
        return first;
    }
}
