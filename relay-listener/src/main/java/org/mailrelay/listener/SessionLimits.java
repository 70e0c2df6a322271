package org.mailrelay.listener;

import java.time.Duration;

/// How long a client may take.
///
/// @param hush        how long a client that must not speak early is listened to before the greeting
/// @param handshake   for the whole TLS handshake
/// @param command     for a whole command, from the reply before it (RFC 5321 §4.5.3.2.7: at least 5 minutes); counted by lines, so that
///                    single octets buy no time. Also the longest silence within content
/// @param octetsPerSecond content must come at this rate at least, after `command` has passed
/// @param message     for a message to be taken, from the greeting or from the message before it: no session lasts that brings none
/// @param parting     from our last reply to the end of the connection, whether the client reads it or not
public record SessionLimits(Duration hush, Duration handshake, Duration command, long octetsPerSecond, Duration message, Duration parting) {

    public static final SessionLimits DEFAULT = new SessionLimits(Duration.ofMillis(50), Duration.ofSeconds(60), Duration.ofMinutes(5), 100,
            Duration.ofHours(2), Duration.ofSeconds(5));
}
