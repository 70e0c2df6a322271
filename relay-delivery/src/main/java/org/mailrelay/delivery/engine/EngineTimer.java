package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Runs things later, on a thread of its own, by a clock that nobody sets.
public interface EngineTimer extends AutoCloseable {

    void after(Duration delay, Runnable action);

    /// Milliseconds that have passed since some beginning: unlike the time of day they cannot be set.
    long passedMillis();

    @Override
    void close();

    /// A heap of due times and one thread.
    static EngineTimer ofSystem() {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("delivery-timer").daemon().factory());
        return new EngineTimer() {
            @Override
            public void after(Duration delay, Runnable action) {
                try {
                    thread.schedule(guarded(action), delay.toMillis() + 1, TimeUnit.MILLISECONDS);
                } catch (RejectedExecutionException _) {
                    // The engine has stopped, and nothing is due any more.
                }
            }

            /// A future that nobody asks would keep a bug to itself.
            private static Runnable guarded(Runnable action) {
                return () -> {
                    try {
                        action.run();
                    } catch (RuntimeException bug) {
                        Thread thread = Thread.currentThread();
                        thread.getUncaughtExceptionHandler().uncaughtException(thread, bug);
                    }
                };
            }

            @Override
            public long passedMillis() {
                return System.nanoTime() / 1_000_000;
            }

            @Override
            public void close() {
                thread.shutdownNow();
            }
        };
    }
}
