package org.mailrelay.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.mailrelay.core.access.ClaimedClient;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.smtp.OurReplies;

/// XCLIENT, from servers that the listener names: the session goes on as that of the client whom they name, from its greeting on. For anybody
/// else there is no such command.
final class XclientCommand implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("XCLIENT");
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        if (!session.identity().offersXclient()) {
            session.badCommand(new InjectionEvent.UnknownCommand(session.now(), session.peer().icid(), Escape.octets("XCLIENT " + request.getArgument(), Escape.LOG_LIMIT)));
            return new Reaction.Answer(OurReplies.UNKNOWN_COMMAND);
        }
        if (session.message().isPresent()) {
            return new Reaction.Answer(OurReplies.TRANSACTION_OPEN);
        }
        return switch (ClaimedClient.read(request.getArgument())) {
            case ClaimedClient.Malformed _ -> session.badSyntax(OurReplies.BAD_PARAMETER, request);
            case ClaimedClient.Client(byte[] address, int port, Optional<Domain> name) -> session.become(at(address, port), name);
        };
    }

    private static InetSocketAddress at(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("4 or 16 octets", impossible);
        }
    }
}
