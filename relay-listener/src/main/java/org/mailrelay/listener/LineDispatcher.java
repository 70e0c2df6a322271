package org.mailrelay.listener;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandDispatcher;
import org.mailrelay.core.smtp.CommandLine;

/// James's dispatcher over our own grammar: its parser trims every control character, knows Unicode's cases and takes bare line ends.
final class LineDispatcher extends CommandDispatcher<Session> {

    /// @param line without its CRLF
    @Override
    protected Request parseRequest(Session session, byte[] line) {
        CommandLine parsed = CommandLine.parse(line, 0, line.length);
        if (parsed instanceof CommandLine.Command) {
            session.secretsMayFollow(false);   // it has given up; who was refused with AUTH LOGIN may have sent two lines
        }
        return new CommandRequest(parsed);
    }

    Reaction react(Session session, byte[] line) {
        return (Reaction) onLine(session, line);
    }
}
