package org.mailrelay.core.smtp;

import java.util.Optional;

/// The commands that the listener knows, and whether they take an argument.
public enum Verb {
    EHLO(Argument.NEEDED), HELO(Argument.NEEDED), MAIL(Argument.NEEDED), RCPT(Argument.NEEDED), DATA(Argument.NONE),
    RSET(Argument.NONE), NOOP(Argument.FREE), QUIT(Argument.NONE), VRFY(Argument.NEEDED), STARTTLS(Argument.NONE),
    BDAT(Argument.NEEDED), AUTH(Argument.NEEDED),
    /// Known to those who may say it.
    XCLIENT(Argument.FREE),
    /// Known and not offered: 502 (RFC 5321 §4.2.4).
    EXPN(Argument.OFF), HELP(Argument.OFF), ETRN(Argument.OFF), ATRN(Argument.OFF),
    TURN(Argument.OFF), SEND(Argument.OFF), SOML(Argument.OFF), SAML(Argument.OFF);

    enum Argument { NONE, FREE, NEEDED, OFF }

    private static final Verb[] ALL = values();

    final Argument argument;

    Verb(Argument argument) {
        this.argument = argument;
    }

    /// By octets, in any ASCII case.
    static Optional<Verb> of(String word) {
        for (Verb verb : ALL) {
            if (Ascii.equals(word, verb.name())) {
                return Optional.of(verb);
            }
        }
        return Optional.empty();
    }
}
