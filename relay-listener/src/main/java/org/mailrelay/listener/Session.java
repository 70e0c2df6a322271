package org.mailrelay.listener;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.CommandLine;
import org.mailrelay.core.smtp.EhloArgument;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.core.smtp.PathCommand;
import org.mailrelay.core.smtp.Verb;

/// What each command does (RFC 5321 §4.1), as far as no bytes are moved. One event loop's own.
///
/// Every end of a transaction clears the whole envelope: the reply to the content, RSET, EHLO, STARTTLS.
final class Session {

    private static final int MOST_ERRORS = 20;
    private static final int MOST_BAD_COMMANDS = 5;

    private final ListenerSurroundings around;
    private final Peer peer;
    private final Domain ourName;
    private final boolean tlsOffered;
    private boolean secure;
    private boolean extended;
    private @Nullable String ehloName;
    private @Nullable InboundMessage message;
    private int messages;
    private int errors;
    private int badCommands;

    Session(ListenerSurroundings around, Peer peer, Domain ourName, boolean tlsOffered, boolean secure) {
        this.around = around;
        this.peer = peer;
        this.ourName = ourName;
        this.tlsOffered = tlsOffered;
        this.secure = secure;
    }

    Reaction line(byte[] bytes, int from, int to) {
        Reaction reaction = switch (CommandLine.parse(bytes, from, to)) {
            case CommandLine.Command(Verb verb, String argument) -> command(verb, argument);
            case CommandLine.Refused(OurReply reply, String text) -> refused(reply, text);
            case CommandLine.NotSmtp(OurReply reply, String text) -> {
                emit(new InjectionEvent.UnknownCommand(around.clock().instant(), peer.icid(), text));
                yield new Reaction.Leave(reply);
            }
        };
        return reaction instanceof Reaction.Answer(OurReply reply) && !reply.positive() && reply.code() != 354 ? counted(reply) : reaction;
    }

    private Reaction refused(OurReply reply, String text) {
        badCommands++;
        boolean unknown = reply == OurReplies.UNKNOWN_COMMAND || reply == OurReplies.COMMAND_NOT_OFFERED;
        emit(unknown ? new InjectionEvent.UnknownCommand(around.clock().instant(), peer.icid(), text)
                : new InjectionEvent.BadSyntax(around.clock().instant(), peer.icid(), text));
        return new Reaction.Answer(reply);
    }

    /// The counters are not reset by RSET, EHLO or STARTTLS.
    Reaction counted(OurReply reply) {
        errors++;
        return errors >= MOST_ERRORS || badCommands >= MOST_BAD_COMMANDS ? new Reaction.Leave(OurReplies.TOO_MANY_ERRORS) : new Reaction.Answer(reply);
    }

    private Reaction command(Verb verb, String argument) {
        if (mustStartTls() && verb != Verb.EHLO && verb != Verb.NOOP && verb != Verb.STARTTLS && verb != Verb.QUIT) {
            emit(new InjectionEvent.TlsNotInitiated(around.clock().instant(), peer.icid()));
            return new Reaction.Answer(OurReplies.TLS_FIRST);
        }
        return switch (verb) {
            case EHLO -> greet(argument, true);
            case HELO -> greet(argument, false);
            case MAIL -> mail(argument);
            case RCPT -> rcpt(argument);
            case DATA -> data();
            case RSET -> {
                forget();
                yield new Reaction.Answer(OurReplies.RESET);
            }
            case NOOP -> new Reaction.Answer(OurReplies.NOTHING_DONE);
            case VRFY -> new Reaction.Answer(OurReplies.CANNOT_VERIFY);
            case QUIT -> new Reaction.Leave(OurReplies.goodbye(ourName));
            case STARTTLS -> startTls();
            case EXPN, HELP, AUTH, BDAT, ETRN, ATRN, TURN, SEND, SOML, SAML -> new Reaction.Answer(OurReplies.COMMAND_NOT_OFFERED);
        };
    }

    private boolean mustStartTls() {
        return peer.policy().tls() == InboundTls.REQUIRED && !secure;
    }

    private Reaction greet(String argument, boolean ehlo) {
        return switch (EhloArgument.parse(argument)) {
            case EhloArgument.Refused(OurReply reply) -> refused(reply, (ehlo ? "EHLO " : "HELO ") + argument);
            case EhloArgument.Accepted(String name) -> {
                forget();
                ehloName = name;
                extended = ehlo;
                yield new Reaction.Answer(ehlo ? OurReplies.ehlo(ourName, keywords()) : OurReplies.helo(ourName));
            }
        };
    }

    private List<String> keywords() {
        List<String> keywords = new ArrayList<>(List.of("PIPELINING", "SIZE " + peer.policy().maxMessageSize(), "8BITMIME", "ENHANCEDSTATUSCODES"));
        if (tlsOffered && !secure && peer.policy().tls() != InboundTls.OFF) {
            keywords.add("STARTTLS");
        }
        return keywords;
    }

    private Reaction mail(String argument) {
        if (ehloName == null) {
            return new Reaction.Answer(OurReplies.EHLO_FIRST);
        }
        if (message != null) {
            return new Reaction.Answer(OurReplies.TRANSACTION_OPEN);
        }
        if (messages >= peer.policy().maxMessagesPerConnection()) {
            emit(new InjectionEvent.ReceivingFailed(around.clock().instant(), peer.icid(), InjectionEvent.ReceivingFailure.TOO_MANY_MESSAGES));
            return new Reaction.Leave(OurReplies.TOO_MANY_MESSAGES);
        }
        return switch (PathCommand.mail(argument, ourName)) {
            case PathCommand.Refused(OurReply reply) -> refused(reply, "MAIL " + argument);
            case PathCommand.Rcpt _ -> throw new IllegalStateException("RCPT out of MAIL");
            case PathCommand.Mail mail when mail.declaredSize().orElse(0) > peer.policy().maxMessageSize() -> new Reaction.Answer(OurReplies.TOO_LARGE);
            case PathCommand.Mail mail -> {
                messages++;
                InboundMessage begun = new InboundMessage(around.spool().takeMid(), mail.sender(), mail.body(), peer.policy());
                message = begun;
                emit(new MessageEvent.Started(around.clock().instant(), begun.mid, peer.icid()));
                emit(new MessageEvent.SenderGiven(around.clock().instant(), begun.mid, peer.icid(), mail.sender()));
                yield new Reaction.Answer(OurReplies.senderOk(mail.sender()));
            }
        };
    }

    private Reaction rcpt(String argument) {
        InboundMessage open = message;
        if (open == null) {
            return new Reaction.Answer(OurReplies.MAIL_FIRST);
        }
        return switch (PathCommand.rcpt(argument, ourName)) {
            case PathCommand.Refused(OurReply reply) -> refused(reply, "RCPT " + argument);
            case PathCommand.Mail _ -> throw new IllegalStateException("MAIL out of RCPT");
            case PathCommand.Rcpt _ when !peer.relays() -> new Reaction.Answer(OurReplies.RELAYING_DENIED);
            case PathCommand.Rcpt _ when open.recipients.size() >= peer.policy().maxRecipientsPerMessage() -> new Reaction.Answer(OurReplies.TOO_MANY_RECIPIENTS);
            case PathCommand.Rcpt(var recipient) -> {
                emit(new MessageEvent.RecipientGiven(around.clock().instant(), open.mid, peer.icid(), open.recipients.size(), recipient));
                open.recipients.add(recipient);
                yield new Reaction.Answer(OurReplies.recipientOk(recipient));
            }
        };
    }

    private Reaction data() {
        InboundMessage open = message;
        if (open == null) {
            return new Reaction.Answer(OurReplies.MAIL_FIRST);
        }
        if (open.recipients.isEmpty()) {
            return new Reaction.Answer(OurReplies.NO_VALID_RECIPIENTS);
        }
        open.begin(around.spool().newBody(open.mid));
        return new Reaction.TakeContent(OurReplies.GO_AHEAD);
    }

    private Reaction startTls() {
        if (secure) {
            return new Reaction.Answer(OurReplies.TLS_ALREADY_ON);
        }
        if (!tlsOffered || peer.policy().tls() == InboundTls.OFF) {
            return new Reaction.Answer(OurReplies.COMMAND_NOT_OFFERED);
        }
        return message != null ? new Reaction.Answer(OurReplies.TRANSACTION_OPEN) : new Reaction.StartTls(OurReplies.READY_FOR_TLS);
    }

    /// RFC 3207 §4.2: all that was said before the handshake is forgotten, the name too.
    void secured() {
        forget();
        secure = true;
        ehloName = null;
        extended = false;
    }

    /// Gives up the transaction that is open, if any.
    void forget() {
        InboundMessage open = message;
        message = null;
        if (open != null) {
            open.discard();
            emit(new MessageEvent.ReceivingAborted(around.clock().instant(), open.mid));
            emit(new MessageEvent.Finished(around.clock().instant(), open.mid, false));
        }
    }

    /// The message whose content has ended; the session is ready for the next MAIL.
    InboundMessage take() {
        InboundMessage ended = java.util.Objects.requireNonNull(message);
        message = null;
        return ended;
    }

    Optional<InboundMessage> message() {
        return Optional.ofNullable(message);
    }

    Peer peer() {
        return peer;
    }

    String ehloName() {
        return ehloName == null ? "unknown" : ehloName;
    }

    /// RFC 3848: how the message came, for the Received field.
    String protocol() {
        return !extended ? "SMTP" : secure ? "ESMTPS" : "ESMTP";
    }

    private void emit(org.mailrelay.core.event.MailEvent event) {
        around.events().on(event);
    }
}
