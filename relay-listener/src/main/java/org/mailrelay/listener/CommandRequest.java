package org.mailrelay.listener;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.UnknownCommandHandler;
import org.mailrelay.core.smtp.CommandLine;

/// A parsed line on its way through James's dispatcher, which finds handlers by [#getCommand].
record CommandRequest(CommandLine line) implements Request {

    @Override
    public String getCommand() {
        return line instanceof CommandLine.Command(var verb, String _) ? verb.name() : UnknownCommandHandler.COMMAND_IDENTIFIER;
    }

    @Override
    public String getArgument() {
        return line instanceof CommandLine.Command(var _, String argument) ? argument : "";
    }
}
