package org.mailrelay.observe.track;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// What an operator asks: all parts must hold of a message.
///
/// @param mid   one message
/// @param parts what values must be, by what they are values of
/// @param from  the message was received at this moment or later
/// @param to    and before this one
/// @param most  the latest so many messages are told
public record TrackQuestion(OptionalLong mid, Map<Part, Predicate<String>> parts, Instant from, Instant to, int most) {

    /// What a message can be found by. `TLS`: one of the words success, failed, clear, policy (the policy held it), verified, unverified, or a protocol.
    public enum Part { SENDER, RECIPIENT, DOMAIN, SUBJECT, MESSAGE_ID, IP, TLS }

    public TrackQuestion {
        parts = new EnumMap<>(parts.isEmpty() ? new EnumMap<>(Part.class) : parts);
    }
}
