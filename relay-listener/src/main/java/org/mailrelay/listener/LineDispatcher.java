package org.mailrelay.listener;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandDispatcher;
import org.mailrelay.core.smtp.CommandLine;

/// James's dispatcher over our own grammar: its parser trims every control character, knows Unicode's cases and takes bare line ends.
final class LineDispatcher extends CommandDispatcher<Session> {

    /// @param line without its CRLF
    @Override
    protected Request parseRequest(Session session, byte[] line) {
        return new CommandRequest(CommandLine.parse(line, 0, line.length));
    }

    Reaction react(Session session, byte[] line) {
        return (Reaction) onLine(session, line);
    }
}
