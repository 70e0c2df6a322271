package org.mailrelay.listener;

import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mime.SevenBitPlan;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.queue.NewMessage;
import org.mailrelay.queue.Origin;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.StoreCallback;
import org.mailrelay.queue.StoreRefusal;

/// Hands a message whose content has ended to the spool, and its answer back to the connection's event loop.
final class Acceptance {

    private final ListenerSurroundings around;
    private final Conversions conversions;
    private final Domain ourName;

    Acceptance(ListenerSurroundings around, Conversions conversions, Domain ourName) {
        this.around = around;
        this.conversions = conversions;
        this.ourName = ourName;
    }

    /// @param answer told on `loop`; 250 only after the sync (RFC 5321 §6.1)
    void accept(Session session, InboundMessage message, EventExecutor loop, Consumer<OurReply> answer) {
        message.complete();
        Arrived arrived = new Arrived(session, message, loop, answer, around.clock().instant());
        Optional<InboundMessage.Verdict> refusal = message.refusal();
        if (refusal.isPresent()) {
            message.discard();
            refuse(arrived, refusal.get().why(), refusal.get().reply());
            return;
        }
        Taken taken;
        try {
            taken = message.taken();
        } catch (IOException unwritable) {
            message.discard();
            notStored(arrived);
            return;
        }
        message.conversion().ifPresentOrElse(target -> convert(arrived, taken, target), () -> sign(arrived, taken));
    }

    /// A message that has come whole and may be stored.
    private record Arrived(Session session, InboundMessage message, EventExecutor loop, Consumer<OurReply> answer, Instant at) {

        void onLoop(Runnable then) {
            if (loop.inEventLoop()) {
                then.run();
            } else {
                loop.execute(then);
            }
        }
    }

    private void convert(Arrived arrived, Taken taken, SevenBitPlan.Target target) {
        conversions.convert(taken, target, arrived.message()::signAgain, result -> arrived.onLoop(() -> {
            switch (result) {
                case Conversions.Result.Converted(Taken other) -> {
                    around.events().on(new MessageEvent.ContentConverted(arrived.at(), taken.mid(), target, Optional.empty()));
                    sign(arrived, other);
                }
                case Conversions.Result.Kept(String hindrance) -> {
                    around.events().on(new MessageEvent.ContentConverted(arrived.at(), taken.mid(), target, Optional.of(hindrance)));
                    sign(arrived, taken);
                }
                case Conversions.Result.Unwritable _ -> notStored(arrived);
            }
        }));
    }

    private void sign(Arrived arrived, Taken taken) {
        byte[] prologue = prologue(arrived);
        if (taken.signing().isEmpty()) {
            store(arrived, taken, prologue);
            return;
        }
        long from = System.nanoTime();
        taken.signing().get().end(prologue, result -> arrived.onLoop(() -> signed(arrived, taken, prologue, result, from)));
    }

    private void signed(Arrived arrived, Taken taken, byte[] prologue, MailSigning.Result result, long from) {
        MessageEvent.ofSigning(arrived.at(), taken.mid(), result, Duration.ofNanos(System.nanoTime() - from)).ifPresent(around.events()::on);
        result.onTop().ifPresentOrElse(fields -> store(arrived, taken, joined(fields, prologue)), () -> {
            around.spool().drop(taken.body());
            refuse(arrived, ReceivingFailure.NOT_SIGNED, OurReplies.NOT_SIGNED);
        });
    }

    private void store(Arrived arrived, Taken taken, byte[] prologue) {
        Session session = arrived.session();
        InboundMessage message = arrived.message();
        Content content = taken.under(prologue.length);
        tell(message, content, arrived.at());
        Origin origin = new Origin(arrived.at(), session.injection(), Optional.empty(), session.peer().policy().deliveryTls(), Optional.empty());
        session.meter().taken(content.trueSize());
        around.spool().store(new NewMessage(taken.mid(), new Envelope(message.sender, message.recipients, taken.parameters()), origin, content, prologue, taken.body()), new Answer(arrived));
    }

    /// Our own fields, on top.
    private byte[] prologue(Arrived arrived) {
        Session session = arrived.session();
        InboundMessage message = arrived.message();
        Instant now = arrived.at();
        byte[] received = session.peer().policy().receivedHeader() ? received(session, message, now) : new byte[0];
        if (!session.peer().policy().hygiene().addMissingFields() || message.dated() && message.identified()) {
            return received;
        }
        String missing = (message.dated() ? "" : ReceivedField.date(now, ZoneId.systemDefault()))
                + (message.identified() ? "" : "Message-ID: <" + message.mid + "." + now.toEpochMilli() + "@" + ourName + ">\r\n");
        return joined(received, missing.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] joined(byte[] above, byte[] below) {
        byte[] all = Arrays.copyOf(above, above.length + below.length);
        System.arraycopy(below, 0, all, above.length, below.length);
        return all;
    }

    private byte[] received(Session session, InboundMessage message, Instant now) {
        Peer peer = session.peer();
        return ReceivedField.wire(new ReceivedField.Facts(session.ehloName(), peer.host().map(Domain::name).orElse("unknown"), peer.addressText(), ourName,
                session.protocol(message), message.mid, message.recipients.size() == 1 ? Optional.of(message.recipients.getFirst().mailbox()) : Optional.empty(), now),
                ZoneId.systemDefault());
    }

    private void tell(InboundMessage message, Content content, Instant now) {
        EventSink events = around.events();
        content.messageId().ifPresent(id -> events.on(new MessageEvent.MessageIdFound(now, message.mid, id)));
        content.subject().ifPresent(subject -> events.on(new MessageEvent.SubjectFound(now, message.mid, subject)));
        events.on(new MessageEvent.Ready(now, message.mid, content.trueSize(), message.sender));
    }

    private void notStored(Arrived arrived) {
        refuse(arrived, ReceivingFailure.RESOURCES_LOW, OurReplies.NOT_STORED);
    }

    private void refuse(Arrived arrived, ReceivingFailure why, OurReply reply) {
        Instant now = around.clock().instant();
        around.events().on(new InjectionEvent.ReceivingFailed(now, arrived.session().peer().icid(), why));
        around.events().on(new MessageEvent.Finished(now, arrived.message().mid, false));
        arrived.onLoop(() -> arrived.answer().accept(reply));
    }

    private final class Answer implements StoreCallback {

        private final Arrived arrived;

        private Answer(Arrived arrived) {
            this.arrived = arrived;
        }

        @Override
        public void stored(QueuedMessage queued) {
            around.events().on(new MessageEvent.Queued(around.clock().instant(), queued.mid(), queued.envelope().recipients().size(), queued.content().trueSize()));
            around.intake().queued(queued);
            arrived.onLoop(() -> arrived.answer().accept(OurReplies.accepted(queued.mid())));
        }

        @Override
        public void refused(StoreRefusal why) {
            refuse(arrived, ReceivingFailure.RESOURCES_LOW, switch (why) {
                case FULL -> OurReplies.NO_SPACE;
                case FAILED -> OurReplies.NOT_STORED;
            });
        }
    }
}
