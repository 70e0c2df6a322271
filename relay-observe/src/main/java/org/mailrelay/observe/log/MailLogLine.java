package org.mailrelay.observe.log;

import static org.mailrelay.core.smtp.Escape.LOG_LIMIT;

import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.DeliveryEvent.Verdict;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsReason;

/// The catalogue of mail_logs: every event's text, without date and level. The shapes are an interface to operators' scripts.
///
/// Texts of remote origin are escaped here, once, and cut at 512 characters.
public final class MailLogLine {

    private final ZoneId zone;

    /// @param zone of the times inside lines (`pending till`)
    public MailLogLine(ZoneId zone) {
        this.zone = zone;
    }

    /// A line as mail_logs have it: date, level, text.
    public String dated(Instant at, MailEvent.Level level, String text) {
        return LogTime.asctime(at, zone) + " " + LogTime.word(level) + ": " + text;
    }

    public String text(MailEvent event) {
        return switch (event) {
            case InjectionEvent injection -> injection(injection);
            case MessageEvent message -> message(message);
            case DeliveryEvent delivery -> delivery(delivery);
            case SystemEvent system -> system(system);
        };
    }

    private static String injection(InjectionEvent event) {
        String icid = "ICID " + event.icid();
        return switch (event) {
            case InjectionEvent.Opened e -> "New SMTP " + icid + " interface " + e.listener() + " (" + e.localAddress() + ") address " + e.peerAddress()
                    + " reverse dns host " + e.host().map(MailLogLine::remote).orElse("unknown") + " verified " + (e.verified() ? "yes" : "no");
            case InjectionEvent.AccessDecided e -> icid + " " + e.access() + " SG " + e.group() + " match " + e.match() + " SBRS not enabled";
            case InjectionEvent.ClientClaimed e -> icid + " XCLIENT address " + e.peerAddress() + " host " + e.host().map(MailLogLine::remote).orElse("unknown");
            case InjectionEvent.TlsSucceeded e -> icid + " TLS success protocol " + e.protocol() + " cipher " + e.cipher();
            case InjectionEvent.TlsFailed e -> icid + " TLS failed: " + remote(e.reason());
            case InjectionEvent.CertificateShown e -> icid + " TLS client certificate " + certificate(e.certificate()) + e.user().map(user -> " user " + remote(user)).orElse("");
            case InjectionEvent.CertificateMissing e -> icid + " TLS client certificate missing, policy " + e.policy() + (e.required() ? " requires one" : " asks for one");
            case InjectionEvent.TlsNotInitiated _ -> icid + " TLS was required but remote host did not initiate it";
            case InjectionEvent.AuthSucceeded e -> "SMTP Auth (" + icid + ") succeeded for user: " + remote(e.user()) + " using AUTH mechanism: " + e.mechanism() + " with profile: default";
            case InjectionEvent.AuthFailed e -> "SMTP Auth (" + icid + ") failed for user: " + remote(e.user()) + " using AUTH mechanism: " + e.mechanism() + " with profile: default";
            case InjectionEvent.UnknownCommand e -> icid + " Unknown command: " + remote(e.command());
            case InjectionEvent.BadSyntax e -> icid + " Bad syntax for command: " + remote(e.command());
            case InjectionEvent.ReceivingFailed e -> icid + " Receiving Failed: " + e.why().words();
            case InjectionEvent.Lost _ -> icid + " lost";
            case InjectionEvent.Closed _ -> icid + " close";
        };
    }

    private static String certificate(ClientCertificate shown) {
        String names = shown.names().isEmpty() ? "" : " names " + remote(String.join(", ", shown.names()));
        return "\"" + quoted(shown.subject()) + "\"" + switch (shown.vouched()) {
            case AUTHORITY -> " verified";
            case OPERATOR -> " known by its fingerprint";
            case NOBODY -> " not verified: " + remote(shown.fault());
        } + names + " sha256 " + shown.fingerprint();
    }

    private static String message(MessageEvent event) {
        String mid = "MID " + event.mid();
        return switch (event) {
            case MessageEvent.Started e -> "Start " + mid + " ICID " + e.icid();
            case MessageEvent.SenderGiven e -> mid + " ICID " + e.icid() + " From: " + e.sender();
            case MessageEvent.RecipientGiven e -> mid + " ICID " + e.icid() + " RID " + e.rid() + " To: <" + e.recipient() + ">";
            case MessageEvent.MessageIdFound e -> mid + " Message-ID '" + quoted(e.messageId()) + "'";
            case MessageEvent.SubjectFound e -> mid + " Subject \"" + quoted(e.subject()) + "\"";
            case MessageEvent.Ready e -> mid + " ready " + e.bytes() + " bytes from " + e.sender();
            case MessageEvent.DkimSigned e -> mid + " DKIM: signing with " + String.join(", ", e.signatures()) + " of " + e.domain() + " - matches " + e.sender();
            case MessageEvent.ContentConverted e -> mid + " content " + (e.hindrance().isEmpty() ? "converted to " : "not converted to ") + e.to().words()
                    + e.hindrance().map(why -> ": " + remote(why)).orElse("");
            case MessageEvent.ArcSealed e -> mid + " ARC: sealed by " + e.domain() + ", instance " + e.instance() + ", chain " + e.chain().word();
            case MessageEvent.DkimNotSigned e -> mid + " DKIM: not signed: " + e.why().words() + (e.detail().isEmpty() ? "" : " (" + remote(e.detail()) + ")")
                    + (e.deferred() ? ", the client is to try again" : "");
            case MessageEvent.Queued _ -> mid + " queued for delivery";
            case MessageEvent.ReceivingAborted _ -> "Message aborted " + mid + " Receiving aborted by sender";
            case MessageEvent.GeneratedForBounce e -> mid + " was generated for bounce of MID " + e.bounced();
            case MessageEvent.GeneratedForDelay e -> mid + " was generated for delay warning of MID " + e.delayed();
            case MessageEvent.GeneratedForRelay e -> mid + " was generated for relay confirmation of MID " + e.relayed();
            case MessageEvent.ReportDropped e -> mid + " report dropped: " + e.action().word() + " to <" + e.to() + ">, too many reports to this address in an hour";
            case MessageEvent.Directed e -> mid + " to RID " + e.rids() + " " + e.order();
            case MessageEvent.Deleted e -> "Deleted: " + mid + " to RID [" + e.rid() + "]";
            case MessageEvent.Finished e -> "Message finished " + mid + (e.done() ? " done" : " aborted");
        };
    }

    private String delivery(DeliveryEvent event) {
        return switch (event) {
            case DeliveryEvent.Opened e -> "New SMTP " + dcid(e.connection()) + " interface " + e.connection().localAddress() + " address "
                    + e.connection().peerAddress() + " port " + e.connection().port();
            case DeliveryEvent.TlsSucceeded e -> dcid(e.connection()) + " TLS success protocol " + e.protocol() + " cipher " + e.cipher() + " for " + e.connection().domain();
            case DeliveryEvent.TlsFailed e -> dcid(e.connection()) + " TLS failed: " + remote(e.reason());
            case DeliveryEvent.StartTlsNotSupported e -> dcid(e.connection()) + " STARTTLS command not supported";
            case DeliveryEvent.TlsRequiredNotNegotiated e -> dcid(e.connection()) + " IP " + e.connection().peerAddress()
                    + " TLS was required but could not be successfully negotiated";
            case DeliveryEvent.EhloDeparted e -> dcid(e.connection()) + " " + e.finding().sentence();
            case DeliveryEvent.TlsSteppedDown e -> dcid(e.connection()) + " TLS ladder: " + e.from().words() + " failed with " + remote(e.connection().mx()) + ", "
                    + e.to().words() + " next";
            case DeliveryEvent.HostProbed e -> dcid(e.connection()) + " probe of " + remote(e.connection().mx()) + " without mail: "
                    + (e.works() ? LadderStep.HYBRID.words() + " works" : "TLS fails: " + remote(e.detail()));
            case DeliveryEvent.TrialUnmet e -> dcid(e.connection()) + " trial " + e.rule() + ": would not deliver to " + remote(e.connection().mx()) + ": " + reasons(e.why());
            case DeliveryEvent.PolicyUnmet e -> dcid(e.connection()) + " policy " + e.rule() + ": not delivered to " + remote(e.connection().mx()) + ": " + reasons(e.why());
            case DeliveryEvent.InTheClear e -> dcid(e.connection()) + " delivering in the clear to " + remote(e.connection().mx()) + ": policy "
                    + e.rule().level().word() + (e.why() == TlsReason.POLICY_NONE ? "" : ", " + e.why().words());
            case DeliveryEvent.PeerVerified e -> dcid(e.connection()) + " TLS peer " + remote(e.connection().mx()) + " verified by " + remote(e.by());
            case DeliveryEvent.PeerNotVerified e -> dcid(e.connection()) + " TLS peer " + remote(e.connection().mx()) + " not verified: " + remote(e.reason());
            case DeliveryEvent.ConnectionFailed e -> "Connection Error: " + dcid(e.connection()) + " domain: " + e.connection().domain() + " IP: "
                    + e.connection().peerAddress() + " port: " + e.connection().port() + " details: " + remote(e.details()) + " interface: "
                    + e.connection().localAddress() + " reason: " + (e.unexpectedResponse() ? "unexpected SMTP response" : "network error");
            case DeliveryEvent.HostPlanned e -> "Host " + remote(e.mx()) + " of " + e.domain() + " planned: policies "
                    + (e.policies().isEmpty() ? "none" : e.policies().stream().map(policy -> policy.type().word() + " " + policy.domain()).collect(Collectors.joining(", ")));
            case DeliveryEvent.HostSkipped e -> "DCID 0 policy " + e.rule() + ": " + remote(e.mx()) + " left out: " + e.why().words()
                    + (e.detail().isEmpty() ? "" : " (" + remote(e.detail()) + ")");
            case DeliveryEvent.PeerSeen e -> dcid(e.connection()) + " saw " + remote(seen(e));
            case DeliveryEvent.OpeningTook e -> dcid(e.connection()) + " took " + e.times();
            case DeliveryEvent.TransactionTook e -> dcid(e.connection()) + " MID " + e.mid() + " took " + e.times();
            case DeliveryEvent.DeliveryStarted e -> "Delivery start " + dcid(e.connection()) + " MID " + e.mid() + " to RID " + e.rids();
            case DeliveryEvent.Delivered e -> "Message done " + dcid(e.connection()) + " MID " + e.mid() + " to RID " + e.rids();
            case DeliveryEvent.Answered e -> "MID " + e.mid() + " RID " + e.rids() + " Response '" + quoted(e.response()) + "'";
            case DeliveryEvent.Closed e -> dcid(e.connection()) + " close";
            case DeliveryEvent.Delayed e -> "Delayed: " + verdict(e.verdict());
            case DeliveryEvent.Bounced e -> "Bounced: " + verdict(e.verdict());
            case DeliveryEvent.DoubleBounced e -> "Double bounce: MID " + e.verdict().mid() + " to RID " + e.verdict().rid() + " - " + judgement(e.verdict());
            case DeliveryEvent.Ambiguous e -> "MID " + e.mid() + " to RID " + e.rids() + " ambiguous: " + dcid(e.connection()) + " was lost after the end of data ("
                    + remote(e.detail()) + "), and the message may have been taken: it is " + (e.assumed() ? "taken for delivered" : "tried again and may arrive twice");
            case DeliveryEvent.Pending e -> "MID " + e.mid() + " to RID " + e.rids() + " pending till " + LogTime.asctime(e.next(), zone) + " [" + e.profile() + "]";
            case DeliveryEvent.Waits e -> "MID " + e.mid() + " to RID " + e.rids() + " waits: " + remote(e.reason()) + " next attempt "
                    + LogTime.asctime(e.next(), zone) + tried(e.tried());
            case DeliveryEvent.Suspended e -> "Deliveries are currently suspended [" + e.domain() + "]";
            case DeliveryEvent.DnsFailed e -> "DNS Temporary Failure " + e.domain() + " " + e.type() + " - " + remote(e.failure());
            case DeliveryEvent.Discarded e -> "MID " + e.mid() + " to RID " + e.rids() + " discarded: route /dev/null from " + e.position();
        };
    }

    private static String system(SystemEvent event) {
        return switch (event) {
            case SystemEvent.Started e -> "System is coming up: " + e.hostname() + ", " + e.messages() + " messages in the queue";
            case SystemEvent.Stopping _ -> "System is going down";
            case SystemEvent.ListenerBound e -> "Listener " + e.listener() + " accepts connections at " + e.address();
            case SystemEvent.ListenerFailed e -> "Listener " + e.listener() + " cannot be bound at " + e.address() + ": " + remote(e.reason());
            case SystemEvent.ConfigurationLoaded e -> "Configuration loaded, generation " + e.generation();
            case SystemEvent.ConnectionsRefused e -> "Receiving Failed: " + e.why().words() + ": " + e.count() + " further connections from " + e.address() + " in a minute";
            case SystemEvent.FilesReadAgain e -> (e.problem().isEmpty() ? "Read again: " : "Not read again: ") + remote(String.join(", ", e.files())) + e.problem().map(why -> ": " + remote(why)).orElse("");
            case SystemEvent.ConfigurationRefused e -> "Configuration not changed: " + remote(e.problem());
            case SystemEvent.SpoolTroubled e -> "Spool: " + e.file() + (e.offset() < 0 ? "" : " at " + e.offset()) + ": " + remote(e.detail());
            case SystemEvent.SourceUnusable e -> "Source address " + e.address() + " cannot be used: " + remote(e.reason());
            case SystemEvent.DnssecTried e -> "DNSSEC: validation " + switch (e.outcome()) {
                case WORKING -> "works: ";
                case BROKEN_DEFERRING -> "does not work here, mail that needs it waits: ";
                case BROKEN_IGNORED -> "does not work here, answers are taken unvalidated and DANE is off: ";
            } + remote(e.detail());
            case SystemEvent.DaneLookedUp e -> "DANE for MX " + e.mailHost() + ": " + word(e.result()) + ", " + remote(e.detail());
            case SystemEvent.StsLookedUp e -> "MTA-STS for " + e.domain() + ": " + word(e.result()) + ", " + remote(e.detail());
            case SystemEvent.PolicyStopsMail e -> "Alert: mail to " + e.domain() + " waits, no mail host has met policy " + e.rule() + " since " + second(e.since()) + ": "
                    + remote(e.mx()) + ": " + reasons(e.why());
            case SystemEvent.MailGoesOn e -> "Alert over: mail to " + e.domain() + " is delivered again by " + remote(e.mx()) + " after " + e.lasted().toMinutes() + " minutes";
            case SystemEvent.ExceptionEnds e -> "Alert: the exception of " + e.entry() + " at " + e.position() + " ends with " + e.expires() + " (" + remote(e.owner()) + ": "
                    + remote(e.reason()) + ")";
            case SystemEvent.OwnPathSuspected e -> "Alert: our own network is suspected: " + e.lost() + " of " + e.of() + " unrelated mail hosts lost TLS or changed certificates at once from "
                    + e.source() + " (" + e.hosts().stream().map(MailLogLine::remote).collect(Collectors.joining(", ")) + ")"
                    + (e.until().isAfter(e.at()) ? "; opportunistic mail waits until " + second(e.until()) + " at most" : "");
            case SystemEvent.OwnPathGivenUp e -> "Alert: mail from " + e.source() + " no longer waits for our own network, suspected since " + second(e.since())
                    + ": it goes as its policy says, in the clear too";
            case SystemEvent.OwnPathTrusted e -> "Alert over: mail hosts are " + (e.asBefore() ? "as they were from " + e.source() + ", our own network is trusted again"
                    : "not as they were from " + e.source() + ", and are taken as they are") + " after " + e.lasted().toMinutes() + " minutes";
            case SystemEvent.ExceptionsCounted e -> e.ending() + " exceptions have ended or end within fourteen days";
            case SystemEvent.Switched e -> e.what() + (e.suspended() ? " suspended" : " resumed");
            case SystemEvent.Fault e -> "A fault of this program ended thread " + e.thread() + ": " + remote(e.what()) + (e.vital() ? "; it ends, and has to be started anew" : "");
            case SystemEvent.ClockJumped e -> "The clock was set " + (e.by().isNegative() ? "back" : "forward") + " by " + e.by().abs().toSeconds() + " seconds: mail grows no older by it";
            case SystemEvent.LinesDropped e -> e.reader() + ": " + e.count() + " lines were dropped, the reader is too slow";
        };
    }

    private static String dcid(DeliveryEvent.Connection connection) {
        return "DCID " + connection.dcid();
    }

    private static String verdict(Verdict verdict) {
        return "DCID " + verdict.dcid() + " MID " + verdict.mid() + " From: " + verdict.sender() + " To: <" + verdict.recipient() + "> RID "
                + verdict.rid() + " - " + judgement(verdict);
    }

    /// `'000'` means that no SMTP reply was received.
    private static String judgement(Verdict verdict) {
        String code = verdict.code() == 0 ? "000" : Integer.toString(verdict.code());
        String texts = verdict.texts().stream().map(text -> "'" + quoted(text) + "'").collect(Collectors.joining(", "));
        return verdict.status() + " - " + verdict.words() + " ('" + code + "', [" + texts + "])";
    }

    private static String reasons(List<TlsReason> reasons) {
        return reasons.stream().map(TlsReason::words).collect(Collectors.joining(", "));
    }

    private static String seen(DeliveryEvent.PeerSeen event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        SeenFields.put(fields, event.circumstances());
        SeenFields.put(fields, event.seen());
        return SeenFields.words(fields);
    }

    private static String tried(List<DeliveryEvent.Waits.Tried> hosts) {
        return Optional.of(hosts).filter(some -> !some.isEmpty())
                .map(some -> some.stream().map(host -> remote(host.mx()) + " DCID " + host.dcid()).collect(Collectors.joining(", ", " (MX tried: ", ")")))
                .orElse("");
    }

    private static Instant second(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS);
    }

    /// `FETCH_FAILED` is `fetch failed`.
    private static String word(Enum<?> constant) {
        return constant.name().replace('_', ' ').toLowerCase(Locale.ROOT);
    }

    private static String remote(String text) {
        return Escape.text(text, LOG_LIMIT);
    }

    private static String quoted(String text) {
        return Escape.quoted(text, LOG_LIMIT);
    }
}
