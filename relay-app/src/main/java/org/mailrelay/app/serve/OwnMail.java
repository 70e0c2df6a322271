package org.mailrelay.app.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
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

    /// @param queued told what is in the queue now
    OwnMail(Spool spool, Consumer<QueuedMessage> queued, EventSink events, InstantSource clock) {
        this.spool = spool;
        this.queued = queued;
        this.events = events;
        this.clock = clock;
    }

    /// @return false when the spool would not take it
    boolean send(Letter letter) throws InterruptedException {
        Mid mid = spool.takeMid();
        BodyWriter body = spool.newBody(mid);
        CompletableFuture<Optional<QueuedMessage>> done = new CompletableFuture<>();
        try {
            body.write(ByteBuffer.wrap(letter.text().getBytes(StandardCharsets.US_ASCII)));
            Content content = new Content(body.length(), 0, false, Optional.of(letter.subject()), Optional.of(letter.messageId()), true);
            NewMessage message = new NewMessage(mid, Envelope.of(ReversePath.of(letter.from()), List.of(letter.to())),
                    Origin.of(clock.instant(), Injection.OURS), content, new byte[0], body.finish());
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
            stored.ifPresent(kept -> tell(letter, kept));
            stored.ifPresent(queued);
            return stored.isPresent();
        } catch (IOException unwritable) {
            body.discard();
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void tell(Letter letter, QueuedMessage stored) {
        Instant now = clock.instant();
        Mid mid = stored.mid();
        Icid ours = new Icid(0);
        ReversePath sender = ReversePath.of(letter.from());
        events.on(new MessageEvent.Started(now, mid, ours));
        events.on(new MessageEvent.SenderGiven(now, mid, ours, sender));
        events.on(new MessageEvent.RecipientGiven(now, mid, ours, 0, letter.to()));
        events.on(new MessageEvent.MessageIdFound(now, mid, letter.messageId()));
        events.on(new MessageEvent.SubjectFound(now, mid, letter.subject()));
        events.on(new MessageEvent.Ready(now, mid, stored.content().trueSize(), sender));
        events.on(new MessageEvent.Queued(now, mid, 1, stored.content().trueSize()));
    }
}
