package org.mailrelay.delivery.connection;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.delivery.conversation.Stage;

/// The one limit on whatever is awaited. Event loop only.
///
/// It moves with every command, so moving it is cheap: a timer that fires before the limit looks where the limit stands by
/// then and waits for the rest.
final class Deadline {

    private final Consumer<Stage> expired;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAt;
    private @Nullable Stage awaited;
    private long limitAt;

    Deadline(Consumer<Stage> expired) {
        this.expired = expired;
    }

    void set(EventExecutor loop, Stage stage, Duration limit) {
        awaited = stage;
        limitAt = loop.ticker().nanoTime() + limit.toNanos();
        if (timer != null && timerAt - limitAt > 0) {
            timer.cancel(false);
            timer = null;
        }
        if (timer == null) {
            wind(loop, limit.toNanos());
        }
    }

    void clear() {
        awaited = null;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void wind(EventExecutor loop, long nanos) {
        timerAt = loop.ticker().nanoTime() + nanos;
        timer = loop.schedule(() -> fired(loop), nanos, TimeUnit.NANOSECONDS);
    }

    private void fired(EventExecutor loop) {
        timer = null;
        if (awaited == null) {
            return;
        }
        long left = limitAt - loop.ticker().nanoTime();
        if (left > 0) {
            wind(loop, left);
            return;
        }
        Stage stage = awaited;
        awaited = null;
        expired.accept(stage);
    }
}
