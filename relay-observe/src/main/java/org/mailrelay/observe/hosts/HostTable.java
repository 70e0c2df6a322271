package org.mailrelay.observe.hosts;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.observe.hosts.HostFigures.Noted;
import org.mailrelay.observe.log.MailLogWriter;

/// Counts by destination. The log's thread writes, any thread reads.
public final class HostTable implements MailLogWriter.EventReader {

    private static final int DESTINATIONS = 50_000;
    private static final int DCIDS = 4;

    private final Map<Domain, Host> hosts = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Domain, Host> eldest) {
            return size() > DESTINATIONS;
        }
    };

    private static final class Host {
        private int connections;
        private long opened;
        private long delivered;
        private long soft;
        private long hard;
        private @Nullable Noted trouble;
        private @Nullable Noted refusal;
        private @Nullable Noted tls;
        private @Nullable Noted last;
        private final ArrayDeque<Long> dcids = new ArrayDeque<>(DCIDS);

        void tried(Instant at, DeliveryEvent.Connection connection) {
            last = new Noted(at, words(connection));
            if (dcids.size() == DCIDS) {
                dcids.removeFirst();
            }
            dcids.addLast(connection.dcid().value());
        }

        void failed(Instant at, String why) {
            trouble = new Noted(trouble == null ? at : trouble.at(), why);
        }

        HostFigures figures(Domain domain) {
            return new HostFigures(domain, connections, opened, delivered, soft, hard, Optional.ofNullable(trouble), Optional.ofNullable(refusal),
                    Optional.ofNullable(tls), Optional.ofNullable(last), List.copyOf(dcids));
        }
    }

    public synchronized List<HostFigures> all() {
        return hosts.entrySet().stream().map(entry -> entry.getValue().figures(entry.getKey())).toList();
    }

    /// Empty for a destination of which nothing has happened lately.
    public synchronized Optional<HostFigures> of(Domain domain) {
        return Optional.ofNullable(hosts.get(domain)).map(host -> host.figures(domain));
    }

    @Override
    public void look() {
    }

    @Override
    public void event(MailEvent event, String text) {
        switch (event) {
            case DeliveryEvent delivery -> delivery(delivery);
            case InjectionEvent _, MessageEvent _, SystemEvent _ -> { }
        }
    }

    private synchronized void delivery(DeliveryEvent event) {
        switch (event) {
            case DeliveryEvent.Opened e -> {
                Host host = host(e.connection().domain());
                host.opened++;
                host.connections++;
                host.tried(e.at(), e.connection());
            }
            case DeliveryEvent.Closed e -> {
                Host host = host(e.connection().domain());
                host.connections = Math.max(0, host.connections - 1);   // it may have been forgotten meanwhile
            }
            case DeliveryEvent.ConnectionFailed e -> {
                Host host = host(e.connection().domain());
                host.failed(e.at(), e.details());
                if (!host.dcids.contains(e.connection().dcid().value())) {
                    host.tried(e.at(), e.connection());
                }
            }
            case DeliveryEvent.TlsSucceeded e -> host(e.connection().domain()).tls = new Noted(e.at(), e.protocol() + " " + e.cipher());
            case DeliveryEvent.TlsFailed e -> host(e.connection().domain()).tls = new Noted(e.at(), "failed: " + e.reason());
            case DeliveryEvent.InTheClear e -> host(e.connection().domain()).tls = new Noted(e.at(), "in the clear: " + e.why().words());
            case DeliveryEvent.PeerVerified e -> add(host(e.connection().domain()), e.at(), ", verified by " + e.by());
            case DeliveryEvent.PeerNotVerified e -> add(host(e.connection().domain()), e.at(), ", not verified: " + e.reason());
            case DeliveryEvent.PolicyUnmet e -> host(e.connection().domain()).failed(e.at(), e.why().stream().map(TlsReason::words).collect(Collectors.joining(", ")));
            case DeliveryEvent.Delivered e -> {
                Host host = host(e.connection().domain());
                host.delivered += e.rids().size();
                host.trouble = null;
            }
            case DeliveryEvent.Delayed e -> {
                Host host = host(e.verdict().recipient().domain());
                host.soft++;
                if (e.verdict().code() == 0) {   // no host has said anything: it may have been another destination that found its address dead
                    host.failed(e.at(), String.join(", ", e.verdict().texts()));
                }
            }
            case DeliveryEvent.Bounced e -> {
                Host host = host(e.verdict().recipient().domain());
                host.hard++;
                if (e.verdict().code() >= 500) {
                    host.refusal = new Noted(e.at(), e.verdict().code() + " " + String.join(" ", e.verdict().texts()));
                }
            }
            case DeliveryEvent.DnsFailed e -> host(e.domain()).failed(e.at(), "DNS " + e.type() + ": " + e.failure());
            case DeliveryEvent.HostSkipped e -> host(e.domain()).failed(e.at(), e.why().words());
            case DeliveryEvent.HostPlanned _, DeliveryEvent.HostProbed _, DeliveryEvent.PeerSeen _, DeliveryEvent.StartTlsNotSupported _, DeliveryEvent.TlsRequiredNotNegotiated _, DeliveryEvent.EhloDeparted _, DeliveryEvent.TlsSteppedDown _,
                    DeliveryEvent.TrialUnmet _, DeliveryEvent.OpeningTook _, DeliveryEvent.TransactionTook _, DeliveryEvent.DeliveryStarted _, DeliveryEvent.Answered _, DeliveryEvent.Ambiguous _,
                    DeliveryEvent.DoubleBounced _, DeliveryEvent.Pending _, DeliveryEvent.Waits _, DeliveryEvent.Suspended _, DeliveryEvent.Discarded _ -> { }
        }
    }

    private Host host(Domain domain) {
        return hosts.computeIfAbsent(domain, _ -> new Host());
    }

    private static void add(Host host, Instant at, String words) {
        Noted tls = host.tls;
        host.tls = new Noted(at, (tls == null ? "" : tls.text()) + words);
    }

    private static String words(DeliveryEvent.Connection connection) {
        return "DCID " + connection.dcid() + " " + connection.mx() + " [" + connection.peerAddress() + "]:" + connection.port();
    }
}
