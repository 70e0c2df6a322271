package org.mailrelay.listener;

import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.smtp.SMTPSessionImpl;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.core.smtp.PathCommand;
import org.mailrelay.queue.Injection;
import org.mailrelay.queue.SpoolStatus;

/// What is known of one connection between its commands. One event loop's own.
///
/// Every end of a transaction clears the whole envelope: the reply to the content, RSET, EHLO, STARTTLS.
final class Session extends SMTPSessionImpl {

    private final ListenerSurroundings around;
    private final Identification identity;
    private final Domain ourName;
    private final CommandCounts counts = new CommandCounts();
    private boolean extended;
    private @Nullable String ehloName;
    private @Nullable InboundMessage message;
    private int messages;
    private boolean moreWaits;
    private boolean secretsMayFollow;

    /// @param settings those that the connection began with, and keeps
    /// @param mayClaim the client may say with XCLIENT that it speaks for another
    Session(ListenerSurroundings around, Settings settings, Shared shared, Peer peer, boolean mayClaim, ChannelTransport transport) {
        super(transport, new PeerConfiguration(peer, settings.relay().hostname()));
        this.around = around;
        this.identity = new Identification(around, settings, shared, counts, transport, peer, mayClaim);
        this.ourName = settings.relay().hostname();
    }

    /// Who the client is.
    Identification identity() {
        return identity;
    }

    Peer peer() {
        return identity.peer();
    }

    Domain ourName() {
        return ourName;
    }

    CommandCounts counts() {
        return counts;
    }

    int messages() {
        return messages;
    }

    /// The client has sent more behind the command that is carried out now.
    boolean moreWaits() {
        return moreWaits;
    }

    void moreWaits(boolean yes) {
        moreWaits = yes;
    }

    /// A client whose AUTH was refused may send credentials all the same: lines that are no commands are not logged until one comes that is.
    boolean secretsMayFollow() {
        return secretsMayFollow;
    }

    void secretsMayFollow(boolean yes) {
        secretsMayFollow = yes;
    }

    @Override
    public boolean isRelayingAllowed() {
        return peer().relays();
    }

    boolean mayAuthHere() {
        return identity.mayAuthHere(isTLSStarted());
    }

    boolean offersAuth() {
        return identity.authConfigured() && mayAuthHere() && !identity.authenticated();
    }

    /// The session begins anew, as that of the client whom a server in front names.
    Reaction become(InetSocketAddress client, Optional<Domain> name) {
        forget();
        resetState();
        ehloName = null;
        extended = false;
        return identity.become(client, name).<Reaction>map(Reaction.Leave::new).orElseGet(() -> new Reaction.Answer(Greeting.of(ourName, peer())));
    }

    boolean mustStartTls() {
        return peer().policy().tls() == InboundTls.REQUIRED && !isTLSStarted();
    }

    boolean mayStartTls() {
        return isStartTLSSupported() && !isTLSStarted() && peer().policy().tls() != InboundTls.OFF;
    }

    PeerMeter meter() {
        return identity.meter();
    }

    boolean maySendAs(ReversePath sender) {
        return peer().policy().allowedSenders().filter(allowed -> !SenderPattern.allow(allowed, sender)).isEmpty()
                && (peer().senders().isEmpty() || SenderPattern.allow(peer().senders(), sender));
    }

    boolean spoolHasRoom() {
        SpoolStatus status = around.spool().status();
        return status.bytes() < status.maxBytes();
    }

    void hello(String name, boolean asEhlo) {
        forget();
        ehloName = name;
        extended = asEhlo;
    }

    boolean greeted() {
        return ehloName != null;
    }

    void begin(PathCommand.Mail mail) {
        messages++;
        ReversePath sender = peer().policy().hygiene().masquerade().map(masquerade -> masquerade.of(mail.sender())).orElse(mail.sender());
        InboundMessage begun = new InboundMessage(around.spool().takeMid(), sender, mail.parameters(), peer().policy());
        message = begun;
        emit(new MessageEvent.Started(now(), begun.mid, peer().icid()));
        emit(new MessageEvent.SenderGiven(now(), begun.mid, peer().icid(), mail.sender()));
    }

    /// @param said as the client said it
    /// @param to   whose mail it is
    void addRecipient(InboundMessage open, Recipient said, Recipient to) {
        emit(new MessageEvent.RecipientGiven(now(), open.mid, peer().icid(), open.recipients.size(), said.mailbox()));
        open.recipients.add(to);
        counts.progress();
    }

    void beginContent(InboundMessage open) {
        open.begin(around.spool().newBody(open.mid));
        open.signBy(around.signing(), peer().group(), client());
        counts.progress();
    }

    void beginChunk(InboundMessage open) {
        if (!open.chunked()) {
            open.beginChunks(around.spool().newBody(open.mid));
            open.signBy(around.signing(), peer().group(), client());
        }
    }

    private MailSigning.Client client() {
        return new MailSigning.Client(peer().addressText(), peer().facts().verifiedName().isPresent(), peer().facts().user());
    }

    /// A command of ours whose argument is wrong.
    Reaction badSyntax(OurReply reply, Request request) {
        badCommand(new InjectionEvent.BadSyntax(now(), peer().icid(), Escape.octets(request.getCommand() + " " + request.getArgument(), Escape.LOG_LIMIT)));
        return new Reaction.Answer(reply);
    }

    void badCommand(InjectionEvent what) {
        counts.badCommand();
        emit(what);
    }

    void receivingFailed(ReceivingFailure why) {
        emit(new InjectionEvent.ReceivingFailed(now(), peer().icid(), why));
    }

    /// RFC 3207 §4.2: all that was said before the handshake is forgotten, the name too.
    void secured() {
        forget();
        resetState();
        ehloName = null;
        extended = false;
        identity.forget();
    }

    /// Gives up the transaction that is open, if any.
    void forget() {
        InboundMessage open = message;
        message = null;
        if (open != null) {
            open.discard();
            emit(new MessageEvent.ReceivingAborted(now(), open.mid));
            emit(new MessageEvent.Finished(now(), open.mid, false));
        }
    }

    /// The message whose content has ended; the session is ready for the next MAIL.
    InboundMessage take() {
        InboundMessage ended = Objects.requireNonNull(message);
        message = null;
        return ended;
    }

    Optional<InboundMessage> message() {
        return Optional.ofNullable(message);
    }

    String ehloName() {
        return ehloName == null ? "unknown" : ehloName;
    }

    Injection injection() {
        Injection injection = Injection.of(peer().icid(), peer().addressText()).by(ehloName()).under(peer().listener(), peer().policy().name());
        return peer().facts().user().map(injection::of).orElse(injection);
    }

    /// RFC 3848, RFC 6531 §4.3: how the message came, for the Received field.
    String protocol(InboundMessage message) {
        return !extended ? "SMTP" : (message.parameters.smtpUtf8() ? "UTF8SMTP" : "ESMTP") + (isTLSStarted() ? "S" : "") + (identity.authenticated() ? "A" : "");
    }

    Instant now() {
        return around.clock().instant();
    }

    void emit(MailEvent event) {
        around.events().on(event);
    }

    /// One character an octet, and none lost.
    @Override
    public Charset getCharset() {
        return StandardCharsets.ISO_8859_1;
    }

    /// A handler threw, which is our bug: what the session's state is worth is not known any more.
    @Override
    public Response newFatalErrorResponse() {
        return new Reaction.Leave(OurReplies.FAULT);
    }
}
