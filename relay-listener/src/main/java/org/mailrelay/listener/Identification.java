package org.mailrelay.listener;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.access.AccessDecision;
import org.mailrelay.core.access.AccessRules;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.PeerFacts;
import org.mailrelay.core.access.SenderPattern;
import org.mailrelay.core.auth.Mechanism;
import org.mailrelay.core.auth.SaslStep;
import org.mailrelay.core.event.InjectionEvent.ReceivingFailure;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.OurReplies;
import org.mailrelay.core.smtp.OurReply;
import org.mailrelay.listener.auth.Authentication;

/// Who one session's client is, by what it has proven so far, and under which policy it stands for that: by AUTH, by a certificate, or because a
/// server in front says so. Each time more is known the sender groups are asked again. One event loop's own.
final class Identification {

    private final ListenerSurroundings around;
    private final Settings settings;
    private final Shared shared;
    private final Authentication authentication;
    private final CommandCounts counts;
    private final ChannelTransport transport;
    private final Peer arrived;
    private final boolean mayClaim;
    private Peer peer;
    /// As whose the connection counts: a user's is not its address's too.
    private PeerMeter counted;
    private @Nullable Proof proof;
    private boolean authenticated;

    /// @param mayClaim the client may say with XCLIENT that it speaks for another
    Identification(ListenerSurroundings around, Settings settings, Shared shared, CommandCounts counts, ChannelTransport transport, Peer arrived, boolean mayClaim) {
        this.around = around;
        this.settings = settings;
        this.shared = shared;
        this.authentication = shared.authentication();
        this.counts = counts;
        this.transport = transport;
        this.arrived = arrived;
        this.mayClaim = mayClaim;
        this.peer = arrived;
        this.counted = meter();
    }

    Peer peer() {
        return peer;
    }

    PeerMeter meter() {
        return new PeerMeter(shared.rates(), peer, around.clock());
    }

    /// RFC 3207 §4.2: what was proven, or said of the client, before the handshake is forgotten.
    void forget() {
        proof = null;
        authenticated = false;
        peer = arrived;
    }

    boolean authConfigured() {
        return peer.policy().identity().auth() != MailFlowPolicy.Auth.OFF && !mechanisms().isEmpty();
    }

    /// Credentials never cross the wire in the clear, unless the policy says so.
    boolean mayAuthHere(boolean encrypted) {
        return encrypted || peer.policy().identity().authInTheClear();
    }

    /// AUTH has succeeded; who is known by a certificate alone may still say who else they are.
    boolean authenticated() {
        return authenticated;
    }

    List<Mechanism> mechanisms() {
        return authentication.offered(transport.binding());
    }

    boolean guessedTooOften() {
        return authentication.tooManyGuesses(peer.address().getAddress());
    }

    Reaction beginProof(Mechanism mechanism, byte[] initial) {
        Proof begun = new Proof(mechanism, authentication.begin(mechanism, transport.binding()));
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
                counts.badCommand();
                emit(new InjectionEvent.AuthFailed(around.clock().instant(), peer.icid(), user, mechanism));
                yield new Reaction.Answer(OurReplies.AUTH_REFUSED);
            }
            case SaslStep.Proven(String user) -> {
                authenticated = true;
                emit(new InjectionEvent.AuthSucceeded(around.clock().instant(), peer.icid(), user, mechanism));
                yield known(peer.facts().withUser(user), patterns(senders)).<Reaction>map(Reaction.Leave::new).orElseGet(() -> new Reaction.Answer(OurReplies.AUTHENTICATED));
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
            boolean required = policy.identity().verifyClient() == MailFlowPolicy.VerifyClient.REQUIRED;
            emit(new InjectionEvent.CertificateMissing(around.clock().instant(), peer.icid(), policy.name(), required));
            return Optional.empty();
        }
        PeerFacts facts = AccessRules.certified(peer.facts(), shown.get(), settings.senderGroups(), settings.authSources().certificates());
        peer = peer.known(facts, List.of());
        emit(new InjectionEvent.CertificateShown(around.clock().instant(), peer.icid(), facts.certificate().orElseThrow(), policy.name(), facts.user()));
        return facts.user();
    }

    /// The client is who its certificate says, with what that user may send as.
    ///
    /// @return why it may not stay
    Optional<OurReply> recognised(List<String> senders) {
        return known(peer.facts(), patterns(senders));
    }

    boolean offersXclient() {
        return mayClaim;
    }

    /// Nothing that was proven before is this client's. STARTTLS, which forgets what was said in the clear, forgets this as well.
    ///
    /// @return why it may not stay
    Optional<OurReply> become(InetSocketAddress client, Optional<Domain> name) {
        forget();
        emit(new InjectionEvent.ClientClaimed(around.clock().instant(), arrived.icid(), client.getAddress().getHostAddress(), name.map(Domain::name)));
        peer = new Peer(arrived.icid(), arrived.listener(), client, name, PeerFacts.of(arrived.listener(), client.getAddress().getAddress(), name), AccessDecision.NOTHING,
                arrived.policy(), List.of());
        return known(peer.facts(), List.of());
    }

    /// Decides again, now that more is known of the client.
    ///
    /// @return why it may not stay
    private Optional<OurReply> known(PeerFacts facts, List<SenderPattern> senders) {
        AccessDecision decision = AccessRules.decide(facts, settings.senderGroups());
        if (!decision.group().equals(peer.group())) {
            emit(new InjectionEvent.AccessDecided(around.clock().instant(), peer.icid(), decision.access(), decision.group(), decision.match()));
        }
        peer = peer.known(facts, senders);
        return switch (decision) {
            case AccessDecision.Relay(String group, String _, MailFlowPolicy policy) -> under(group, policy);
            case AccessDecision.Accept(String group, String _, MailFlowPolicy policy) -> under(group, policy);
            case AccessDecision.Reject _, AccessDecision.TcpRefuse _ -> Optional.of(OurReplies.ACCESS_REJECTED);
        };
    }

    private Optional<OurReply> under(String group, MailFlowPolicy policy) {
        peer = peer.under(group, policy);
        if (!mayClaim && shared.counts().open(peer.address().getAddress()) > policy.limits().connections()) {
            return refused(ReceivingFailure.CONNECTION_LIMIT, OurReplies.TOO_MANY_CONNECTIONS);
        }
        if (meter().asConnection().equals(counted.asConnection())) {
            return Optional.empty();
        }
        if (!meter().connection()) {
            return refused(ReceivingFailure.RATE, OurReplies.CONNECTIONS_TOO_FAST);
        }
        counted.giveConnectionBack();
        counted = meter();
        return Optional.empty();
    }

    private Optional<OurReply> refused(ReceivingFailure why, OurReply reply) {
        emit(new InjectionEvent.ReceivingFailed(around.clock().instant(), peer.icid(), why));
        return Optional.of(reply);
    }

    private void emit(InjectionEvent event) {
        around.events().on(event);
    }
}
