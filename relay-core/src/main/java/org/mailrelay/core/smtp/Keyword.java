package org.mailrelay.core.smtp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The EHLO keywords of IANA's registry (RFC 5321 §2.2.2), in upper case.
public enum Keyword {
    STARTTLS("STARTTLS"), SIZE("SIZE"), EIGHTBITMIME("8BITMIME"), PIPELINING("PIPELINING"), CHUNKING("CHUNKING"),
    BINARYMIME("BINARYMIME"), ENHANCEDSTATUSCODES("ENHANCEDSTATUSCODES"), DSN("DSN"), SMTPUTF8("SMTPUTF8"), AUTH("AUTH"),
    REQUIRETLS("REQUIRETLS"), DELIVERBY("DELIVERBY"), HELP("HELP"), EXPN("EXPN"), VRFY("VRFY"), ETRN("ETRN"), ATRN("ATRN"),
    TURN("TURN"), SEND("SEND"), SOML("SOML"), SAML("SAML"), VERB("VERB"), ONEX("ONEX"), CHECKPOINT("CHECKPOINT"),
    SUBMITTER("SUBMITTER"), BURL("BURL"), FUTURERELEASE("FUTURERELEASE"), CONPERM("CONPERM"), CONNEG("CONNEG"),
    NO_SOLICITING("NO-SOLICITING"), MTRK("MTRK"), MT_PRIORITY("MT-PRIORITY"), RRVS("RRVS"), LIMITS("LIMITS");

    private static final Map<String, Keyword> BY_WORD = new HashMap<>();

    static {
        for (Keyword keyword : values()) {
            BY_WORD.put(keyword.word, keyword);
        }
    }

    private final String word;

    Keyword(String word) {
        this.word = word;
    }

    /// As it stands on the wire, upper case.
    public String word() {
        return word;
    }

    /// Any ASCII case; every other octet must match.
    public static Optional<Keyword> of(String word) {
        return Optional.ofNullable(BY_WORD.get(Ascii.upper(word)));
    }
}
