package org.mailrelay.core.mail;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// `NOTIFY=` of RCPT: when the sender wants to hear of a recipient (RFC 3461 §4.1).
///
/// The eight values that can be said, and the one of saying nothing, are each one object.
public sealed interface Notify {

    /// Nothing was said: failures are reported, delays may be (RFC 3461 §4.1).
    record Unsaid() implements Notify {}

    /// No report of any kind, ever.
    record Never() implements Notify {}

    /// @param events never empty
    record On(Set<Event> events) implements Notify {
        public On {
            events = Set.copyOf(events);
            if (events.isEmpty()) {
                throw new IllegalArgumentException("NOTIFY of nothing; that is NEVER");
            }
        }
    }

    enum Event { SUCCESS, FAILURE, DELAY }

    Notify UNSAID = new Unsaid();
    Notify NEVER = new Never();
    /// By [#mask]; the first is not in use.
    List<Notify> COMBINATIONS = List.of(NEVER, on(1), on(2), on(3), on(4), on(5), on(6), on(7));

    static Notify on(Event first, Event... more) {
        EnumSet<Event> events = EnumSet.of(first, more);
        return COMBINATIONS.get(mask(events));
    }

    /// @param events never empty
    static Notify on(Set<Event> events) {
        return COMBINATIONS.get(mask(new On(events).events()));
    }

    private static Notify on(int mask) {
        return new On(Set.copyOf(Arrays.stream(Event.values()).filter(e -> (mask & 1 << e.ordinal()) != 0).toList()));
    }

    private static int mask(Set<Event> events) {
        return events.stream().mapToInt(e -> 1 << e.ordinal()).sum();
    }

    default boolean onFailure() {
        return switch (this) {
            case Unsaid _ -> true;
            case Never _ -> false;
            case On(Set<Event> events) -> events.contains(Event.FAILURE);
        };
    }

    default boolean onSuccess() {
        return asksFor(Event.SUCCESS);
    }

    /// The sender asked to be told of a delay; [Unsaid] leaves it to us.
    default boolean onDelay() {
        return asksFor(Event.DELAY);
    }

    private boolean asksFor(Event event) {
        return switch (this) {
            case Unsaid _, Never _ -> false;
            case On(Set<Event> events) -> events.contains(event);
        };
    }
}
