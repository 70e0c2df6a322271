package org.mailrelay.core.smtp;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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

    /// The beginning of MAIL; parameters follow, each with SP before it.
    public static StringBuilder mail(ReversePath from) {
        StringBuilder out = new StringBuilder(128).append("MAIL FROM:<");
        from.mailbox().ifPresent(sender -> out.append(sender.localPart()).append('@').append(sender.domain().name()));
        return out.append('>');
    }

    /// The beginning of RCPT, likewise.
    public static StringBuilder rcpt(Mailbox to) {
        return new StringBuilder(64).append("RCPT TO:<").append(to.localPart()).append('@').append(to.domain().name()).append('>');
    }

    /// RFC 3030 §2. Exactly so many octets must follow.
    public static byte[] bdat(long octets, boolean last) {
        return line(last ? "BDAT " + octets + " LAST" : "BDAT " + octets);
    }

    /// @param utf8 the host was told SMTPUTF8: characters beyond ASCII pass as UTF-8 (RFC 6531 §3.3), controls never do
    /// @throws IllegalArgumentException as [#line(CharSequence)], and for half of a surrogate pair
    public static byte[] line(CharSequence text, boolean utf8) {
        if (!utf8) {
            return line(text);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029) {
                throw new IllegalArgumentException("character " + (int) c + " in a command: " + Escape.text(text, 100));
            }
        }
        try {
            ByteBuffer octets = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] out = new byte[octets.remaining() + 2];
            octets.get(out, 0, out.length - 2);
            out[out.length - 2] = '\r';
            out[out.length - 1] = '\n';
            return out;
        } catch (CharacterCodingException half) {
            throw new IllegalArgumentException("half of a character in a command: " + Escape.text(text, 100), half);
        }
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
