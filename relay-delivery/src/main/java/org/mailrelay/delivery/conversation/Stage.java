package org.mailrelay.delivery.conversation;

import java.time.Duration;

/// What is under way on a connection: the words for the log, and how long its reply may take (RFC 5321 §4.5.3.2).
public enum Stage {
    CONNECT("connecting", Duration.ofSeconds(60)),
    GREETING("receiving the greeting", Duration.ofMinutes(5)),
    EHLO("sending EHLO", Duration.ofMinutes(5)),
    HELO("sending HELO", Duration.ofMinutes(5)),
    STARTTLS("sending STARTTLS", Duration.ofMinutes(2)),
    HANDSHAKE("performing the TLS handshake", Duration.ofMinutes(1)),
    AUTH("sending AUTH", Duration.ofMinutes(2)),
    AUTH_USER("sending AUTH", Duration.ofMinutes(2)),
    AUTH_PASSWORD("sending AUTH", Duration.ofMinutes(2)),
    IDLE("waiting for the next message", Duration.ofSeconds(30)),
    MAIL("sending MAIL FROM", Duration.ofMinutes(5)),
    RCPT("sending RCPT TO", Duration.ofMinutes(5)),
    DATA("sending DATA", Duration.ofMinutes(2)),
    CONTENT("sending the content", Duration.ofMinutes(3)),
    END_OF_DATA("sending end of data; the message may arrive twice", Duration.ofMinutes(10)),
    RSET("sending RSET", Duration.ofMinutes(2)),
    QUIT("sending QUIT", Duration.ofSeconds(5));

    private final String words;
    private final Duration limit;

    Stage(String words, Duration limit) {
        this.words = words;
        this.limit = limit;
    }

    public String words() {
        return words;
    }

    /// The limit where the settings name none.
    public Duration standardLimit() {
        return limit;
    }
}
