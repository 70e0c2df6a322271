package org.mailrelay.core.report;

/// What a report says was done (RFC 3464 §2.3.3). `delivered` and `expanded` are said by those who keep mailboxes and lists, never by a relay.
public enum Action {
    FAILED("failed", "Failure"),
    DELAYED("delayed", "Delay"),
    /// Handed to a host that gives no reports of its own (RFC 3461 §5.2.2).
    RELAYED("relayed", "Relay");

    private final String word;
    private final String subject;

    Action(String word, String subject) {
        this.word = word;
        this.subject = subject;
    }

    /// As the Action field says it, mail_logs and metrics too.
    public String word() {
        return word;
    }

    String subject() {
        return "Delivery Status Notification (" + subject + ")";
    }
}
