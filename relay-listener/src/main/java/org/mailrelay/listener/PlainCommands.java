package org.mailrelay.listener;

import java.util.Collection;
import java.util.List;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.mailrelay.core.smtp.OurReplies;

/// The commands that decide nothing: RSET, NOOP, VRFY, QUIT (RFC 5321 §4.1.1.5 to §4.1.1.10).
final class PlainCommands implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("RSET", "NOOP", "VRFY", "QUIT");
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        return switch (request.getCommand()) {
            case "RSET" -> {
                session.forget();
                yield new Reaction.Answer(OurReplies.RESET);
            }
            case "NOOP" -> new Reaction.Answer(OurReplies.NOTHING_DONE);
            case "VRFY" -> new Reaction.Answer(OurReplies.CANNOT_VERIFY);
            case "QUIT" -> new Reaction.Leave(OurReplies.goodbye(session.ourName()));
            default -> throw new IllegalStateException("not wired for " + request.getCommand());
        };
    }
}
