package org.mailrelay.delivery.connection;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.mailrelay.delivery.conversation.HostFailure;

/// Reads why no connection came about. The transport gives the system's words with its own call before them and the address behind.
final class ConnectFailure {

    /// Of the other side or of the way there.
    private static final List<String> REMOTE = List.of("Connection refused", "No route to host", "Network is unreachable", "Connection reset", "Connection timed out");
    /// No source address or none of that family, no port left, no descriptor, no memory.
    private static final List<String> LOCAL = List.of("Cannot assign requested address", "Address already in use", "Too many open files", "No buffer space available",
            "Cannot allocate memory", "Permission denied", "Operation not permitted");

    private ConnectFailure() {
    }

    /// @param source the local address that was asked for
    static HostFailure of(Throwable cause, Optional<InetAddress> source) {
        Optional<String> local = Optional.empty();
        for (Throwable each = cause; each != null && local.isEmpty(); each = each.getCause()) {
            local = found(LOCAL, Link.words(each));
        }
        if (local.isPresent()) {
            return new HostFailure.Local(local.get(), source.map(InetAddress::getHostAddress).orElse(""));
        }
        String words = Link.words(cause);
        return new HostFailure.Unreachable(found(REMOTE, words).orElse(words));
    }

    private static Optional<String> found(List<String> known, String words) {
        return known.stream().filter(words::contains).findFirst();
    }
}
