package org.mailrelay.listener;

import java.util.Collection;
import java.util.List;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.smtp.OurReplies;

/// Where a policy requires TLS, nothing but NOOP, EHLO, STARTTLS and QUIT before it (RFC 3207 §4).
final class TlsGate implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("HELO", "MAIL", "RCPT", "DATA", "RSET", "VRFY", "XCLIENT");
    }

    @Override
    public @Nullable Reaction onCommand(Session session, Request request) {
        if (!session.mustStartTls()) {
            return null;
        }
        session.emit(new InjectionEvent.TlsNotInitiated(session.now(), session.peer().icid()));
        return new Reaction.Answer(OurReplies.TLS_FIRST);
    }
}
