package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mailrelay.core.delivery.DeliveryStatusNotification;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.BounceProfile;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.BodyWriter;
import org.mailrelay.queue.NewMessage;
import org.mailrelay.queue.Origin;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;
import org.mailrelay.queue.StoreCallback;
import org.mailrelay.queue.StoreRefusal;

/// Stores the report on failed recipients. Reads and writes files: virtual threads only.
final class BounceWriter {

    private final Spool spool;
    private final EventSink events;

    BounceWriter(Spool spool, EventSink events) {
        this.spool = spool;
        this.events = events;
    }

    /// @param done told the stored report, or nothing when it could not be stored
    void write(QueuedMessage of, List<DeliveryStatusNotification.Failed> failed, Domain reporter, BounceProfile.Original original, Instant now,
            Consumer<Optional<QueuedMessage>> done) {
        Mailbox to = of.envelope().sender().mailbox().orElseThrow();
        Mid mid = spool.takeMid();
        DeliveryStatusNotification.Part part = switch (original) {
            case HEADERS -> DeliveryStatusNotification.Part.HEADERS;
            case FULL -> DeliveryStatusNotification.Part.FULL;
            case NONE -> DeliveryStatusNotification.Part.NONE;
        };
        DeliveryStatusNotification report = new DeliveryStatusNotification(mid, now, reporter, to, of.origin().received(), failed, part);
        BodyWriter body = spool.newBody(mid);
        try {
            body.write(ByteBuffer.wrap(report.opening()));
            copy(of, part, body);
            body.write(ByteBuffer.wrap(report.ending()));
            Content content = new Content(body.length(), 0, of.content().eightBit(), Optional.of("Delivery Status Notification (Failure)"), Optional.of(report.messageId()));
            NewMessage message = new NewMessage(mid, Envelope.of(ReversePath.NULL, List.of(to), content.eightBit() ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT),
                    Origin.report(now, of.mid()), content, new byte[0], body.finish());
            spool.store(message, new StoreCallback() {
                @Override
                public void stored(QueuedMessage queued) {
                    tell(queued, of.mid(), to, now);
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

    private void tell(QueuedMessage queued, Mid bounced, Mailbox to, Instant now) {
        Mid mid = queued.mid();
        events.on(new MessageEvent.Started(now, mid, new Icid(0)));
        events.on(new MessageEvent.GeneratedForBounce(now, mid, bounced));
        events.on(new MessageEvent.SenderGiven(now, mid, new Icid(0), ReversePath.NULL));
        events.on(new MessageEvent.RecipientGiven(now, mid, new Icid(0), 0, to));
        events.on(new MessageEvent.Ready(now, mid, queued.content().trueSize(), ReversePath.NULL));
        events.on(new MessageEvent.Queued(now, mid, 1, queued.content().trueSize()));
    }

    /// The wire form of a part is the part of the wire form: what was stuffed stays so.
    private void copy(QueuedMessage of, DeliveryStatusNotification.Part part, BodyWriter into) throws IOException {
        if (part == DeliveryStatusNotification.Part.NONE) {
            return;
        }
        Optional<BodySource> found = spool.body(of.mid());
        if (found.isEmpty()) {
            return;
        }
        into.write(ByteBuffer.wrap(of.prologue()));
        try (BodySource source = found.get()) {
            ByteBuffer piece = ByteBuffer.allocate(64 * 1024);
            int matched = 2;   // a body that begins with CRLF has no header of its own
            boolean headers = part == DeliveryStatusNotification.Part.HEADERS;
            while (source.read(piece.clear()) >= 0) {
                piece.flip();
                for (int i = 0; headers && i < piece.limit(); i++) {
                    matched = piece.get(i) == "\r\n\r\n".charAt(matched) ? matched + 1 : piece.get(i) == '\r' ? 1 : 0;
                    if (matched == 4) {
                        // The empty line goes along: its beginning may have gone with the piece before.
                        into.write(piece.limit(i + 1));
                        return;
                    }
                }
                into.write(piece);
            }
        }
    }
}
