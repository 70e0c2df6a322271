package org.mailrelay.delivery.engine;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mailrelay.core.delivery.ConcurrencyWindow;

/// What destinations that are without mail and connections now had learned of their hosts: after a pause their mail need not feel its way again. Guarded by the
/// engine's lock.
final class Learned {

    static final long KEPT_MILLIS = Duration.ofMinutes(10).toMillis();
    static final int MOST = 10_000;

    private record Lesson(ConcurrencyWindow window, long pace, long at) {}

    private final Map<DestinationKey, Lesson> lessons = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<DestinationKey, Lesson> eldest) {
            return size() > MOST;
        }
    };

    /// @param tick milliseconds since the start
    void keep(Destination destination, long tick) {
        lessons.remove(destination.key);
        if (destination.window.size() > 1) {
            lessons.put(destination.key, new Lesson(destination.window, destination.pace, tick));
        }
    }

    void recall(Destination destination, long tick) {
        Lesson lesson = lessons.remove(destination.key);
        if (lesson != null && tick - lesson.at() < KEPT_MILLIS) {
            destination.window = lesson.window();
            destination.pace = lesson.pace();
        }
    }
}
