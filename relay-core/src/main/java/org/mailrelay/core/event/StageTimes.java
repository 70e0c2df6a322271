package org.mailrelay.core.event;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;

/// How long a connection waited in each stage of its opening, or of one transaction. What did not happen is 0.
public final class StageTimes {

    /// What was waited for. With PIPELINING the replies to a group come together: the first one's stage bears the wait.
    public enum Stage {
        CONNECT("connect"), GREETING("greeting"), EHLO("ehlo"), STARTTLS("starttls"), HANDSHAKE("handshake"), AUTH("auth"), MAIL("mail"), RCPT("rcpt"), DATA("data"),
        CONTENT("content"), END_OF_DATA("end-of-data"), RSET("rset");

        private static final Stage[] ALL = values();
        private final String word;

        Stage(String word) {
            this.word = word;
        }

        /// As mail_logs and the label `stage` spell it.
        public String word() {
            return word;
        }
    }

    private final long[] nanos;

    /// @param nanos by the ordinal of the stage; taken as it is, so that nothing is copied for each message
    private StageTimes(long[] nanos) {
        this.nanos = nanos;
    }

    public static StageTimes of(Map<Stage, Duration> times) {
        long[] nanos = new long[Stage.ALL.length];
        times.forEach((stage, time) -> nanos[stage.ordinal()] = time.toNanos());
        return new StageTimes(nanos);
    }

    public long nanos(Stage stage) {
        return nanos[stage.ordinal()];
    }

    public Duration total() {
        long total = 0;
        for (long each : nanos) {
            total += each;
        }
        return Duration.ofNanos(total);
    }

    /// Those that happened, in seconds.
    public Map<Stage, Double> seconds() {
        Map<Stage, Double> seconds = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.ALL) {
            if (nanos[stage.ordinal()] > 0) {
                seconds.put(stage, Math.round(nanos[stage.ordinal()] / 1e3) / 1e6);
            }
        }
        return seconds;
    }

    /// `connect 2 ms, greeting 11 ms, ehlo 1 ms`
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        for (Stage stage : Stage.ALL) {
            if (nanos[stage.ordinal()] > 0) {
                text.add(stage.word() + " " + Math.round(nanos[stage.ordinal()] / 1e6) + " ms");
            }
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StageTimes that && java.util.Arrays.equals(nanos, that.nanos);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(nanos);
    }

    /// Measures the stages one after the other. One thread.
    public static final class Watch {
        private long[] nanos = new long[Stage.ALL.length];
        private int stage;
        private long since;

        /// @param now nanoseconds of any clock that only goes forward
        public Watch(Stage first, long now) {
            stage = first.ordinal();
            since = now;
        }

        /// What is waited for from now on.
        public void enter(Stage next, long now) {
            end(now);
            stage = next.ordinal();
        }

        /// Nothing is waited for.
        public void end(long now) {
            if (stage >= 0) {
                nanos[stage] += Math.max(1, now - since);
            }
            stage = -1;
            since = now;
        }

        /// What was measured since the last take.
        public StageTimes take(long now) {
            int going = stage;
            end(now);
            stage = going;
            StageTimes taken = new StageTimes(nanos);
            nanos = new long[Stage.ALL.length];
            return taken;
        }
    }
}
