package org.mailrelay.listener;

import java.util.Collection;
import java.util.List;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.core.smtp.PathCommand;

/// MAIL (RFC 5321 §4.1.1.2): opens a transaction and takes its MID.
final class MailCommand implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("MAIL");
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        if (!session.greeted()) {
            return new Reaction.Answer(OurReplies.EHLO_FIRST);
        }
        MailFlowPolicy.Identity identity = session.peer().policy().identity();
        if (identity.auth() == MailFlowPolicy.Auth.REQUIRED && !session.peer().facts().named()) {
            return new Reaction.Answer(OurReplies.AUTH_FIRST);
        }
        if (identity.verifyClient() == MailFlowPolicy.VerifyClient.REQUIRED && !session.peer().facts().certified()) {
            return new Reaction.Answer(OurReplies.CERTIFICATE_FIRST);
        }
        if (session.message().isPresent()) {
            return new Reaction.Answer(OurReplies.TRANSACTION_OPEN);
        }
        MailFlowPolicy policy = session.peer().policy();
        if (session.messages() >= policy.limits().messagesPerConnection()) {
            session.receivingFailed(ReceivingFailure.TOO_MANY_MESSAGES);
            return new Reaction.Leave(OurReplies.TOO_MANY_MESSAGES);
        }
        return switch (PathCommand.mail(request.getArgument(), new PathCommand.Place(session.ourName(), session.isTLSStarted(), session.identity().authConfigured(), session.now(), policy.limits().hold()))) {
            case PathCommand.Refused(OurReply reply) -> session.badSyntax(reply, request);
            case PathCommand.Rcpt _ -> throw new IllegalStateException("RCPT out of MAIL");
            case PathCommand.Mail mail when !session.maySendAs(mail.sender()) -> new Reaction.Answer(OurReplies.SENDER_NOT_ALLOWED);
            case PathCommand.Mail mail when mail.declaredSize().orElse(0) > policy.limits().messageSize() -> {
                session.receivingFailed(ReceivingFailure.MESSAGE_SIZE);
                yield new Reaction.Answer(OurReplies.TOO_LARGE);
            }
            case PathCommand.Mail _ when !session.spoolHasRoom() -> {
                session.receivingFailed(ReceivingFailure.RESOURCES_LOW);
                yield new Reaction.Answer(OurReplies.NO_SPACE);
            }
            case PathCommand.Mail mail when !session.meter().message(mail.sender()) -> {
                session.receivingFailed(ReceivingFailure.RATE);
                yield new Reaction.Answer(OurReplies.RATE_EXCEEDED);
            }
            case PathCommand.Mail mail -> {
                session.begin(mail);
                yield new Reaction.Answer(OurReplies.senderOk(mail.sender()));
            }
        };
    }
}
