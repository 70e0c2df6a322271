package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.mailrelay.core.delivery.ClockJump;
import org.mailrelay.core.event.SystemEvent;

/// The two times of the engine: that of the wall clock, which somebody may set, for what is told; and time that passes, for what is due and for ages. Guarded
/// by the engine's lock.
final class EngineClock {

    /// The clocks are compared this often while one only asks what is due.
    private static final long LOOK_MILLIS = 1_000;

    private final InstantSource wall;
    private final EngineTimer timer;
    private final Consumer<SystemEvent> events;
    private final long beginning;
    /// What both said at the last look.
    private long lastWall;
    private long lastPassed;
    /// By how much the wall clock was set forward since the start, in milliseconds; negative for back.
    private long set;

    EngineClock(InstantSource wall, EngineTimer timer, Consumer<SystemEvent> events) {
        this.wall = wall;
        this.timer = timer;
        this.events = events;
        this.beginning = timer.passedMillis();
        this.lastWall = wall.millis();
    }

    /// Milliseconds since the start. What is due later is due by them: whoever sets the clock neither stalls it nor brings it forward.
    long tick() {
        long passed = timer.passedMillis() - beginning;
        if (passed - lastPassed >= LOOK_MILLIS) {
            look(passed);
        }
        return passed;
    }

    /// The time by which ages are counted: that of the wall clock, without what it was set forward or back in jumps since the start. Mail grows neither old nor
    /// young by them. What was set before the start cannot be told from time that the relay stood still.
    Instant counted() {
        look();
        return Instant.ofEpochMilli(lastWall - set);
    }

    /// What the wall clock has shown since it was last set.
    Instant counted(Instant shown) {
        look();
        return shown.minusMillis(set);
    }

    /// As the wall clock shows now what [#counted] says.
    Instant wall(Instant counted) {
        look();
        return counted.plusMillis(set);
    }

    /// Since the start.
    boolean wasSet() {
        return set != 0;
    }

    private void look() {
        look(timer.passedMillis() - beginning);
    }

    private void look(long passed) {
        long now = wall.millis();
        long jump = ClockJump.between(now - lastWall, passed - lastPassed);
        lastWall = now;
        lastPassed = passed;
        set += jump;
        if (jump != 0) {
            events.accept(new SystemEvent.ClockJumped(wall.instant(), Duration.ofMillis(jump)));
        }
    }
}
