package org.mailrelay.listener;

import java.util.Collection;
import java.util.List;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.access.MailFlowPolicy.EarlyTalkers;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.smtp.OurReplies;

/// RFC 2920 §3.1: EHLO, DATA and AUTH (RFC 4954 §4) stand last in a group. A client that does not wait for the answer to EHLO cannot know that commands may
/// be sent in groups at all: it is a script, or another protocol's client that was led here. [STARTTLS][StartTlsCommand] is stricter still.
final class SyncGate implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("EHLO", "HELO", "DATA", "AUTH");
    }

    @Override
    public @Nullable Reaction onCommand(Session session, Request request) {
        if (!session.moreWaits() || session.peer().policy().earlyTalkers() == EarlyTalkers.ALLOW) {
            return null;
        }
        session.receivingFailed(ReceivingFailure.EARLY_TALKER);
        return new Reaction.Leave(OurReplies.EARLY_TALKER);
    }
}
