package org.mailrelay.core.smtp;

import java.util.OptionalLong;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.ReversePath;

/// Writes the commands that carry values, CRLF included. What could end a line early stops the connection with an
/// exception, and is never mended (RFC 5321 §2.3.8): by then a parser before it has failed.
public final class CommandText {

    private CommandText() {
    }

    public static byte[] ehlo(String name) {
        return line("EHLO " + name);
    }

    public static byte[] helo(String name) {
        return line("HELO " + name);
    }

    /// @param size the true size, where SIZE is offered (RFC 1870 §6)
    /// @param body what to declare; [BodyType#EIGHT_BIT_MIME] only where 8BITMIME is offered (RFC 6152 §2)
    public static byte[] mail(ReversePath from, OptionalLong size, BodyType body) {
        StringBuilder out = new StringBuilder(96).append("MAIL FROM:").append(from);
        if (size.isPresent()) {
            out.append(" SIZE=").append(size.getAsLong());
        }
        if (body == BodyType.EIGHT_BIT_MIME) {
            out.append(" BODY=8BITMIME");
        }
        return line(out);
    }

    public static byte[] rcpt(Mailbox to) {
        return line(new StringBuilder(64).append("RCPT TO:<").append(to.localPart()).append('@').append(to.domain().name()).append('>'));
    }

    /// RFC 3030 §2. Exactly so many octets must follow.
    public static byte[] bdat(long octets, boolean last) {
        return line(last ? "BDAT " + octets + " LAST" : "BDAT " + octets);
    }

    /// Any command of one line. Only printable ASCII and SP pass; a cast of a wider character would make U+010A a line end.
    ///
    /// @throws IllegalArgumentException for CR, LF, NUL, other controls and everything above 126
    public static byte[] line(CharSequence text) {
        byte[] out = new byte[text.length() + 2];
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c > 0x7e) {
                throw new IllegalArgumentException("character " + (int) c + " in a command: " + Escape.text(text, 100));
            }
            out[i] = (byte) c;
        }
        out[text.length()] = '\r';
        out[text.length() + 1] = '\n';
        return out;
    }
}
