package org.mailrelay.listener;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.UnknownCommandHandler;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.smtp.CommandLine;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// Whatever is no command of ours: the reply that the grammar found, the line in the log, escaped, and no octet of it in the reply.
final class RefusedLine extends UnknownCommandHandler<Session> {

    @Override
    public Reaction onCommand(Session session, Request request) {
        boolean hide = session.secretsMayFollow();
        return switch (((CommandRequest) request).line()) {
            case CommandLine.Refused(OurReply reply, String said) -> {
                String text = hide ? "(hidden)" : said;
                boolean unknown = reply == OurReplies.UNKNOWN_COMMAND || reply == OurReplies.COMMAND_NOT_OFFERED;
                session.badCommand(unknown ? new InjectionEvent.UnknownCommand(session.now(), session.peer().icid(), text)
                        : new InjectionEvent.BadSyntax(session.now(), session.peer().icid(), text));
                yield new Reaction.Answer(reply);
            }
            case CommandLine.NotSmtp(OurReply reply, String text) -> {
                session.badCommand(new InjectionEvent.UnknownCommand(session.now(), session.peer().icid(), text));
                yield new Reaction.Leave(reply);
            }
            case CommandLine.Command command -> throw new IllegalStateException("no handler is wired for " + command.verb());
        };
    }
}
