package org.mailrelay.listener;

import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.james.protocols.api.ProtocolTransport;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.smtp.SMTPSessionImpl;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.access.AccessDecision;
import org.mailrelay.core.access.AccessRules;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.InboundTls;
import org.mailrelay.core.access.PeerFacts;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.SaslStep;
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
import org.mailrelay.listener.auth.Authentication;
import org.mailrelay.queue.Injection;
import org.mailrelay.queue.SpoolStatus;

/// What is known of one connection between its commands. One event loop's own.
///
/// Every end of a transaction clears the whole envelope: the reply to the content, RSET, EHLO, STARTTLS.
final class Session extends SMTPSessionImpl {

    private final ListenerSurroundings around;
    private final Settings settings;
    private final Authentication authentication;
    private final RateMeter rates;
    private final Peer arrived;
    private final boolean mayClaim;
    private final Domain ourName;
    private final CommandCounts counts = new CommandCounts();
    private boolean extended;
    private @Nullable String ehloName;
    private @Nullable InboundMessage message;
    private int messages;
    private boolean moreWaits;
    private boolean secretsMayFollow;
    private Peer peer;
    private @Nullable Proof proof;
    private boolean authenticated;

    /// @param settings those that the connection began with, and keeps
    /// @param mayClaim the client may say with XCLIENT that it speaks for another
    Session(ListenerSurroundings around, Settings settings, Authentication authentication, RateMeter rates, Peer peer, boolean mayClaim, ProtocolTransport transport) {
        super(transport, new PeerConfiguration(peer, settings.relay().hostname()));
        this.around = around;
        this.settings = settings;
        this.authentication = authentication;
        this.rates = rates;
        this.arrived = peer;
        this.mayClaim = mayClaim;
        this.peer = peer;
        this.ourName = settings.relay().hostname();
    }

    Peer peer() {
        return peer;
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

    /// A client whose AUTH was refused may send credentials all the same: the next line that is no command is not logged.
    boolean secretsMayFollow() {
        return secretsMayFollow;
    }

    void secretsMayFollow(boolean yes) {
        secretsMayFollow = yes;
    }

    @Override
    public boolean isRelayingAllowed() {
        return peer.relays();
    }

    boolean authConfigured() {
        return peer.policy().identity().auth() != MailFlowPolicy.Auth.OFF && !mechanisms().isEmpty();
    }

    /// Credentials never cross the wire in the clear, unless the policy says so.
    boolean mayAuthHere() {
        return isTLSStarted() || peer.policy().identity().authInTheClear();
    }

    boolean offersAuth() {
        return authConfigured() && mayAuthHere() && !authenticated;
    }

    /// AUTH has succeeded; who is known by a certificate alone may still say who else they are.
    boolean authenticated() {
        return authenticated;
    }

    List<Mechanism> mechanisms() {
        return authentication.offered(((ChannelTransport) getProtocolTransport()).binding());
    }

    boolean guessedTooOften() {
        return authentication.tooManyGuesses(peer.address().getAddress());
    }

    Reaction beginProof(Mechanism mechanism, byte[] initial) {
        Proof begun = new Proof(mechanism, authentication.begin(mechanism, ((ChannelTransport) getProtocolTransport()).binding()));
        proof = begun;
        return new Reaction.Prove(begun, initial);
    }

    boolean proving() {
        return proof != null;
    }

    /// A line of an exchange: base64, or `*` (RFC 4954 §4).
    Reaction respond(String line) {
        Proof current = Objects.requireNonNull(proof);
        Optional<byte[]> response = AuthCommand.decoded(line);
        if (line.equals("*") || response.isEmpty()) {
            proof = null;
            return counts.judge(new Reaction.Answer(line.equals("*") ? OurReplies.AUTH_CANCELLED : OurReplies.AUTH_NOT_BASE64));
        }
        return new Reaction.Prove(current, response.get());
    }

    /// What came of a response.
    Reaction proven(Proof of, SaslStep step, List<String> senders) {
        if (!(step instanceof SaslStep.Challenge)) {
            proof = null;
        }
        String mechanism = of.mechanism().word();
        return counts.judge(switch (step) {
            case SaslStep.Challenge(byte[] octets) -> new Reaction.Answer(OurReplies.challenge(octets));
            case SaslStep.Malformed _ -> new Reaction.Answer(OurReplies.AUTH_NOT_BASE64);
            case SaslStep.Unavailable _ -> new Reaction.Answer(OurReplies.AUTH_UNAVAILABLE);
            case SaslStep.Refuted(String user) -> {
                badCommand(new InjectionEvent.AuthFailed(now(), peer.icid(), user, mechanism));
                yield new Reaction.Answer(OurReplies.AUTH_REFUSED);
            }
            case SaslStep.Proven(String user) -> {
                authenticated = true;
                emit(new InjectionEvent.AuthSucceeded(now(), peer.icid(), user, mechanism));
                yield known(peer.facts().withUser(user), patterns(senders))
                        ? new Reaction.Answer(OurReplies.AUTHENTICATED) : new Reaction.Leave(OurReplies.ACCESS_REJECTED);
            }
        });
    }

    private static List<SenderPattern> patterns(List<String> senders) {
        return senders.stream().flatMap(text -> SenderPattern.parse(text).stream()).toList();
    }

    /// The policy that the connection began under decides: nothing is known of the client that could change it before the handshake.
    boolean asksForCertificate() {
        return arrived.policy().identity().verifyClient() != MailFlowPolicy.VerifyClient.OFF;
    }

    /// What the client has shown in the handshake, resumed or not, is believed as far as the judgement goes.
    ///
    /// @return the user whose certificate it is
    Optional<String> certified(Optional<ClientCertificate> shown) {
        MailFlowPolicy policy = arrived.policy();
        if (shown.isEmpty()) {
            emit(new InjectionEvent.CertificateMissing(now(), peer.icid(), policy.name(), policy.identity().verifyClient() == MailFlowPolicy.VerifyClient.REQUIRED));
            return Optional.empty();
        }
        PeerFacts facts = AccessRules.certified(peer.facts(), shown.get(), settings.senderGroups(), settings.authSources().certificates());
        peer = peer.known(facts, List.of());
        emit(new InjectionEvent.CertificateShown(now(), peer.icid(), facts.certificate().orElseThrow(), policy.name(), facts.user()));
        return facts.user();
    }

    /// The client is who its certificate says, with what that user may send as.
    ///
    /// @return false where it may not stay
    boolean recognised(List<String> senders) {
        return known(peer.facts(), patterns(senders));
    }

    /// Decides again, now that more is known of the client.
    ///
    /// @return false where it may not stay
    private boolean known(PeerFacts facts, List<SenderPattern> senders) {
        AccessDecision decision = AccessRules.decide(facts, settings.senderGroups());
        if (!decision.group().equals(peer.group())) {
            emit(new InjectionEvent.AccessDecided(now(), peer.icid(), decision.access(), decision.group(), decision.match()));
        }
        peer = peer.known(facts, senders);
        return switch (decision) {
            case AccessDecision.Relay(String group, String _, MailFlowPolicy policy) -> under(group, policy);
            case AccessDecision.Accept(String group, String _, MailFlowPolicy policy) -> under(group, policy);
            case AccessDecision.Reject _, AccessDecision.TcpRefuse _ -> false;
        };
    }

    boolean offersXclient() {
        return mayClaim;
    }

    /// Nothing that was said or proven before is this client's. STARTTLS, which forgets what was said in the clear, forgets this as well.
    Reaction become(InetSocketAddress client, Optional<Domain> name) {
        forget();
        resetState();
        ehloName = null;
        extended = false;
        proof = null;
        authenticated = false;
        emit(new InjectionEvent.ClientClaimed(now(), arrived.icid(), client.getAddress().getHostAddress(), name.map(Domain::name)));
        peer = new Peer(arrived.icid(), arrived.listener(), client, name, PeerFacts.of(arrived.listener(), client.getAddress().getAddress(), name), AccessDecision.NOTHING,
                arrived.policy(), List.of());
        if (!known(peer.facts(), List.of())) {
            return new Reaction.Leave(OurReplies.ACCESS_REJECTED);
        }
        if (!meter().connection()) {
            receivingFailed(ReceivingFailure.RATE);
            return new Reaction.Leave(OurReplies.CONNECTIONS_TOO_FAST);
        }
        return new Reaction.Answer(Greeting.of(ourName, peer));
    }

    private boolean under(String group, MailFlowPolicy policy) {
        peer = peer.under(group, policy);
        return true;
    }

    boolean mustStartTls() {
        return peer.policy().tls() == InboundTls.REQUIRED && !isTLSStarted();
    }

    boolean mayStartTls() {
        return isStartTLSSupported() && !isTLSStarted() && peer.policy().tls() != InboundTls.OFF;
    }

    PeerMeter meter() {
        return new PeerMeter(rates, peer, around.clock());
    }

    boolean maySendAs(ReversePath sender) {
        return peer.policy().allowedSenders().filter(allowed -> !SenderPattern.allow(allowed, sender)).isEmpty()
                && (peer.senders().isEmpty() || SenderPattern.allow(peer.senders(), sender));
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
        ReversePath sender = peer.policy().hygiene().masquerade().map(masquerade -> masquerade.of(mail.sender())).orElse(mail.sender());
        InboundMessage begun = new InboundMessage(around.spool().takeMid(), sender, mail.parameters(), peer.policy());
        message = begun;
        emit(new MessageEvent.Started(now(), begun.mid, peer.icid()));
        emit(new MessageEvent.SenderGiven(now(), begun.mid, peer.icid(), mail.sender()));
    }

    void addRecipient(InboundMessage open, Recipient recipient) {
        emit(new MessageEvent.RecipientGiven(now(), open.mid, peer.icid(), open.recipients.size(), recipient.mailbox()));
        open.recipients.add(recipient);
        counts.progress();
    }

    void beginContent(InboundMessage open) {
        open.begin(around.spool().newBody(open.mid));
        open.signBy(around.signing(), peer.group());
        counts.progress();
    }

    void beginChunk(InboundMessage open) {
        if (!open.chunked()) {
            open.beginChunks(around.spool().newBody(open.mid));
            open.signBy(around.signing(), peer.group());
        }
    }

    /// A command of ours whose argument is wrong.
    Reaction badSyntax(OurReply reply, Request request) {
        badCommand(new InjectionEvent.BadSyntax(now(), peer.icid(), Escape.octets(request.getCommand() + " " + request.getArgument(), Escape.LOG_LIMIT)));
        return new Reaction.Answer(reply);
    }

    void badCommand(InjectionEvent what) {
        counts.badCommand();
        emit(what);
    }

    void receivingFailed(ReceivingFailure why) {
        emit(new InjectionEvent.ReceivingFailed(now(), peer.icid(), why));
    }

    /// RFC 3207 §4.2: all that was said before the handshake is forgotten, the name too.
    void secured() {
        forget();
        resetState();
        ehloName = null;
        extended = false;
        proof = null;
        authenticated = false;
        peer = arrived;
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
        Injection injection = Injection.of(peer.icid(), peer.addressText()).by(ehloName()).under(peer.listener(), peer.policy().name());
        return peer.facts().user().map(injection::of).orElse(injection);
    }

    /// RFC 3848, RFC 6531 §4.3: how the message came, for the Received field.
    String protocol(InboundMessage message) {
        return !extended ? "SMTP" : (message.parameters.smtpUtf8() ? "UTF8SMTP" : "ESMTP") + (isTLSStarted() ? "S" : "") + (authenticated ? "A" : "");
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
