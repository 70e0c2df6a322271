package org.mailrelay.delivery.engine;

import java.net.InetAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.connection.ConnectionLog;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.Transaction;

/// The facts of connections as events.
public final class EventLog implements ConnectionLog {

    private final EventSink events;
    private final Supplier<Settings> settings;
    /// Local addresses of which it was told that they cannot be used; told again once one has worked in between.
    private final Set<InetAddress> troubled = ConcurrentHashMap.newKeySet();

    public EventLog(EventSink events, Supplier<Settings> settings) {
        this.events = events;
        this.settings = settings;
    }

    @Override
    public void opened(About about) {
        if (!troubled.isEmpty()) {
            troubled.remove(about.ends().local().getAddress());
            troubled.removeIf(InetAddress::isAnyLocalAddress);
        }
        events.on(new DeliveryEvent.Opened(about.at(), connection(about)));
    }

    @Override
    public void noted(About about, Note note, String protocol, String cipher) {
        DeliveryEvent.Connection on = connection(about);
        switch (note) {
            case Note.Departed(var finding) -> events.on(new DeliveryEvent.EhloDeparted(about.at(), on, finding));
            case Note.StartTlsNotOffered _ -> events.on(new DeliveryEvent.StartTlsNotSupported(about.at(), on));
            case Note.TlsFailed(var why) -> events.on(new DeliveryEvent.TlsFailed(about.at(), on, why));
            case Note.TlsSucceeded _ ->
                events.on(new DeliveryEvent.TlsSucceeded(about.at(), on, settings.get().destinations().match(about.destination()).at(about.at()).tls(), protocol, cipher));
            case Note.PeerVerified(var by) -> events.on(new DeliveryEvent.PeerVerified(about.at(), on, by));
            case Note.PeerNotVerified(var check) -> events.on(new DeliveryEvent.PeerNotVerified(about.at(), on, new TlsFault(check.why(), check.detail()).words()));
            case Note.SteppedDown(var from, var to) -> events.on(new DeliveryEvent.TlsSteppedDown(about.at(), on, from, to));
            case Note.TrialUnmet(var rule, var why) -> events.on(new DeliveryEvent.TrialUnmet(about.at(), on, rule, why));
            case Note.InTheClear(var rule, var why) -> events.on(new DeliveryEvent.InTheClear(about.at(), on, rule, why));
            case Note.NotDelivered(var rule, var why) -> {
                events.on(new DeliveryEvent.PolicyUnmet(about.at(), on, rule, why));
                if (rule.level().required()) {
                    events.on(new DeliveryEvent.TlsRequiredNotNegotiated(about.at(), on));
                }
            }
        }
    }

    @Override
    public void failed(About about, HostFailure why) {
        if (why instanceof HostFailure.Local(String reason, _) && troubled.add(about.ends().local().getAddress())) {
            events.on(new SystemEvent.SourceUnusable(about.at(), about.ends().localText(), reason));
        }
        events.on(new DeliveryEvent.ConnectionFailed(about.at(), connection(about), why.words(), why instanceof HostFailure.Refused || why instanceof HostFailure.Loop));
    }

    @Override
    public void openingTook(About about, StageTimes times) {
        events.on(new DeliveryEvent.OpeningTook(about.at(), connection(about), times));
    }

    @Override
    public void seen(About about, TlsRule rule, Circumstances circumstances, SeenPeer seen) {
        events.on(new DeliveryEvent.PeerSeen(about.at(), connection(about), rule, circumstances, seen));
    }

    @Override
    public void transactionTook(About about, Mid mid, StageTimes times) {
        events.on(new DeliveryEvent.TransactionTook(about.at(), connection(about), mid, times));
    }

    @Override
    public void deliveryStarted(About about, Mid mid, Transaction transaction) {
        events.on(new DeliveryEvent.DeliveryStarted(about.at(), connection(about), mid, transaction.recipients().stream().map(r -> r.rid()).toList()));
    }

    @Override
    public void closed(About about) {
        events.on(new DeliveryEvent.Closed(about.at(), connection(about)));
    }

    private DeliveryEvent.Connection connection(About about) {
        return new DeliveryEvent.Connection(about.dcid(), about.destination(), settings.get().destinations().match(about.destination()).entry(), about.hostName(),
                about.ends().localText(), about.ends().peerText(), about.ends().peer().getPort());
    }

    static String text(java.net.InetSocketAddress socket) {
        return socket.getAddress() == null ? socket.getHostString() : socket.getAddress().getHostAddress();
    }
}
