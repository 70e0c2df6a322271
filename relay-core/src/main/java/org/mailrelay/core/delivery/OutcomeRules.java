package org.mailrelay.core.delivery;

import org.mailrelay.core.settings.RelaySettings.AfterLostReply;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Reply;

/// Reads what a host said. The decision goes by the reply code alone (RFC 5321 §4.2).
public final class OutcomeRules {

    private OutcomeRules() {
    }

    public static Outcome decide(Fact fact, AfterLostReply afterLostReply) {
        return switch (fact) {
            case Fact.Accepted(Reply reply) -> new Outcome.Delivered(reply.text());
            case Fact.Refused(Reply reply, Fact.Moment moment) -> refused(reply, moment);
            case Fact.TooMany _ -> new Outcome.AnotherTransaction();   // RFC 5321 §4.5.3.1.10
            case Fact.Unfit(EnhancedCode code, String words, boolean elsewhere) when elsewhere -> new Outcome.TryNextHost(Outcome.Reason.noReply(code, words));
            case Fact.Unfit(EnhancedCode code, String words, _) when code.statusClass() == 5 -> new Outcome.Fail(Outcome.Reason.noReply(code, words));
            case Fact.Unfit(EnhancedCode code, String words, _) -> new Outcome.Defer(Outcome.Reason.noReply(code, words));
            case Fact.Lost(String detail) -> new Outcome.TryNextHost(Outcome.Reason.noReply(new EnhancedCode(4, 4, 2), detail));
            case Fact.Ambiguous(String detail, boolean accepted) ->
                    new Outcome.Ambiguous(Outcome.Reason.noReply(new EnhancedCode(4, 4, 2), detail), accepted && afterLostReply == AfterLostReply.ASSUME_DELIVERED);
        };
    }

    private static Outcome refused(Reply reply, Fact.Moment moment) {
        if (reply.code() == 421) {   // RFC 5321 §3.8: it leaves, whatever it was asked
            return new Outcome.TryNextHost(reason(reply, 4));
        }
        return switch (moment) {
            case MAIL -> reply.permanent() ? new Outcome.Fail(reason(reply, 5)) : new Outcome.TryNextHost(reason(reply, 4));
            // RFC 5321 §4.5.3.1.10: 552 to RCPT means too many recipients, and is to be read as 452
            case RCPT -> reply.permanent() && reply.code() != 552 ? new Outcome.Fail(reason(reply, 5)) : new Outcome.TryNextHost(reason(reply, 4));
            case DATA -> reply.permanent() ? new Outcome.Fail(reason(reply, 5)) : new Outcome.Defer(reason(reply, 4));
        };
    }

    /// The host's enhanced code in the class that was decided, else the reading that operators know.
    public static Outcome.Reason reason(Reply reply, int statusClass) {
        EnhancedCode code = reply.enhancedCode().map(c -> new EnhancedCode(statusClass, c.subject(), c.detail())).orElseGet(() -> switch (reply.code()) {
            case 421 -> new EnhancedCode(statusClass, 3, 2);
            case 431, 452 -> new EnhancedCode(statusClass, 3, 1);
            default -> new EnhancedCode(statusClass, 1, 0);
        });
        return new Outcome.Reason(code, code.words(), reply.code(), reply.lines());
    }
}
