package org.mailrelay.listener;

import java.time.Duration;

/// How long a client may take.
///
/// @param command     for a whole command, from the reply before it (RFC 5321 §4.5.3.2.7: at least 5 minutes); counted by lines, so that
///                    single octets buy no time. Also the longest silence within content
/// @param octetsPerSecond content must come at this rate at least, after `command` has passed
/// @param parting     from our last reply to the end of the connection, whether the client reads it or not
public record SessionLimits(Duration command, long octetsPerSecond, Duration parting) {

    public static final SessionLimits DEFAULT = new SessionLimits(Duration.ofMinutes(5), 100, Duration.ofSeconds(5));
}
