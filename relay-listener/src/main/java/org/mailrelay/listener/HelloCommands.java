package org.mailrelay.listener;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.mailrelay.core.access.ClaimedClient;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.smtp.EhloArgument;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// EHLO and HELO (RFC 5321 §4.1.1.1). Either ends an open transaction, as RSET does (RFC 5321 §4.1.4).
final class HelloCommands implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("EHLO", "HELO");
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        boolean extended = request.getCommand().equals("EHLO");
        return switch (EhloArgument.parse(request.getArgument())) {
            case EhloArgument.Refused(OurReply reply) -> session.badSyntax(reply, request);
            case EhloArgument.Accepted(String name) -> {
                session.hello(name, extended);
                yield new Reaction.Answer(extended ? OurReplies.ehlo(session.ourName(), keywords(session)) : OurReplies.helo(session.ourName()));
            }
        };
    }

    private static List<String> keywords(Session session) {
        List<String> keywords = new ArrayList<>(14);
        MailFlowPolicy.Limits limits = session.peer().policy().limits();
        keywords.add("PIPELINING");
        keywords.add("SIZE " + limits.messageSize());
        keywords.add("8BITMIME");
        keywords.add("SMTPUTF8");
        keywords.add("CHUNKING");
        keywords.add("BINARYMIME");
        keywords.add("ENHANCEDSTATUSCODES");
        keywords.add("DSN");
        keywords.add("DELIVERBY");
        keywords.add("LIMITS MAILMAX=" + limits.messagesPerConnection() + " RCPTMAX=" + limits.recipientsPerMessage());   // RFC 9422 §4
        if (!limits.hold().isZero()) {
            keywords.add("FUTURERELEASE " + limits.hold().toSeconds() + " " + session.now().plus(limits.hold()).truncatedTo(ChronoUnit.SECONDS));   // RFC 4865 §3
        }
        if (session.mayStartTls()) {
            keywords.add("STARTTLS");
        }
        if (session.isTLSStarted()) {
            keywords.add("REQUIRETLS");   // RFC 8689 §4.1: only inside TLS
        }
        if (session.identity().offersXclient()) {
            keywords.add("XCLIENT " + ClaimedClient.ATTRIBUTES);
        }
        if (session.offersAuth()) {
            keywords.add("AUTH " + session.identity().mechanisms().stream().map(Mechanism::word).collect(Collectors.joining(" ")));
        }
        return keywords;
    }
}
