package org.mailrelay.core.event;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.TlsDemand;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// A connection to a mail host, or what became of recipients. What has a connection carries [Connection]; DCID 0 says that none existed.
public sealed interface DeliveryEvent extends MailEvent {

    @Override
    default Level level() {
        return Level.INFO;
    }

    /// What every fact of a connection holds.
    ///
    /// @param domain the destination, for the log
    /// @param entry  the entry of destinations.yaml, for the metrics
    /// @param mx     the mail host's name, or its address
    record Connection(Dcid dcid, Domain domain, String entry, String mx, String localAddress, String peerAddress, int port) {}

    /// `New SMTP DCID 30 interface 10.13.102.10 address 10.13.101.31 port 25`
    record Opened(Instant at, Connection connection) implements DeliveryEvent {}

    /// `DCID 30 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384 for example.com`
    record TlsSucceeded(Instant at, Connection connection, TlsRule rule, String protocol, String cipher) implements DeliveryEvent {}

    /// `DCID 30 TLS failed: STARTTLS unexpected response`
    record TlsFailed(Instant at, Connection connection, String reason) implements DeliveryEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `DCID 30 STARTTLS command not supported`
    record StartTlsNotSupported(Instant at, Connection connection) implements DeliveryEvent {}

    /// `DCID 30 IP 203.0.113.9 TLS was required but could not be successfully negotiated`
    record TlsRequiredNotNegotiated(Instant at, Connection connection) implements DeliveryEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `DCID 30 EHLO line 1 "250-STARTTLS" is the greeting (RFC 1869 4.3): STARTTLS is not offered`
    record EhloDeparted(Instant at, Connection connection, Finding finding) implements DeliveryEvent {}

    /// `DCID 30 policy required from conf/destinations.yaml:14 [example.com]: not delivered to mx1.example.com: STARTTLS not offered`
    record PolicyUnmet(Instant at, Connection connection, TlsRule rule, List<TlsReason> why) implements DeliveryEvent {
        public PolicyUnmet {
            why = List.copyOf(why);
        }

        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `DCID 30 TLS ladder: post-quantum hybrid failed with mx1.example.com, classical next`
    record TlsSteppedDown(Instant at, Connection connection, LadderStep from, LadderStep to) implements DeliveryEvent {}

    /// `DCID 30 probe of mx1.example.com without mail: post-quantum hybrid works`, or `...: TLS fails: STARTTLS not offered`
    ///
    /// @param detail what failed; empty where the top of the ladder works
    record HostProbed(Instant at, Connection connection, boolean works, String detail) implements DeliveryEvent {}

    /// `DCID 30 trial required-verify from conf/destinations.yaml:15 [example.com]: would not deliver to mx1.example.com: certificate not trusted`
    record TrialUnmet(Instant at, Connection connection, TlsRule rule, List<TlsReason> why) implements DeliveryEvent {
        public TrialUnmet {
            why = List.copyOf(why);
        }
    }

    /// `DCID 30 delivering in the clear to mx1.example.com: policy preferred, STARTTLS not offered`
    record InTheClear(Instant at, Connection connection, TlsRule rule, TlsReason why) implements DeliveryEvent {}

    /// `DCID 30 TLS peer mx1.example.com verified by PKIX name mx1.example.com`
    record PeerVerified(Instant at, Connection connection, String by) implements DeliveryEvent {}

    /// `DCID 30 TLS peer mx1.example.com not verified: certificate expired or not yet valid`
    record PeerNotVerified(Instant at, Connection connection, String reason) implements DeliveryEvent {}

    /// `Connection Error: DCID 63 domain: example.com IP: 10.13.101.31 port: 25 details: [timeout] interface: 10.10.192.50 reason: network error`
    ///
    /// @param unexpectedResponse the host answered, but not as hoped; else it is a matter of the network
    record ConnectionFailed(Instant at, Connection connection, String details, boolean unexpectedResponse) implements DeliveryEvent {}

    /// `DCID 30 took connect 2 ms, greeting 11 ms, ehlo 1 ms, starttls 1 ms, handshake 8 ms`: the opening, whether mail followed or not.
    record OpeningTook(Instant at, Connection connection, StageTimes times) implements DeliveryEvent {
        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /// `DCID 30 MID 14 took mail 1 ms, rcpt 1 ms, data 1 ms, end-of-data 3 ms`
    record TransactionTook(Instant at, Connection connection, Mid mid, StageTimes times) implements DeliveryEvent {
        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /// `Host mx1.example.com of example.com planned: policies sts example.com`: what it published, before any connection.
    ///
    /// @param noted what is wrong with these policies and stops nothing
    record HostPlanned(Instant at, Domain domain, String mx, List<PublishedPolicy> policies, List<TlsReason> noted) implements DeliveryEvent {
        public HostPlanned {
            policies = List.copyOf(policies);
            noted = List.copyOf(noted);
        }

        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /// `DCID 30 saw mx_dnssec secure, address_dnssec insecure, tlsa none, mta_sts none, starttls offered, extensions [STARTTLS], starttls_reply 220, protocol TLSv1.3, cipher TLS_AES_256_GCM_SHA384, group X25519MLKEM768, chain_sha256 ab12, not_after 2027-01-31T00:00:00Z, names [mx1.example.com], path trusted, dane DANE-EE 3 1 1 ab at depth 0, extensions_in_tls [REQUIRETLS]`
    ///
    /// What the host showed, whatever the policy made of it; one for each connection, those that never came up among them.
    ///
    /// @param rule          whose terms it was opened on
    /// @param circumstances what those rest on beside the operator's entry
    record PeerSeen(Instant at, Connection connection, TlsRule rule, Circumstances circumstances, SeenPeer seen) implements DeliveryEvent {
        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /// `DCID 0 policy required from conf/destinations.yaml:14 [example.com]: mx1.example.com left out: mail host not listed in the MTA-STS policy (policy of example.com id 1)`
    ///
    /// @param detail        what DNS or the policy said; may be empty
    /// @param circumstances what the decision rests on beside the operator's entry
    record HostSkipped(Instant at, Domain domain, String entry, String mx, String address, TlsRule rule, TlsReason why, String detail, List<PublishedPolicy> policies,
            Circumstances circumstances) implements DeliveryEvent {
        public HostSkipped {
            policies = List.copyOf(policies);
        }

        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `Delivery start DCID 30 MID 14 to RID [0]`
    record DeliveryStarted(Instant at, Connection connection, Mid mid, List<Integer> rids) implements DeliveryEvent {
        public DeliveryStarted {
            rids = List.copyOf(rids);
        }
    }

    /// `Message done DCID 30 MID 14 to RID [0, 1]`
    ///
    /// @param inQueue from reception to the remote 250
    record Delivered(Instant at, Connection connection, Mid mid, List<Integer> rids, long bytes, Duration inQueue) implements DeliveryEvent {
        public Delivered {
            rids = List.copyOf(rids);
        }
    }

    /// `MID 14 RID [0] Response '2.0.0 OK'`
    record Answered(Instant at, Mid mid, List<Integer> rids, String response) implements DeliveryEvent {
        public Answered {
            rids = List.copyOf(rids);
        }
    }

    /// `MID 14 to RID [0] ambiguous: DCID 30 was lost after the end of data (timeout), and the message may have been taken: it is tried again and may arrive twice`
    ///
    /// @param assumed taken for delivered, as `after_lost_reply: assume_delivered` says; else it is tried again
    record Ambiguous(Instant at, Connection connection, Mid mid, List<Integer> rids, String detail, boolean assumed) implements DeliveryEvent {
        public Ambiguous {
            rids = List.copyOf(rids);
        }
    }

    /// `DCID 30 close`
    record Closed(Instant at, Connection connection) implements DeliveryEvent {}

    /// What a recipient's outcome says.
    ///
    /// @param code  SMTP reply code; 0 for none, written '000'
    /// @param words the relay's reading of the enhanced code
    /// @param texts what the host said, or why there was no reply
    /// @param entry the entry of destinations.yaml, for the metrics
    /// @param demand what the TLS policy asked for in vain, where that is the cause
    record Verdict(Dcid dcid, Mid mid, ReversePath sender, Mailbox recipient, int rid, EnhancedCode status, String words, int code, List<String> texts,
            String entry, Optional<TlsDemand> demand) {
        public Verdict {
            texts = List.copyOf(texts);
        }

        public Verdict(Dcid dcid, Mid mid, ReversePath sender, Mailbox recipient, int rid, EnhancedCode status, String words, int code, List<String> texts, String entry) {
            this(dcid, mid, sender, recipient, rid, status, words, code, texts, entry, Optional.empty());
        }
    }

    /// `Delayed: DCID 84 MID 19 From: <a@example.com> To: <b@example.net> RID 0 - 4.3.2 - Not accepting messages at this time ('421', ['4.3.2 try again later'])`
    record Delayed(Instant at, Verdict verdict) implements DeliveryEvent {}

    /// `Bounced: DCID 84 MID 19 From: <a@example.com> To: <b@example.net> RID 0 - 5.1.1 - Bad destination email address ('550', ['5.1.1 no such user'])`
    record Bounced(Instant at, Verdict verdict) implements DeliveryEvent {}

    /// `Double bounce: MID 12 to RID 0 - 5.1.0 - Unknown address error ('550', ['no'])`
    record DoubleBounced(Instant at, Verdict verdict) implements DeliveryEvent {}

    /// `MID 154 to RID [0] pending till Wed Jul 20 10:15:41 2005 [Default]`
    record Pending(Instant at, Mid mid, List<Integer> rids, Instant next, String profile) implements DeliveryEvent {
        public Pending {
            rids = List.copyOf(rids);
        }
    }

    /// `MID 14 to RID [0] waits: STARTTLS not offered next attempt Wed Jul 20 10:15:41 2005 (MX tried: mx1.example.com DCID 30, mx2.example.com DCID 31)`
    ///
    /// @param demand what the TLS policy asked for in vain, where that is the cause
    record Waits(Instant at, Mid mid, List<Integer> rids, String reason, Instant next, List<Tried> tried, Optional<TlsDemand> demand) implements DeliveryEvent {
        public Waits {
            rids = List.copyOf(rids);
            tried = List.copyOf(tried);
        }

        public record Tried(String mx, Dcid dcid) {}
    }

    /// `Deliveries are currently suspended [example.com]`
    record Suspended(Instant at, String domain) implements DeliveryEvent {}

    /// `DNS Temporary Failure example.com MX - ServFail`
    record DnsFailed(Instant at, Domain domain, String type, String failure) implements DeliveryEvent {}

    /// `MID 14 to RID [0] discarded: route /dev/null from conf/routes.yaml:7`
    record Discarded(Instant at, Mid mid, List<Integer> rids, String position) implements DeliveryEvent {
        public Discarded {
            rids = List.copyOf(rids);
        }
    }
}
