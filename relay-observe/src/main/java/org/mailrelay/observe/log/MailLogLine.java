package org.mailrelay.observe.log;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.tls.TlsReason;

/// Every text of mail_logs. Operators' parsers read them: a text only ever grows at its end. For one thread.
///
/// What a remote side wrote passes through [Escape] here and nowhere else, so that one event is one line.
public final class MailLogLine {

    private final AsctimeDate dates;
    private final AsctimeDate nextAttempts;

    public MailLogLine(ZoneId zone) {
        this.dates = new AsctimeDate(zone);
        this.nextAttempts = new AsctimeDate(zone);
    }

    /// The whole line, without its line end: `Wed Sep  6 13:13:16 2023 Info: DCID 30 close`.
    public String line(MailEvent event) {
        return line(event.at(), event.level(), text(event));
    }

    String line(Instant at, MailEvent.Level level, String text) {
        return dates.of(at) + word(level) + text;
    }

    /// The event's text, without date and level.
    public String text(MailEvent event) {
        return switch (event) {
            case InjectionEvent injection -> text(injection);
            case MessageEvent message -> text(message);
            case DeliveryEvent delivery -> text(delivery);
            case SystemEvent system -> text(system);
        };
    }

    private static String text(InjectionEvent event) {
        String icid = "ICID " + event.icid();
        return switch (event) {
            case InjectionEvent.Opened e -> "New SMTP " + icid + " interface " + e.listener() + " (" + e.localAddress() + ") address " + e.peerAddress()
                    + " reverse dns host " + remote(e.host().orElse("unknown")) + " verified " + (e.verified() ? "yes" : "no");
            case InjectionEvent.AccessDecided e -> icid + " " + e.access() + " SG " + e.group() + " match " + remote(e.match()) + " SBRS not enabled";
            case InjectionEvent.TlsSucceeded e -> icid + " TLS success protocol " + e.protocol() + " cipher " + e.cipher();
            case InjectionEvent.TlsFailed e -> icid + " TLS failed: " + remote(e.reason());
            case InjectionEvent.TlsNotInitiated _ -> icid + " TLS was required but remote host did not initiate it";
            case InjectionEvent.UnknownCommand e -> icid + " Unknown command: " + remote(e.command());
            case InjectionEvent.BadSyntax e -> icid + " Bad syntax for command: " + remote(e.command());
            case InjectionEvent.ReceivingFailed e -> icid + " Receiving Failed: " + e.why().words();
            case InjectionEvent.Lost _ -> icid + " lost";
            case InjectionEvent.Closed _ -> icid + " close";
        };
    }

    private static String text(MessageEvent event) {
        String mid = "MID " + event.mid();
        return switch (event) {
            case MessageEvent.Started e -> "Start " + mid + " ICID " + e.icid();
            case MessageEvent.SenderGiven e -> mid + " ICID " + e.icid() + " From: " + e.sender();
            case MessageEvent.RecipientGiven e -> mid + " ICID " + e.icid() + " RID " + e.rid() + " To: <" + e.recipient() + ">";
            case MessageEvent.MessageIdFound e -> mid + " Message-ID '" + quoted(e.messageId()) + "'";
            case MessageEvent.SubjectFound e -> mid + " Subject \"" + quoted(e.subject()) + "\"";
            case MessageEvent.Ready e -> mid + " ready " + e.bytes() + " bytes from " + e.sender();
            case MessageEvent.Queued _ -> mid + " queued for delivery";
            case MessageEvent.ReceivingAborted _ -> "Message aborted " + mid + " Receiving aborted by sender";
            case MessageEvent.GeneratedForBounce e -> mid + " was generated for bounce of MID " + e.bounced();
            case MessageEvent.Deleted e -> "Deleted: " + mid + " to RID [" + e.rid() + "]";
            case MessageEvent.Finished e -> "Message finished " + mid + (e.done() ? " done" : " aborted");
        };
    }

    private String text(DeliveryEvent event) {
        return switch (event) {
            case DeliveryEvent.Opened(_, var c) -> "New SMTP DCID " + c.dcid() + " interface " + c.localAddress() + " address " + c.peerAddress() + " port " + c.port();
            case DeliveryEvent.TlsSucceeded e -> dcid(e.connection()) + "TLS success protocol " + e.protocol() + " cipher " + e.cipher() + " for " + e.connection().domain();
            case DeliveryEvent.TlsFailed e -> dcid(e.connection()) + "TLS failed: " + remote(e.reason());
            case DeliveryEvent.StartTlsNotSupported e -> dcid(e.connection()) + "STARTTLS command not supported";
            case DeliveryEvent.TlsRequiredNotNegotiated e -> dcid(e.connection()) + "IP " + e.connection().peerAddress()
                    + " TLS was required but could not be successfully negotiated";
            case DeliveryEvent.EhloDeparted e -> dcid(e.connection()) + e.finding().sentence();
            case DeliveryEvent.PolicyUnmet e -> dcid(e.connection()) + "policy " + e.rule() + ": not delivered to " + remote(e.connection().mx()) + ": "
                    + e.why().stream().map(TlsReason::words).collect(Collectors.joining(", "));
            case DeliveryEvent.InTheClear e -> dcid(e.connection()) + "delivering in the clear to " + remote(e.connection().mx()) + ": "
                    + (e.why() == TlsReason.POLICY_NONE ? e.why().words() : "policy " + e.rule().level().word() + ", " + e.why().words());
            case DeliveryEvent.PeerVerified e -> dcid(e.connection()) + "TLS peer " + remote(e.connection().mx()) + " verified by " + remote(e.by());
            case DeliveryEvent.PeerNotVerified e -> dcid(e.connection()) + "TLS peer " + remote(e.connection().mx()) + " not verified: " + remote(e.reason());
            case DeliveryEvent.ConnectionFailed e -> connectionError(e);
            case DeliveryEvent.DeliveryStarted e -> "Delivery start " + dcid(e.connection()) + "MID " + e.mid() + " to RID " + e.rids();
            case DeliveryEvent.Delivered e -> "Message done " + dcid(e.connection()) + "MID " + e.mid() + " to RID " + e.rids();
            case DeliveryEvent.Answered e -> "MID " + e.mid() + " RID " + e.rids() + " Response '" + quoted(e.response()) + "'";
            case DeliveryEvent.Closed e -> "DCID " + e.connection().dcid() + " close";
            case DeliveryEvent.Delayed(_, var verdict) -> "Delayed: " + outcome(verdict);
            case DeliveryEvent.Bounced(_, var verdict) -> "Bounced: " + outcome(verdict);
            case DeliveryEvent.DoubleBounced(_, var v) -> "Double bounce: MID " + v.mid() + " to RID " + v.rid() + said(v);
            case DeliveryEvent.Pending e -> "MID " + e.mid() + " to RID " + e.rids() + " pending till " + nextAttempts.of(e.next()) + " [" + e.profile() + "]";
            case DeliveryEvent.Waits e -> "MID " + e.mid() + " to RID " + e.rids() + " waits: " + remote(e.reason()) + " next attempt " + nextAttempts.of(e.next())
                    + tried(e.tried());
            case DeliveryEvent.Suspended e -> "Deliveries are currently suspended [" + remote(e.domain()) + "]";
            case DeliveryEvent.DnsFailed e -> "DNS Temporary Failure " + e.domain() + " " + e.type() + " - " + remote(e.failure());
            case DeliveryEvent.Discarded e -> "MID " + e.mid() + " to RID " + e.rids() + " discarded: route /dev/null from " + e.position();
        };
    }

    private static String connectionError(DeliveryEvent.ConnectionFailed e) {
        DeliveryEvent.Connection c = e.connection();
        return "Connection Error: DCID " + c.dcid() + " domain: " + c.domain() + " IP: " + c.peerAddress() + " port: " + c.port() + " details: "
                + remote(e.details()) + " interface: " + c.localAddress() + " reason: " + (e.unexpectedResponse() ? "unexpected SMTP response" : "network error");
    }

    private static String outcome(DeliveryEvent.Verdict v) {
        return "DCID " + v.dcid() + " MID " + v.mid() + " From: " + v.sender() + " To: <" + v.recipient() + "> RID " + v.rid() + said(v);
    }

    /// '000' says that no SMTP reply was received.
    private static String said(DeliveryEvent.Verdict v) {
        return " - " + v.status() + " - " + v.words() + " ('" + (v.code() == 0 ? "000" : v.code()) + "', "
                + v.texts().stream().map(t -> "'" + quoted(t) + "'").collect(Collectors.joining(", ", "[", "]")) + ")";
    }

    private static String tried(List<DeliveryEvent.Waits.Tried> tried) {
        return tried.isEmpty() ? "" : tried.stream().map(t -> remote(t.mx()) + " DCID " + t.dcid()).collect(Collectors.joining(", ", " (MX tried: ", ")"));
    }

    private static String text(SystemEvent event) {
        return switch (event) {
            case SystemEvent.Started e -> "System is coming up: " + e.hostname() + ", " + e.messages() + " messages in the queue";
            case SystemEvent.Stopping _ -> "System is going down";
            case SystemEvent.ListenerBound e -> "Listener " + e.listener() + " accepts connections at " + e.address();
            case SystemEvent.ListenerFailed e -> "Listener " + e.listener() + " cannot be bound at " + e.address() + ": " + remote(e.reason());
            case SystemEvent.ConfigurationLoaded e -> "Configuration loaded, generation " + e.generation();
            case SystemEvent.ConfigurationRefused e -> "Configuration not changed: " + remote(e.problem());
            case SystemEvent.SpoolTroubled e -> "Spool: " + remote(e.file()) + (e.offset() < 0 ? "" : " at " + e.offset()) + ": " + remote(e.detail());
            case SystemEvent.Switched e -> e.what() + (e.suspended() ? " suspended" : " resumed");
            case SystemEvent.LinesDropped e -> e.reader() + ": " + e.count() + " lines were dropped, the disk is too slow";
        };
    }

    private static String dcid(DeliveryEvent.Connection connection) {
        return "DCID " + connection.dcid() + " ";
    }

    private static String word(MailEvent.Level level) {
        return switch (level) {
            case CRITICAL -> " Critical: ";
            case WARNING -> " Warning: ";
            case INFO -> " Info: ";
            case DEBUG -> " Debug: ";
            case TRACE -> " Trace: ";
        };
    }

    private static String remote(String text) {
        return Escape.text(text, Escape.LOG_LIMIT);
    }

    private static String quoted(String text) {
        return Escape.quoted(text, Escape.LOG_LIMIT);
    }
}
