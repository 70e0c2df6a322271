package org.mailrelay.listener;

import java.time.InstantSource;
import java.util.function.Supplier;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.net.dns.ReverseLookup;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.queue.Spool;

/// What listeners work with. `settings` gives the tree in force; a connection keeps the one that it began with.
public record ListenerSurroundings(EventLoops loops, Supplier<Settings> settings, Spool spool, Intake intake, EventSink events, InstantSource clock,
        ReverseLookup reverse, SessionLimits limits, MailSigning signing) {

    public ListenerSurroundings(EventLoops loops, Supplier<Settings> settings, Spool spool, Intake intake, EventSink events, InstantSource clock,
            ReverseLookup reverse) {
        this(loops, settings, spool, intake, events, clock, reverse, SessionLimits.DEFAULT, MailSigning.NONE);
    }

    /// The same, and mail is signed.
    public ListenerSurroundings signing(MailSigning by) {
        return new ListenerSurroundings(loops, settings, spool, intake, events, clock, reverse, limits, by);
    }
}
