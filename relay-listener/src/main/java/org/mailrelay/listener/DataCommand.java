package org.mailrelay.listener;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.smtp.OurReplies;

/// DATA (RFC 5321 §4.1.1.4): 354 only where a recipient was accepted; the content itself never passes the dispatcher.
final class DataCommand implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("DATA");
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        Optional<InboundMessage> open = session.message();
        if (open.isEmpty()) {
            return new Reaction.Answer(OurReplies.MAIL_FIRST);
        }
        if (open.get().chunked()) {
            return new Reaction.Answer(OurReplies.CHUNKS_BEGUN);
        }
        if (open.get().parameters.body() == BodyType.BINARY_MIME) {
            return new Reaction.Answer(OurReplies.BINARY_NEEDS_BDAT);   // RFC 3030 §3
        }
        if (open.get().recipients.isEmpty()) {
            return new Reaction.Answer(OurReplies.NO_VALID_RECIPIENTS);
        }
        session.beginContent(open.get());
        return new Reaction.TakeContent(OurReplies.GO_AHEAD);
    }
}
