package org.mailrelay.observe.track;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.observe.log.MailLogWriter;
import org.mailrelay.observe.store.LineStore;
import org.mailrelay.observe.track.TrackRecord.Kind;

/// Keeps the lines of messages and their connections. The log's thread.
public final class Tracking implements MailLogWriter.EventReader {

    /// Connections that are remembered while they live, and those that failed a little longer: a message's line names them then.
    private static final int CONNECTIONS = 20_000;
    private static final long[] NONE = {};

    private final LineStore store;
    private final Map<Long, String> clients = bounded();
    private final Map<Long, String> tls = bounded();

    public Tracking(LineStore store) {
        this.store = store;
    }

    private static Map<Long, String> bounded() {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
                return size() > CONNECTIONS;
            }
        };
    }

    @Override
    public void look() {
        store.look();
    }

    @Override
    public void event(MailEvent event, String text) {
        switch (event) {
            case InjectionEvent injection -> injection(injection, text);
            case MessageEvent message -> message(message, text);
            case DeliveryEvent delivery -> delivery(delivery, text);
            case SystemEvent _ -> { }
        }
    }

    private void injection(InjectionEvent event, String text) {
        long icid = event.icid().value();
        switch (event) {
            case InjectionEvent.Opened e -> clients.put(icid, e.peerAddress());
            case InjectionEvent.ClientClaimed e -> clients.put(icid, e.peerAddress());
            case InjectionEvent.Closed _ -> clients.remove(icid);
            case InjectionEvent.AccessDecided _, InjectionEvent.TlsSucceeded _, InjectionEvent.TlsFailed _, InjectionEvent.TlsNotInitiated _,
                    InjectionEvent.CertificateShown _, InjectionEvent.CertificateMissing _,
                    InjectionEvent.AuthSucceeded _, InjectionEvent.AuthFailed _, InjectionEvent.UnknownCommand _, InjectionEvent.BadSyntax _,
                    InjectionEvent.ReceivingFailed _, InjectionEvent.Lost _ -> { }
        }
        keep(event, Kind.OTHER, 0, icid, NONE, "", text);
    }

    private void message(MessageEvent event, String text) {
        Mid mid = event.mid();
        switch (event) {
            case MessageEvent.Started e -> keep(e, Kind.STARTED, mid.value(), e.icid().value(), NONE, clients.getOrDefault(e.icid().value(), ""), text);
            case MessageEvent.SenderGiven e -> keep(e, Kind.SENDER, mid.value(), e.icid().value(), NONE, e.sender().mailbox().map(Mailbox::toString).orElse("<>"), text);
            case MessageEvent.RecipientGiven e -> keep(e, Kind.RECIPIENT, mid.value(), e.icid().value(), NONE, e.recipient().toString(), text);
            case MessageEvent.MessageIdFound e -> keep(e, Kind.MESSAGE_ID, mid, e.messageId(), text);
            case MessageEvent.SubjectFound e -> keep(e, Kind.SUBJECT, mid, e.subject(), text);
            case MessageEvent.Queued e -> keep(e, Kind.QUEUED, mid, "", text);
            case MessageEvent.Directed e -> keep(e, Kind.OTHER, mid, "", text);
            case MessageEvent.Deleted e -> keep(e, Kind.DELETED, mid, e.rid() + ";", text);
            case MessageEvent.Finished e -> keep(e, e.done() ? Kind.FINISHED : Kind.ABORTED, mid, "", text);
            case MessageEvent.ReceivingAborted e -> keep(e, Kind.ABORTED, mid, "", text);
            case MessageEvent.GeneratedForBounce e -> report(e, e.bounced(), text);
            case MessageEvent.GeneratedForDelay e -> report(e, e.delayed(), text);
            case MessageEvent.GeneratedForRelay e -> report(e, e.relayed(), text);
            case MessageEvent.ReportDropped e -> keep(e, Kind.OTHER, mid, "", text);
            case MessageEvent.DkimSigned e -> keep(e, Kind.OTHER, mid, "", text);
            case MessageEvent.ContentConverted e -> keep(e, Kind.OTHER, mid, "", text);
            case MessageEvent.ArcSealed e -> keep(e, Kind.OTHER, mid, "", text);
            case MessageEvent.DkimNotSigned e -> keep(e, Kind.OTHER, mid, "", text);
            case MessageEvent.Ready e -> keep(e, Kind.OTHER, mid, "", text);
        }
    }

    private void report(MessageEvent event, Mid on, String text) {
        keep(event, Kind.OTHER, event.mid(), "", text);
        keep(event, Kind.OTHER, on, "", text);
    }

    private void delivery(DeliveryEvent event, String text) {
        switch (event) {
            case DeliveryEvent.Closed e -> connection(e, e.connection(), "", text);
            case DeliveryEvent.TlsSucceeded e -> connection(e, e.connection(), "success " + e.protocol(), text);
            case DeliveryEvent.TlsFailed e -> connection(e, e.connection(), "failed", text);
            case DeliveryEvent.InTheClear e -> connection(e, e.connection(), "clear", text);
            case DeliveryEvent.PolicyUnmet e -> connection(e, e.connection(), "policy", text);
            case DeliveryEvent.PeerVerified e -> connection(e, e.connection(), "verified", text);
            case DeliveryEvent.PeerNotVerified e -> connection(e, e.connection(), "unverified", text);
            case DeliveryEvent.DeliveryStarted e -> keep(e, Kind.TLS, e.mid().value(), 0, dcid(e.connection().dcid()), outcome(e.connection().dcid()), text);
            case DeliveryEvent.Delivered e -> keep(e, Kind.DELIVERED, e.mid().value(), 0, dcid(e.connection().dcid()), rids(e.rids()) + ";", text);
            case DeliveryEvent.Delayed e -> verdict(e, Kind.DELAYED, e.verdict(), text);
            case DeliveryEvent.Bounced e -> verdict(e, Kind.BOUNCED, e.verdict(), text);
            case DeliveryEvent.DoubleBounced e -> verdict(e, Kind.BOUNCED, e.verdict(), text);
            case DeliveryEvent.Waits e -> waits(e, text);
            case DeliveryEvent.Ambiguous e -> keep(e, Kind.OTHER, e.mid(), "", text);
            case DeliveryEvent.Discarded e -> keep(e, Kind.DISCARDED, e.mid(), rids(e.rids()) + ";route " + e.position(), text);
            case DeliveryEvent.Answered e -> keep(e, Kind.OTHER, e.mid(), "", text);
            case DeliveryEvent.Pending e -> keep(e, Kind.OTHER, e.mid(), "", text);
            case DeliveryEvent.Opened e -> connection(e, e.connection(), "", text);
            case DeliveryEvent.StartTlsNotSupported e -> connection(e, e.connection(), "", text);
            case DeliveryEvent.TlsRequiredNotNegotiated e -> connection(e, e.connection(), "", text);
            case DeliveryEvent.EhloDeparted e -> connection(e, e.connection(), "", text);
            case DeliveryEvent.TrialUnmet e -> connection(e, e.connection(), "trial", text);
            case DeliveryEvent.TlsSteppedDown e -> connection(e, e.connection(), "", text);
            case DeliveryEvent.ConnectionFailed e -> connection(e, e.connection(), "", text);
            case DeliveryEvent.HostPlanned _, DeliveryEvent.HostProbed _, DeliveryEvent.PeerSeen _, DeliveryEvent.HostSkipped _, DeliveryEvent.OpeningTook _, DeliveryEvent.TransactionTook _, DeliveryEvent.Suspended _, DeliveryEvent.DnsFailed _ -> { }
        }
    }

    private void waits(DeliveryEvent.Waits event, String text) {
        long[] dcids = event.tried().stream().mapToLong(tried -> tried.dcid().value()).toArray();
        keep(event, Kind.WAITING, event.mid().value(), 0, dcids, rids(event.rids()) + ";" + event.reason(), text);
        String outcomes = event.tried().stream().map(tried -> outcome(tried.dcid())).distinct().collect(Collectors.joining(" "));
        if (!outcomes.isEmpty()) {
            keep(event, Kind.TLS, event.mid().value(), 0, NONE, outcomes, "");
        }
    }

    private void connection(DeliveryEvent event, DeliveryEvent.Connection connection, String outcome, String text) {
        if (!outcome.isEmpty()) {
            tls.merge(connection.dcid().value(), outcome, (before, more) -> before + " " + more);
        }
        keep(event, Kind.OTHER, 0, 0, dcid(connection.dcid()), "", text);
    }

    private void verdict(DeliveryEvent event, Kind kind, DeliveryEvent.Verdict verdict, String text) {
        keep(event, kind, verdict.mid().value(), 0, dcid(verdict.dcid()), verdict.rid() + ";" + verdict.status() + " " + String.join(" ", verdict.texts()), text);
    }

    private String outcome(Dcid dcid) {
        return tls.getOrDefault(dcid.value(), "");
    }

    private static long[] dcid(Dcid dcid) {
        return dcid.value() == 0 ? NONE : new long[] {dcid.value()};
    }

    private static String rids(List<Integer> rids) {
        return rids.size() == 1 ? Integer.toString(rids.getFirst()) : rids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private void keep(MailEvent event, Kind kind, Mid mid, String key, String text) {
        keep(event, kind, mid.value(), 0, NONE, key, text);
    }

    private void keep(MailEvent event, Kind kind, long mid, long icid, long[] dcids, String key, String text) {
        Instant at = event.at();
        store.append(at, mid, icid, dcids.length == 0 ? 0 : dcids[0], new TrackRecord(at.toEpochMilli(), event.level(), kind, mid, icid, dcids, key, text).line());
    }
}
