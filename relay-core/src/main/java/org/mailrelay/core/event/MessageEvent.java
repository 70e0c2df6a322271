package org.mailrelay.core.event;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.dkim.ArcChain;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.mime.SevenBitPlan;
import org.mailrelay.core.report.Action;

/// A message on its way into the queue.
public sealed interface MessageEvent extends MailEvent {

    Mid mid();

    @Override
    default Level level() {
        return Level.INFO;
    }

    /// `Start MID 6 ICID 5`
    record Started(Instant at, Mid mid, Icid icid) implements MessageEvent {}

    /// `MID 6 ICID 5 From: <sender@example.com>`
    record SenderGiven(Instant at, Mid mid, Icid icid, ReversePath sender) implements MessageEvent {}

    /// `MID 6 ICID 5 RID 0 To: <rcpt@example.net>`
    record RecipientGiven(Instant at, Mid mid, Icid icid, int rid, Mailbox recipient) implements MessageEvent {}

    /// `MID 6 Message-ID '<id@host>'`
    record MessageIdFound(Instant at, Mid mid, String messageId) implements MessageEvent {}

    /// `MID 6 Subject "Hello"`
    record SubjectFound(Instant at, Mid mid, String subject) implements MessageEvent {}

    /// `MID 6 ready 24663 bytes from <sender@example.com>`
    record Ready(Instant at, Mid mid, long bytes, ReversePath sender) implements MessageEvent {}

    /// `MID 6 content not converted to 7-bit: signed with DKIM`, or `content converted to 7-bit`, or `to short lines`
    ///
    /// @param to        what was to become of it: for signatures that last, or because its lines were too long
    /// @param hindrance why it stays as it is
    record ContentConverted(Instant at, Mid mid, SevenBitPlan.Target to, Optional<String> hindrance) implements MessageEvent {}

    /// `MID 6 DKIM: signing with s2026 (rsa-sha256), e2026 (ed25519-sha256) of example.com - matches example.com`
    ///
    /// @param domain   who signs
    /// @param sender   the domain whose entry it is
    /// @param took     from the content's end
    record DkimSigned(Instant at, Mid mid, Domain domain, Domain sender, List<String> signatures, Duration took) implements MessageEvent {
        public DkimSigned {
            signatures = List.copyOf(signatures);
        }
    }

    /// `MID 6 DKIM: not signed: several From fields`
    ///
    /// @param detail   more than the reason says; may be empty
    /// @param deferred it did not go unsigned: the client was told to try again
    record DkimNotSigned(Instant at, Mid mid, Unsigned why, String detail, boolean deferred) implements MessageEvent {
        @Override
        public Level level() {
            return why == Unsigned.SIGNING_FAILED ? Level.WARNING : Level.INFO;
        }
    }

    /// `MID 6 ARC: sealed by relay.example.com, instance 2, chain pass`
    ///
    /// @param chain what was found of the seals before it
    /// @param took  from the content's end, looking keys up included
    record ArcSealed(Instant at, Mid mid, Domain domain, int instance, ArcChain.Validity chain, Duration took) implements MessageEvent {}

    /// What came of signing a message, where there is anything to tell.
    static Optional<MessageEvent> ofSigning(Instant at, Mid mid, MailSigning.Result result, Duration took) {
        return switch (result) {
            case MailSigning.NoKey _ -> Optional.empty();
            case MailSigning.Signed signed -> Optional.of(new DkimSigned(at, mid, signed.domain(), signed.sender(), signed.by(), took));
            case MailSigning.Sealed sealed -> Optional.of(new ArcSealed(at, mid, sealed.domain(), sealed.instance(), sealed.chain(), took));
            case MailSigning.Unsignable(Unsigned why, String detail) -> Optional.of(new DkimNotSigned(at, mid, why, detail, false));
            case MailSigning.Deferred(String detail) -> Optional.of(new DkimNotSigned(at, mid, Unsigned.SIGNING_FAILED, detail, true));
        };
    }

    /// `MID 6 queued for delivery`
    record Queued(Instant at, Mid mid, int recipients, long bytes) implements MessageEvent {}

    /// `Message aborted MID 6 Receiving aborted by sender`
    record ReceivingAborted(Instant at, Mid mid) implements MessageEvent {}

    /// `MID 515 was generated for bounce of MID 511`
    record GeneratedForBounce(Instant at, Mid mid, Mid bounced) implements MessageEvent {}

    /// `MID 516 was generated for delay warning of MID 511`
    record GeneratedForDelay(Instant at, Mid mid, Mid delayed) implements MessageEvent {}

    /// `MID 517 was generated for relay confirmation of MID 511`
    record GeneratedForRelay(Instant at, Mid mid, Mid relayed) implements MessageEvent {}

    /// `MID 511 report dropped: failed to <a@example.com>, too many reports to this address in an hour`
    record ReportDropped(Instant at, Mid mid, Action action, Mailbox to) implements MessageEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `Deleted: MID 3 to RID [0]`
    record Deleted(Instant at, Mid mid, int rid) implements MessageEvent {}

    /// `MID 3 to RID [0] held by the operator`: and `released by the operator`, `redirected to mx.example:25`.
    record Directed(Instant at, Mid mid, List<Integer> rids, String order) implements MessageEvent {
        public Directed {
            rids = List.copyOf(rids);
        }
    }

    /// `Message finished MID 14 done`, or `aborted`: the last line of every MID.
    record Finished(Instant at, Mid mid, boolean done) implements MessageEvent {}
}
