package org.mailrelay.observe.hosts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// One destination since the relay started.
///
/// @param connections open now
/// @param delivered   recipients
/// @param soft        recipients put off, each time
/// @param hard        recipients bounced
/// @param trouble     why the last attempt came to nothing, and since when none has succeeded; empty for a host that is up
/// @param refusal     the last answer of 5xx
/// @param tls         of the last connection: protocol and cipher and whom it showed itself to be, or why it went in the clear
/// @param last        the connection that was last opened or tried
/// @param dcids       the last few connections, the latest last
public record HostFigures(Domain domain, int connections, long opened, long delivered, long soft, long hard, Optional<Noted> trouble, Optional<Noted> refusal,
        Optional<Noted> tls, Optional<Noted> last, List<Long> dcids) {

    public HostFigures {
        dcids = List.copyOf(dcids);
    }

    /// @param text from afar: escape it where it is shown
    public record Noted(Instant at, String text) {}

    public boolean up() {
        return trouble.isEmpty();
    }
}
