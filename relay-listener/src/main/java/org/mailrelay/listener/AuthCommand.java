package org.mailrelay.listener;

import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;

/// AUTH (RFC 4954 §4): `AUTH mechanism [initial-response]`. Nothing of its argument is ever logged.
final class AuthCommand implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("AUTH");
    }

    @Override
    public Reaction onCommand(Session session, Request request) {
        Optional<OurReply> refusal = refusal(session);
        if (refusal.isPresent()) {
            session.secretsMayFollow(true);
            return new Reaction.Answer(refusal.get());
        }
        String argument = request.getArgument();
        int space = argument.indexOf(' ');
        Optional<Mechanism> mechanism = Mechanism.of(space < 0 ? argument : argument.substring(0, space)).filter(session.identity().mechanisms()::contains);
        if (mechanism.isEmpty()) {
            session.secretsMayFollow(true);
            return new Reaction.Answer(OurReplies.AUTH_UNKNOWN_MECHANISM);
        }
        Optional<byte[]> initial = space < 0 ? Optional.of(new byte[0]) : decoded(argument.substring(space + 1));
        if (initial.isEmpty()) {
            return new Reaction.Answer(OurReplies.AUTH_NOT_BASE64);
        }
        return session.identity().beginProof(mechanism.get(), initial.get());
    }

    private static Optional<OurReply> refusal(Session session) {
        if (!session.identity().authConfigured()) {
            return Optional.of(OurReplies.COMMAND_NOT_OFFERED);
        }
        if (session.mustStartTls()) {
            return Optional.of(OurReplies.TLS_FIRST);
        }
        if (!session.mayAuthHere()) {
            return Optional.of(OurReplies.AUTH_NEEDS_TLS);
        }
        if (!session.greeted()) {
            return Optional.of(OurReplies.EHLO_FIRST);
        }
        if (session.message().isPresent()) {
            return Optional.of(OurReplies.AUTH_IN_TRANSACTION);
        }
        if (session.identity().authenticated()) {
            return Optional.of(OurReplies.AUTH_ALREADY);
        }
        return session.identity().guessedTooOften() ? Optional.of(OurReplies.AUTH_TOO_MANY) : Optional.empty();
    }

    /// `=` is a response of no octets (RFC 4954 §4).
    static Optional<byte[]> decoded(String text) {
        try {
            return Optional.of(text.equals("=") ? new byte[0] : Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
