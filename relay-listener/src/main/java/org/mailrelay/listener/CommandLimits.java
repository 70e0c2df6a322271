package org.mailrelay.listener;

import org.apache.james.protocols.api.ProtocolSession;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.ProtocolHandler;
import org.apache.james.protocols.api.handler.ProtocolHandlerResultHandler;

/// Sees every reaction before it is written, and ends sessions that only cost (R-SRV-11): see [CommandCounts].
final class CommandLimits implements ProtocolHandlerResultHandler<Response, Session> {

    @Override
    public Response onResponse(ProtocolSession session, Response response, long executionTime, ProtocolHandler handler) {
        return ((Session) session).counts().judge((Reaction) response);
    }
}
