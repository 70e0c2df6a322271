package org.mailrelay.listener;

import java.util.List;
import org.apache.james.protocols.api.handler.ProtocolHandler;
import org.apache.james.protocols.api.handler.ProtocolHandlerChainImpl;
import org.apache.james.protocols.api.handler.WiringException;

/// The handlers of every session, wired once. They hold no state: that is the [Session]'s.
///
/// Of several handlers for a command the first that answers decides, so the order below is the order of the questions: whether it came
/// in its turn, TLS, then the command. Whatever was answered passes [CommandLimits] last.
final class SmtpChain {

    private SmtpChain() {
    }

    static LineDispatcher wire() {
        LineDispatcher dispatcher = new LineDispatcher();
        ProtocolHandlerChainImpl chain = new ProtocolHandlerChainImpl();
        chain.addAll(List.<ProtocolHandler>of(
                dispatcher,
                new SyncGate(),
                new TlsGate(),
                new HelloCommands(),
                new MailCommand(),
                new RcptCommand(),
                new RelayRights(),
                new RecipientLimit(),
                new RecipientRate(),
                new DataCommand(),
                new BdatCommand(),
                new StartTlsCommand(),
                new AuthCommand(),
                new XclientCommand(),
                new PlainCommands(),
                new RefusedLine(),
                new CommandLimits()));
        try {
            chain.wireExtensibleHandlers();
        } catch (WiringException wrong) {
            throw new IllegalStateException("the chain of SMTP handlers", wrong);
        }
        return dispatcher;
    }
}
