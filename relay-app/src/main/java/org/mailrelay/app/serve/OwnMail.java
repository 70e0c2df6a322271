package org.mailrelay.app.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.SigningRules;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.queue.BodyWriter;
import org.mailrelay.queue.Injection;
import org.mailrelay.queue.NewMessage;
import org.mailrelay.queue.Origin;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;
import org.mailrelay.queue.StoreCallback;
import org.mailrelay.queue.StoreRefusal;

/// Puts mail of the relay's own into its queue. Waits for the disk: virtual threads only.
final class OwnMail {

    /// @param text lines end in CRLF, US-ASCII, none begins with a dot
    record Letter(Mailbox from, Mailbox to, String subject, String messageId, String text) {}

    private final Spool spool;
    private final Consumer<QueuedMessage> queued;
    private final EventSink events;
    private final InstantSource clock;
    private final MailSigning signing;

    /// @param queued told what is in the queue now
    OwnMail(Spool spool, Consumer<QueuedMessage> queued, EventSink events, InstantSource clock, MailSigning signing) {
        this.spool = spool;
        this.queued = queued;
        this.events = events;
        this.clock = clock;
        this.signing = signing;
    }

    /// @param service what a key must be for to sign it: a service of [DkimSettings.Key]
    /// @return false when the spool would not take it, or it is not to go unsigned and cannot be signed
    boolean send(Letter letter, String service) throws InterruptedException {
        byte[] text = letter.text().getBytes(StandardCharsets.US_ASCII);
        long from = System.nanoTime();
        MailSigning.Result made = signing.whole(text, new SigningRules.Sender(Optional.of(letter.from().domain()), Optional.empty(), service));
        // A report needs its signature (RFC 8460 §3) and is tried again; what operators are to know goes in any case.
        MailSigning.Result signed = made instanceof MailSigning.Deferred(String detail) && !service.equals(DkimSettings.Key.TLS_REPORTS)
                ? new MailSigning.Unsignable(Unsigned.SIGNING_FAILED, detail) : made;
        Mid mid = spool.takeMid();
        Optional<MessageEvent> told = MessageEvent.ofSigning(clock.instant(), mid, signed, Duration.ofNanos(System.nanoTime() - from));
        if (signed.onTop().isEmpty()) {
            told.ifPresent(events::on);
            return false;
        }
        byte[] prologue = signed.onTop().get();
        BodyWriter body = spool.newBody(mid);
        CompletableFuture<Optional<QueuedMessage>> done = new CompletableFuture<>();
        try {
            body.write(ByteBuffer.wrap(text));
            Content content = new Content(prologue.length + body.length(), 0, false, Optional.of(letter.subject()), Optional.of(letter.messageId()), true);
            NewMessage message = new NewMessage(mid, Envelope.of(ReversePath.of(letter.from()), List.of(letter.to())),
                    Origin.of(clock.instant(), Injection.OURS), content, prologue, body.finish());
            spool.store(message, new StoreCallback() {
                @Override
                public void stored(QueuedMessage stored) {
                    done.complete(Optional.of(stored));
                }

                @Override
                public void refused(StoreRefusal why) {
                    done.complete(Optional.empty());
                }
            });
            Optional<QueuedMessage> stored = done.get();
            stored.ifPresent(kept -> tell(letter, kept, told));
            stored.ifPresent(queued);
            return stored.isPresent();
        } catch (IOException unwritable) {
            body.discard();
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void tell(Letter letter, QueuedMessage stored, Optional<MessageEvent> signed) {
        Instant now = clock.instant();
        Mid mid = stored.mid();
        Icid ours = new Icid(0);
        ReversePath sender = ReversePath.of(letter.from());
        events.on(new MessageEvent.Started(now, mid, ours));
        events.on(new MessageEvent.SenderGiven(now, mid, ours, sender));
        events.on(new MessageEvent.RecipientGiven(now, mid, ours, 0, letter.to()));
        events.on(new MessageEvent.MessageIdFound(now, mid, letter.messageId()));
        events.on(new MessageEvent.SubjectFound(now, mid, letter.subject()));
        signed.ifPresent(events::on);
        events.on(new MessageEvent.Ready(now, mid, stored.content().trueSize(), sender));
        events.on(new MessageEvent.Queued(now, mid, 1, stored.content().trueSize()));
    }
}
