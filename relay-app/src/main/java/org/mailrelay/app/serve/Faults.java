package org.mailrelay.app.serve;

import java.time.InstantSource;
import java.util.Set;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.SystemEvent;

/// What becomes of a bug that has ended a thread: it is told in mail_logs and counted, and its trace goes to standard error. With a thread without which mail
/// would wait and nobody know why, the process ends: all that was acknowledged is on disk, and whoever supervises the relay starts it anew.
public final class Faults implements Thread.UncaughtExceptionHandler {

    /// EX_SOFTWARE of sysexits.h.
    public static final int EXIT_STATUS = 70;

    /// Without these nothing is stored or settled, cleared away, or taken up at the start any more.
    static final Set<String> VITAL = Set.of("spool-writer", "spool-keeper", "queue-take-up");

    private final EventSink events;
    private final InstantSource clock;
    private final Runnable end;

    /// @param end ends the process
    public Faults(EventSink events, InstantSource clock, Runnable end) {
        this.events = events;
        this.clock = clock;
        this.end = end;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable bug) {
        boolean vital = VITAL.contains(thread.getName());
        try {
            System.getLogger(Faults.class.getName()).log(System.Logger.Level.ERROR, "a fault of this program ended thread " + thread.getName(), bug);
            events.on(new SystemEvent.Fault(clock.instant(), thread.getName(), bug.toString(), vital));
        } finally {
            if (vital) {
                end.run();
            }
        }
    }
}
