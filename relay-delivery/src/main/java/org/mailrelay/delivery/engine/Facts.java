package org.mailrelay.delivery.engine;

import java.time.Instant;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Fact;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.OutcomeRules;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.FailedLookup;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsDemand;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.TransactionResult;

/// What connections report, as the rules want it.
final class Facts {

    private Facts() {
    }

    static Fact of(RecipientResult result) {
        return switch (result) {
            case RecipientResult.Delivered(var reply) -> new Fact.Accepted(reply);
            case RecipientResult.Refused(var stage, var reply) -> new Fact.Refused(reply, moment(stage));
            case RecipientResult.Unfit(var code, var words, boolean elsewhere) -> new Fact.Unfit(code, words, elsewhere);
            case RecipientResult.Lost(var stage, var detail) -> new Fact.Lost(detail + " while " + stage.words());
            case RecipientResult.TooMany(var reply) -> new Fact.TooMany(reply);
            case RecipientResult.Ambiguous(boolean accepted, var detail) ->
                    new Fact.Ambiguous(accepted ? detail : detail + " before the reply to the recipient; the message may arrive twice", accepted);
        };
    }

    private static Fact.Moment moment(Stage stage) {
        return switch (stage) {
            case MAIL -> Fact.Moment.MAIL;
            case RCPT -> Fact.Moment.RCPT;
            case DATA, CONTENT, END_OF_DATA -> Fact.Moment.DATA;
            case CONNECT, GREETING, EHLO, HELO, STARTTLS, HANDSHAKE, AUTH, AUTH_USER, AUTH_PASSWORD, IDLE, RSET, QUIT ->
                    throw new IllegalArgumentException("a recipient's result at " + stage);
        };
    }

    /// True when the host ended the connection, with 421 or without a word, before it heard of this message: its own limit of messages a connection, or
    /// its patience with an idle one. That is no refusal of the message.
    static boolean turnedAwayUnheard(TransactionResult result) {
        return result.recipients().stream().allMatch(each -> switch (each) {
            case RecipientResult.Refused(var stage, var reply) -> stage == Stage.MAIL && reply.code() == 421;
            case RecipientResult.Lost(var stage, _) -> stage == Stage.MAIL;
            case RecipientResult.Delivered _, RecipientResult.TooMany _, RecipientResult.Ambiguous _, RecipientResult.Unfit _ -> false;
        });
    }

    /// True when the host said something to this message, whatever it was.
    static boolean answered(TransactionResult result) {
        return result.recipients().stream().anyMatch(each -> each instanceof RecipientResult.Delivered || each instanceof RecipientResult.Refused);
    }

    /// True when it says that the host has more from us than it bears: 421, a 4yz to MAIL, silence.
    static boolean overrun(TransactionResult result) {
        return result.recipients().stream().anyMatch(each -> switch (each) {
            case RecipientResult.Refused(var stage, var reply) -> reply.code() == 421 || stage == Stage.MAIL && reply.temporary();
            case RecipientResult.Lost(_, var detail) -> detail.equals("timeout");
            case RecipientResult.Ambiguous(_, var detail) -> detail.equals("timeout");
            case RecipientResult.Delivered _, RecipientResult.TooMany _, RecipientResult.Unfit _ -> false;
        });
    }

    /// True when the address itself was of no use; policy that it does not meet is a matter of the destination whose policy it is.
    static boolean faultOfTheHost(HostFailure failure) {
        return switch (failure) {
            case HostFailure.Unreachable _, HostFailure.Lost _, HostFailure.Refused _, HostFailure.OutOfStep _, HostFailure.Loop _ -> true;
            case HostFailure.AgainstPolicy _, HostFailure.Local _ -> false;
        };
    }

    static Outcome.Reason of(HostFailure failure) {
        return switch (failure) {
            case HostFailure.AgainstPolicy policy -> {
                EnhancedCode code = ExpiryRules.tlsCode(4, policy.reasons().getFirst());
                yield new Outcome.Reason(code, code.words(), 0, policy.faults().stream().map(TlsFault::words).toList()).demanded(new TlsDemand(policy.rule(), policy.reasons()));
            }
            case HostFailure.Refused(_, var reply) -> OutcomeRules.reason(reply, 4);
            case HostFailure.Local _ -> Outcome.Reason.noReply(new EnhancedCode(4, 4, 5), failure.words());
            case HostFailure.Unreachable _ -> Outcome.Reason.noReply(new EnhancedCode(4, 4, 1), failure.words());
            case HostFailure.Loop _ -> Outcome.Reason.noReply(new EnhancedCode(4, 4, 6), failure.words());
            case HostFailure.Lost _, HostFailure.OutOfStep _ -> Outcome.Reason.noReply(new EnhancedCode(4, 4, 2), failure.words());
        };
    }

    /// The name is said where it is not the destination's own: an address of one of its hosts.
    static DeliveryEvent of(Instant at, Domain destination, FailedLookup lookup) {
        return new DeliveryEvent.DnsFailed(at, destination, lookup.type(), lookup.name().equals(destination) ? lookup.words() : lookup.words() + " (" + lookup.name() + ")");
    }
}
