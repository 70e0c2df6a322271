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
            case Fact.Refused(Reply reply, boolean temporary) when !temporary -> new Outcome.Fail(reason(reply, 5));
            case Fact.Refused(Reply reply, _) when reply.code() == 421 -> new Outcome.TryNextHost(reason(reply, 4));
            case Fact.Refused(Reply reply, _) -> new Outcome.Defer(reason(reply, 4));
            case Fact.TooMany _ -> new Outcome.AnotherTransaction();   // RFC 5321 §4.5.3.1.10
            case Fact.Unfit(EnhancedCode code, String words) when code.statusClass() == 5 -> new Outcome.Fail(Outcome.Reason.noReply(code, words));
            case Fact.Unfit(EnhancedCode code, String words) -> new Outcome.Defer(Outcome.Reason.noReply(code, words));
            case Fact.Lost(String detail) -> new Outcome.TryNextHost(Outcome.Reason.noReply(new EnhancedCode(4, 4, 2), detail));
            case Fact.Ambiguous(String detail) -> switch (afterLostReply) {
                case ASSUME_DELIVERED -> new Outcome.Delivered("no reply to the end of data (" + detail + "), taken for delivered");
                case RETRY -> new Outcome.Defer(Outcome.Reason.noReply(new EnhancedCode(4, 4, 2), detail));
            };
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
