package org.mailrelay.delivery.engine;

import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Fact;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.delivery.OutcomeRules;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.RecipientResult;

/// What connections report, as the rules want it.
final class Facts {

    private Facts() {
    }

    static Fact of(RecipientResult result) {
        return switch (result) {
            case RecipientResult.Delivered(var reply) -> new Fact.Accepted(reply);
            case RecipientResult.Refused refused -> new Fact.Refused(refused.reply(), refused.temporary());
            case RecipientResult.Unfit(var code, var words) -> new Fact.Unfit(code, words);
            case RecipientResult.Lost(var stage, var detail) -> new Fact.Lost(detail + " while " + stage.words());
            case RecipientResult.TooMany(var reply) -> new Fact.TooMany(reply);
            case RecipientResult.Ambiguous(boolean accepted, var detail) when accepted -> new Fact.Ambiguous(detail);
            case RecipientResult.Ambiguous(_, var detail) -> new Fact.Lost(detail + " before the reply to the recipient; the message may arrive twice");
        };
    }

    static Outcome.Reason of(HostFailure failure) {
        return switch (failure) {
            case HostFailure.AgainstPolicy policy -> {
                EnhancedCode code = ExpiryRules.tlsCode(4, policy.reasons().getFirst());
                yield new Outcome.Reason(code, code.words(), 0, policy.faults().stream().map(TlsFault::words).toList());
            }
            case HostFailure.Refused(_, var reply) -> OutcomeRules.reason(reply, 4);
            case HostFailure.Unreachable _ -> Outcome.Reason.noReply(new EnhancedCode(4, 4, 1), failure.words());
            case HostFailure.Lost _, HostFailure.OutOfStep _ -> Outcome.Reason.noReply(new EnhancedCode(4, 4, 2), failure.words());
        };
    }
}
