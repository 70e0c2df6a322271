package org.mailrelay.observe.log;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.dkim.ArcChain;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.mime.SevenBitPlan;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenCertificate;
import org.mailrelay.core.replay.SeenHandshake;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.report.Action;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.StartTlsOffer;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.TlsDemand;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.core.tls.Trust;

/// One event of each kind: the one that its doc comment shows as a line.
final class Samples {

    static final Instant AT = Instant.parse("2023-09-06T13:13:16Z");
    private static final Instant NEXT = Instant.parse("2005-07-20T10:15:41Z");
    private static final Icid ICID = new Icid(5);
    private static final TlsRule REQUIRED = new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:14", "example.com");
    private static final TlsRule PREFERRED = new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:3", "default");

    private Samples() {
    }

    static List<MailEvent> injection() {
        return List.of(new InjectionEvent.Opened(AT, ICID, "Management", "10.1.1.1", "10.1.1.209", Optional.of("app1.example.com"), true),
                new InjectionEvent.AccessDecided(AT, ICID, MailFlowPolicy.Access.RELAY, "RELAYLIST", "10.1.1.0/24"),
                new InjectionEvent.ClientClaimed(AT, ICID, "192.0.2.1", Optional.of("app1.example.com")),
                new InjectionEvent.TlsSucceeded(AT, ICID, "TLSv1.3", "TLS_AES_256_GCM_SHA384", Duration.ofMillis(9)),
                new InjectionEvent.TlsFailed(AT, ICID, "no shared cipher", Duration.ofMillis(2)),
                new InjectionEvent.CertificateShown(AT, ICID, new ClientCertificate("3a0f".repeat(16), "cn=app1,o=example", List.of("app1.example.com"),
                        ClientCertificate.Vouched.AUTHORITY, ""), "partners", Optional.of("app1")),
                new InjectionEvent.CertificateMissing(AT, ICID, "partners", true),
                new InjectionEvent.TlsNotInitiated(AT, new Icid(8)),
                new InjectionEvent.AuthSucceeded(AT, ICID, "app1", "PLAIN"),
                new InjectionEvent.AuthFailed(AT, ICID, "app1", "PLAIN"),
                new InjectionEvent.UnknownCommand(AT, ICID, "FOO"),
                new InjectionEvent.BadSyntax(AT, ICID, "MAIL FROM x"),
                new InjectionEvent.ReceivingFailed(AT, ICID, InjectionEvent.ReceivingFailure.MESSAGE_SIZE),
                new InjectionEvent.Lost(AT, ICID),
                new InjectionEvent.Closed(AT, ICID, "Management"));
    }

    static List<MailEvent> message() {
        Mid mid = new Mid(6);
        ReversePath sender = ReversePath.of("sender@example.com");
        return List.of(new MessageEvent.Started(AT, mid, ICID),
                new MessageEvent.SenderGiven(AT, mid, ICID, sender),
                new MessageEvent.RecipientGiven(AT, mid, ICID, 0, Mailbox.of("rcpt@example.net")),
                new MessageEvent.MessageIdFound(AT, mid, "<id@host>"),
                new MessageEvent.SubjectFound(AT, mid, "Hello"),
                new MessageEvent.Ready(AT, mid, 24663, sender),
                new MessageEvent.ContentConverted(AT, mid, SevenBitPlan.Target.SEVEN_BIT, Optional.of("signed with DKIM")),
                new MessageEvent.DkimSigned(AT, mid, Domain.of("example.com"), Domain.of("example.com"), List.of("s2026 (rsa-sha256)", "e2026 (ed25519-sha256)"), Duration.ofMillis(1)),
                new MessageEvent.ArcSealed(AT, mid, Domain.of("relay.example.com"), 2, ArcChain.Validity.PASS, Duration.ofMillis(2)),
                new MessageEvent.DkimNotSigned(AT, mid, Unsigned.SEVERAL_FROM, "", false),
                new MessageEvent.Queued(AT, mid, 1, 24663),
                new MessageEvent.ReceivingAborted(AT, mid),
                new MessageEvent.GeneratedForBounce(AT, new Mid(515), new Mid(511)),
                new MessageEvent.GeneratedForDelay(AT, new Mid(516), new Mid(511)),
                new MessageEvent.GeneratedForRelay(AT, new Mid(517), new Mid(511)),
                new MessageEvent.ReportDropped(AT, new Mid(511), Action.FAILED, Mailbox.of("a@example.com")),
                new MessageEvent.Directed(AT, new Mid(3), List.of(0), "held by the operator"),
                new MessageEvent.Deleted(AT, new Mid(3), 0),
                new MessageEvent.Finished(AT, new Mid(14), true));
    }

    private static final Optional<TlsDemand> DEMAND = Optional.of(new TlsDemand(REQUIRED, List.of(TlsReason.NOT_OFFERED)));
    static final Circumstances CIRCUMSTANCES = new Circumstances(Optional.empty(), MessageNeed.NONE, Optional.of(Domain.of("mx1.example.com")), Optional.empty(), Optional.empty(),
            new Published(DnssecState.SECURE, DnssecState.INSECURE, new TlsaLookup.None(), new StsLookup.NoPolicy()), LadderStep.HYBRID, DaneUse.OPPORTUNISTIC);
    static final SeenPeer SEEN = new SeenPeer(Optional.of(new SeenPeer.Hello(StartTlsOffer.OFFERED, StartTlsOffer.OFFERED, Set.of(Keyword.STARTTLS))), 220,
            Optional.of(new SeenHandshake.Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", Optional.of("X25519MLKEM768"),
                    Optional.of(new SeenCertificate("ab12", Instant.parse("2027-01-31T00:00:00Z"), List.of("mx1.example.com"), false, Optional.empty(), Trust.SYSTEM, Optional.empty())),
                    Optional.of(new SeenHandshake.Match(Optional.empty(), "DANE-EE 3 1 1 ab at depth 0")))), Optional.of(Set.of(Keyword.REQUIRETLS)));

    static List<MailEvent> delivery() {
        DeliveryEvent.Connection c = connection(30, "10.13.102.10", "10.13.101.31");
        Mid mid = new Mid(14);
        return List.of(new DeliveryEvent.Opened(AT, c),
                new DeliveryEvent.TlsSucceeded(AT, c, REQUIRED, "TLSv1.3", "TLS_AES_256_GCM_SHA384"),
                new DeliveryEvent.TlsFailed(AT, c, "STARTTLS unexpected response"),
                new DeliveryEvent.StartTlsNotSupported(AT, c),
                new DeliveryEvent.TlsRequiredNotNegotiated(AT, connection(30, "10.13.102.10", "203.0.113.9")),
                new DeliveryEvent.EhloDeparted(AT, c, new Finding(Finding.Kind.KEYWORD_IN_GREETING, 1, "250-STARTTLS")),
                new DeliveryEvent.PolicyUnmet(AT, c, REQUIRED, List.of(TlsReason.NOT_OFFERED)),
                new DeliveryEvent.TlsSteppedDown(AT, c, LadderStep.HYBRID, LadderStep.CLASSICAL),
                new DeliveryEvent.HostProbed(AT, c, true, ""),
                new DeliveryEvent.TrialUnmet(AT, c, new TlsRule(TlsLevel.REQUIRED_VERIFY, "conf/destinations.yaml:15", "example.com"), List.of(TlsReason.CERTIFICATE_NOT_TRUSTED)),
                new DeliveryEvent.InTheClear(AT, c, PREFERRED, TlsReason.NOT_OFFERED),
                new DeliveryEvent.PeerVerified(AT, c, "PKIX name mx1.example.com"),
                new DeliveryEvent.PeerNotVerified(AT, c, TlsReason.CERTIFICATE_EXPIRED.words()),
                new DeliveryEvent.ConnectionFailed(AT, connection(63, "10.10.192.50", "10.13.101.31"), "[timeout]", false),
                new DeliveryEvent.HostPlanned(AT, Domain.of("example.com"), "mx1.example.com",
                        List.of(new PublishedPolicy(PublishedPolicy.Type.STS, List.of(), Domain.of("example.com"), List.of())), List.of()),
                new DeliveryEvent.HostSkipped(AT, Domain.of("example.com"), "example.com", "mx1.example.com", "10.13.101.31", REQUIRED, TlsReason.STS_MX_MISMATCH,
                        "policy of example.com id 1", List.of(), CIRCUMSTANCES),
                new DeliveryEvent.PeerSeen(AT, c, REQUIRED, CIRCUMSTANCES, SEEN),
                new DeliveryEvent.OpeningTook(AT, c, StageTimes.of(Map.of(StageTimes.Stage.CONNECT, Duration.ofMillis(2), StageTimes.Stage.GREETING, Duration.ofMillis(11),
                        StageTimes.Stage.EHLO, Duration.ofMillis(1), StageTimes.Stage.STARTTLS, Duration.ofMillis(1), StageTimes.Stage.HANDSHAKE, Duration.ofMillis(8)))),
                new DeliveryEvent.TransactionTook(AT, c, mid, StageTimes.of(Map.of(StageTimes.Stage.MAIL, Duration.ofMillis(1), StageTimes.Stage.RCPT, Duration.ofMillis(1),
                        StageTimes.Stage.DATA, Duration.ofMillis(1), StageTimes.Stage.END_OF_DATA, Duration.ofMillis(3)))),
                new DeliveryEvent.DeliveryStarted(AT, c, mid, List.of(0)),
                new DeliveryEvent.Delivered(AT, c, mid, List.of(0, 1), 24663, Duration.ofMillis(40)),
                new DeliveryEvent.Answered(AT, mid, List.of(0), "2.0.0 OK"),
                new DeliveryEvent.Ambiguous(AT, c, mid, List.of(0), "timeout", false),
                new DeliveryEvent.Closed(AT, c),
                new DeliveryEvent.Delayed(AT, verdict(19, new EnhancedCode(4, 3, 2), 421, "4.3.2 try again later")),
                new DeliveryEvent.Bounced(AT, verdict(19, new EnhancedCode(5, 1, 1), 550, "5.1.1 no such user")),
                new DeliveryEvent.DoubleBounced(AT, verdict(12, new EnhancedCode(5, 1, 0), 550, "no")),
                new DeliveryEvent.Pending(AT, new Mid(154), List.of(0), NEXT, "Default"),
                new DeliveryEvent.Waits(AT, mid, List.of(0), "STARTTLS not offered", NEXT, List.of(
                        new DeliveryEvent.Waits.Tried("mx1.example.com", new Dcid(30)), new DeliveryEvent.Waits.Tried("mx2.example.com", new Dcid(31))), DEMAND),
                new DeliveryEvent.Suspended(AT, "example.com"),
                new DeliveryEvent.DnsFailed(AT, Domain.of("example.com"), "MX", "ServFail"),
                new DeliveryEvent.Discarded(AT, mid, List.of(0), "conf/routes.yaml:7"));
    }

    static List<MailEvent> system() {
        return List.of(new SystemEvent.Started(AT, "relay.example.com", 12),
                new SystemEvent.Stopping(AT),
                new SystemEvent.ListenerBound(AT, "private", "127.0.0.1:2525"),
                new SystemEvent.ListenerFailed(AT, "private", "127.0.0.1:2525", "Address already in use"),
                new SystemEvent.ConnectionsRefused(AT, "203.0.113.9", InjectionEvent.ReceivingFailure.CONNECTION_LIMIT, 1234),
                new SystemEvent.ConfigurationLoaded(AT, 2),
                new SystemEvent.FilesReadAgain(AT, List.of("certs/relay.pem"), Optional.of("no usable certificate and key in certs/relay.pem and certs/relay.key")),
                new SystemEvent.ConfigurationRefused(AT, "conf/destinations.yaml:14:5: unknown key 'tsl', did you mean 'tls'?"),
                new SystemEvent.SpoolTroubled(AT, true, "segment-0000000000000001.log", 4711, "120 octets are damaged and left out"),
                new SystemEvent.DnssecTried(AT, SystemEvent.DnssecTried.Dnssec.BROKEN_IGNORED, ".: SOA DNSSEC bogus"),
                new SystemEvent.DaneLookedUp(AT, Domain.of("mx1.example.com"), SystemEvent.DaneLookedUp.Result.FAILED, "_25._tcp.mx1.example.com TLSA - Timeout"),
                new SystemEvent.StsLookedUp(AT, Domain.of("example.com"), SystemEvent.StsLookedUp.Result.BROKEN, "line 2: 'mode: enforced': expected mode enforce, testing or none"),
                new SystemEvent.PolicyStopsMail(AT, Domain.of("example.com"), "example.com", "mx1.example.com", REQUIRED, List.of(TlsReason.NOT_OFFERED), Instant.parse("2026-11-24T12:00:00Z")),
                new SystemEvent.MailGoesOn(AT, Domain.of("example.com"), "example.com", "mx1.example.com", Duration.ofMinutes(120)),
                new SystemEvent.ExceptionEnds(AT, "broken.example", "conf/destinations.yaml:20", "postmaster@example.org", "their EHLO puts STARTTLS first", java.time.LocalDate.of(2027, 1, 31)),
                new SystemEvent.OwnPathSuspected(AT, "192.0.2.8", 7, 8, List.of("mx1.example.com", "mx1.example.net"), Instant.parse("2026-11-24T16:00:00Z")),
                new SystemEvent.OwnPathGivenUp(AT, "192.0.2.8", Instant.parse("2026-11-24T12:00:00Z")),
                new SystemEvent.OwnPathTrusted(AT, "192.0.2.8", Duration.ofMinutes(25), true),
                new SystemEvent.ExceptionsCounted(AT, 2),
                new SystemEvent.Switched(AT, "Receiving", true),
                new SystemEvent.SourceUnusable(AT, "192.0.2.8", "Cannot assign requested address"),
                new SystemEvent.ClockJumped(AT, Duration.ofDays(5)),
                new SystemEvent.Fault(AT, "spool-writer", "java.lang.IllegalStateException: no segment", true),
                new SystemEvent.LinesDropped(AT, "mail_logs", 12));
    }

    static DeliveryEvent.Verdict verdict(long mid, EnhancedCode status, int code, String text) {
        return new DeliveryEvent.Verdict(new Dcid(84), new Mid(mid), ReversePath.of("a@example.com"), Mailbox.of("b@example.net"), 0, status,
                status.words(), code, List.of(text), "example.net", DEMAND);
    }

    private static DeliveryEvent.Connection connection(long dcid, String local, String peer) {
        return new DeliveryEvent.Connection(new Dcid(dcid), Domain.of("example.com"), "example.com", "mx1.example.com", local, peer, 25);
    }
}
