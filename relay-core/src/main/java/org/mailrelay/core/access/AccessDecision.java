package org.mailrelay.core.access;

/// What a connecting peer may do. `group` and `match` are as mail_logs shows them: `RELAY SG RELAYLIST match 10.1.1.0/24`.
public sealed interface AccessDecision {

    /// What stands for group and match where no group matched.
    String NOTHING = "none";

    String group();

    default MailFlowPolicy.Access access() {
        return switch (this) {
            case Relay _ -> MailFlowPolicy.Access.RELAY;
            case Accept _ -> MailFlowPolicy.Access.ACCEPT;
            case Reject _ -> MailFlowPolicy.Access.REJECT;
            case TcpRefuse _ -> MailFlowPolicy.Access.TCPREFUSE;
        };
    }

    String match();

    /// May send to any recipient.
    record Relay(String group, String match, MailFlowPolicy policy) implements AccessDecision {
    }

    /// May connect, and relays only once authenticated: the relay hosts no domain.
    record Accept(String group, String match, MailFlowPolicy policy) implements AccessDecision {
    }

    /// 554 in place of the greeting (RFC 5321 §3.1).
    record Reject(String group, String match) implements AccessDecision {
    }

    /// Closed at once, without a word.
    record TcpRefuse(String group, String match) implements AccessDecision {
    }
}
