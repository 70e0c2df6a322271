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
    private final Domain ourName;

    Acceptance(ListenerSurroundings around, Domain ourName) {
        this.around = around;
        this.ourName = ourName;
    }

    /// @param answer told on `loop`; 250 only after the sync (RFC 5321 §6.1)
    void accept(Session session, InboundMessage message, EventExecutor loop, Consumer<OurReply> answer) {
        message.complete();
        Optional<InboundMessage.Verdict> refusal = message.refusal();
        if (refusal.isPresent()) {
            message.discard();
            refuse(session.peer(), message, refusal.get().why());
            answer.accept(refusal.get().reply());
            return;
        }
        Instant now = around.clock().instant();
        byte[] prologue = prologue(session, message, now);
        Arrived arrived = new Arrived(session, message, loop, answer, now);
        Optional<MailSigning.Pass> signing = message.signing();
        if (signing.isEmpty()) {
            store(arrived, prologue);
            return;
        }
        long from = System.nanoTime();
        signing.get().end(prologue, result -> {
            if (loop.inEventLoop()) {
                signed(arrived, prologue, result, from);
            } else {
                loop.execute(() -> signed(arrived, prologue, result, from));
            }
        });
    }

    /// A message that has come whole and may be stored.
    private record Arrived(Session session, InboundMessage message, EventExecutor loop, Consumer<OurReply> answer, Instant at) {}

    private void signed(Arrived arrived, byte[] prologue, MailSigning.Result result, long from) {
        InboundMessage message = arrived.message();
        MessageEvent.ofSigning(arrived.at(), message.mid, result, Duration.ofNanos(System.nanoTime() - from)).ifPresent(around.events()::on);
        result.onTop().ifPresentOrElse(fields -> store(arrived, joined(fields, prologue)), () -> {
            message.discard();
            refuse(arrived.session().peer(), message, ReceivingFailure.NOT_SIGNED);
            arrived.answer().accept(OurReplies.NOT_SIGNED);
        });
    }

    private void store(Arrived arrived, byte[] prologue) {
        Session session = arrived.session();
        InboundMessage message = arrived.message();
        Peer peer = session.peer();
        Content content = message.found(prologue.length);
        tell(message, content, arrived.at());
        try {
            Origin origin = new Origin(arrived.at(), session.injection(), Optional.empty(), peer.policy().deliveryTls(), Optional.empty());
            NewMessage stored = new NewMessage(message.mid, new Envelope(message.sender, message.recipients, message.parameters), origin, content, prologue, message.body());
            session.meter().taken(content.trueSize());
            around.spool().store(stored, new Answer(peer, message, arrived.loop(), arrived.answer()));
        } catch (IOException unwritable) {
            message.discard();
            refuse(peer, message, ReceivingFailure.RESOURCES_LOW);
            arrived.answer().accept(OurReplies.NOT_STORED);
        }
    }

    /// Our own fields, on top.
    private byte[] prologue(Session session, InboundMessage message, Instant now) {
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

    private void refuse(Peer peer, InboundMessage message, ReceivingFailure why) {
        Instant now = around.clock().instant();
        around.events().on(new InjectionEvent.ReceivingFailed(now, peer.icid(), why));
        around.events().on(new MessageEvent.Finished(now, message.mid, false));
    }

    private final class Answer implements StoreCallback {

        private final Peer peer;
        private final InboundMessage message;
        private final EventExecutor loop;
        private final Consumer<OurReply> answer;

        private Answer(Peer peer, InboundMessage message, EventExecutor loop, Consumer<OurReply> answer) {
            this.peer = peer;
            this.message = message;
            this.loop = loop;
            this.answer = answer;
        }

        @Override
        public void stored(QueuedMessage queued) {
            around.events().on(new MessageEvent.Queued(around.clock().instant(), queued.mid(), queued.envelope().recipients().size(), queued.content().trueSize()));
            around.intake().queued(queued);
            loop.execute(() -> answer.accept(OurReplies.accepted(queued.mid())));
        }

        @Override
        public void refused(StoreRefusal why) {
            refuse(peer, message, ReceivingFailure.RESOURCES_LOW);
            OurReply reply = switch (why) {
                case FULL -> OurReplies.NO_SPACE;
                case FAILED -> OurReplies.NOT_STORED;
            };
            loop.execute(() -> answer.accept(reply));
        }
    }
}
