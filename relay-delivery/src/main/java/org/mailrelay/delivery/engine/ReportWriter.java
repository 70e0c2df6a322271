package org.mailrelay.delivery.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.SigningRules;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.report.Action;
import org.mailrelay.core.report.RecipientReport;
import org.mailrelay.core.report.Report;
import org.mailrelay.core.report.ReportComposer;
import org.mailrelay.core.report.ReportRules;
import org.mailrelay.core.report.Returned;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.core.smtp.DotStuffing;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.BodyWriter;
import org.mailrelay.queue.NewMessage;
import org.mailrelay.queue.Origin;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;
import org.mailrelay.queue.StoreCallback;
import org.mailrelay.queue.StoreRefusal;

/// Stores reports on messages. Reads and writes files: virtual threads only.
final class ReportWriter {

    /// What is to be reported; the rest the message itself says.
    record Draft(QueuedMessage of, Mailbox to, Mailbox from, Domain reporter, Action action, List<RecipientReport> recipients, BounceProfile.Original original, Instant at) {}

    private final Spool spool;
    private final EventSink events;
    private final RandomGenerator random;
    private final MailSigning signing;

    ReportWriter(Spool spool, EventSink events, RandomGenerator random, MailSigning signing) {
        this.spool = spool;
        this.events = events;
        this.random = random;
        this.signing = signing;
    }

    /// @param done told the stored report, or nothing when it could not be stored
    void write(Draft draft, Consumer<Optional<QueuedMessage>> done) {
        QueuedMessage of = draft.of();
        Mid mid = spool.takeMid();
        Report report = new Report(mid, draft.at(), draft.reporter(), draft.from(), draft.to(), draft.action(),
                new Report.Original(of.origin().received(), of.envelope().parameters().envelopeId(), of.origin().injection().heloName(), of.envelope().parameters().smtpUtf8()),
                draft.recipients());
        ReportComposer.Composed composed = ReportComposer.compose(report, returned(of, draft.original()), random);
        DotStuffing.Stuffed wire = DotStuffing.stuff(composed.octets());
        long from = System.nanoTime();
        MailSigning.Result signed = signing.whole(wire.octets(), new SigningRules.Sender(Optional.empty(), Optional.empty(), DkimSettings.Key.MAIL));
        Optional<MessageEvent> told = MessageEvent.ofSigning(draft.at(), mid, signed, Duration.ofNanos(System.nanoTime() - from));
        if (signed.onTop().isEmpty()) {
            told.ifPresent(events::on);
            done.accept(Optional.empty());
            return;
        }
        byte[] prologue = signed.onTop().get();
        Content content = new Content(prologue.length + composed.octets().length, wire.dots(), composed.eightBit(), Optional.of(report.subject()), Optional.of(report.messageId()));
        // RFC 8689 §5: the report on mail that requires TLS requires it too.
        MailParameters parameters = MailParameters.of(composed.eightBit() ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT).withSmtpUtf8(composed.smtpUtf8())
                .withRequireTls(of.envelope().parameters().requireTls());
        Envelope envelope = new Envelope(ReversePath.NULL, List.of(new Recipient(draft.to(), Notify.NEVER, Optional.empty())), parameters);
        BodyWriter body = spool.newBody(mid);
        try {
            body.write(ByteBuffer.wrap(wire.octets()));
            spool.store(new NewMessage(mid, envelope, Origin.report(draft.at(), of.mid(), of.origin().tlsFloor()), content, prologue, body.finish()), new StoreCallback() {
                @Override
                public void stored(QueuedMessage queued) {
                    tell(queued, draft, told);
                    done.accept(Optional.of(queued));
                }

                @Override
                public void refused(StoreRefusal why) {
                    done.accept(Optional.empty());
                }
            });
        } catch (IOException unwritable) {
            body.discard();
            done.accept(Optional.empty());
        }
    }

    private void tell(QueuedMessage queued, Draft draft, Optional<MessageEvent> signed) {
        Mid mid = queued.mid();
        Instant now = draft.at();
        events.on(new MessageEvent.Started(now, mid, new Icid(0)));
        events.on(switch (draft.action()) {
            case FAILED -> new MessageEvent.GeneratedForBounce(now, mid, draft.of().mid());
            case DELAYED -> new MessageEvent.GeneratedForDelay(now, mid, draft.of().mid());
            case RELAYED -> new MessageEvent.GeneratedForRelay(now, mid, draft.of().mid());
        });
        events.on(new MessageEvent.SenderGiven(now, mid, new Icid(0), ReversePath.NULL));
        events.on(new MessageEvent.RecipientGiven(now, mid, new Icid(0), 0, draft.to()));
        signed.ifPresent(events::on);
        events.on(new MessageEvent.Ready(now, mid, queued.content().trueSize(), ReversePath.NULL));
        events.on(new MessageEvent.Queued(now, mid, 1, queued.content().trueSize()));
    }

    /// A message that cannot be read, or is not what was stored, goes without: the report is what its sender needs.
    private Returned returned(QueuedMessage of, BounceProfile.Original original) {
        if (original == BounceProfile.Original.NONE) {
            return new Returned.Nothing();
        }
        try {
            Optional<byte[]> wire = beginning(of);
            if (wire.isEmpty()) {
                return new Returned.Nothing();
            }
            boolean whole = original == BounceProfile.Original.FULL && wire.get().length == of.bodyLength();
            byte[] body = DotStuffing.unstuff(wire.get());
            ByteArrayOutputStream all = new ByteArrayOutputStream(of.prologue().length + body.length);
            all.writeBytes(of.prologue());
            all.write(body, 0, whole ? body.length : headerEnd(body));
            return whole ? new Returned.Full(all.toByteArray()) : new Returned.Headers(all.toByteArray());
        } catch (IOException unreadable) {
            return new Returned.Nothing();
        }
    }

    /// As much as may be returned, in wire form. A body of which that is all is checked; of a longer one only the header will be used.
    private Optional<byte[]> beginning(QueuedMessage of) throws IOException {
        Optional<BodySource> found = spool.body(of.mid());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (BodySource source = found.get()) {
            ByteBuffer read = ByteBuffer.allocate((int) Math.min(source.length(), ReportRules.MOST_RETURNED));
            while (read.hasRemaining() && source.read(read) >= 0) {
                continue;
            }
            boolean all = read.position() == source.length();
            return all && !source.intact() ? Optional.empty() : Optional.of(java.util.Arrays.copyOf(read.array(), read.position()));
        }
    }

    /// Behind the last header field, at the latest where the last whole line ends. A body that begins with an empty line has no header.
    private static int headerEnd(byte[] body) {
        int line = 0;
        for (int i = 1; i < body.length; i++) {
            if (body[i] == '\n' && body[i - 1] == '\r') {
                if (i - 1 == line) {
                    return line;
                }
                line = i + 1;
            }
        }
        return line;
    }
}
