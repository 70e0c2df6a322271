package org.mailrelay.listener;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.apache.james.protocols.api.handler.ExtensibleHandler;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.core.smtp.PathCommand;

/// RCPT (RFC 5321 §4.1.1.3): the grammar, then every [RecipientHook] of the chain.
final class RcptCommand implements CommandHandler<Session>, ExtensibleHandler {

    private final List<RecipientHook> hooks = new ArrayList<>();

    @Override
    public Collection<String> getImplCommands() {
        return List.of("RCPT");
    }

    @Override
    public List<Class<?>> getMarkerInterfaces() {
        return List.of(RecipientHook.class);
    }

    @Override
    public void wireExtensions(Class<?> marker, List<?> extensions) {
        extensions.forEach(extension -> hooks.add((RecipientHook) extension));
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        Optional<InboundMessage> open = session.message();
        if (open.isEmpty()) {
            return new Reaction.Answer(OurReplies.MAIL_FIRST);
        }
        if (open.get().chunked()) {
            return new Reaction.Answer(OurReplies.CHUNKS_BEGUN);
        }
        return switch (PathCommand.rcpt(request.getArgument(), session.ourName(), open.get().parameters.smtpUtf8())) {
            case PathCommand.Refused(OurReply reply) -> session.badSyntax(reply, request);
            case PathCommand.Mail _ -> throw new IllegalStateException("MAIL out of RCPT");
            case PathCommand.Rcpt(Recipient recipient) -> new Reaction.Answer(answer(session, open.get(), recipient));
        };
    }

    private OurReply answer(Session session, InboundMessage message, Recipient recipient) {
        for (RecipientHook hook : hooks) {
            Optional<OurReply> refusal = hook.refusal(session, message, recipient.mailbox());
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        session.addRecipient(message, recipient, session.peer().policy().hygiene().aliases().map(aliases -> aliases.of(recipient)).orElse(recipient));
        return OurReplies.recipientOk(recipient.mailbox());
    }
}
