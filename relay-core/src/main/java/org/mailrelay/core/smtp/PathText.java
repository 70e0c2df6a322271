package org.mailrelay.core.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;

/// Reads `<path>` at the head of an argument (RFC 5321 §4.1.2). The source route is read and ignored (RFC 5321 §3.6.1): only
/// the final mailbox counts, and a percent or bang in its local part is a character like others.
///
///     Path    = "<" [ A-d-l ":" ] Mailbox ">"
///     A-d-l   = "@" Domain *( "," "@" Domain )
///     Mailbox = ( Dot-string / Quoted-string ) "@" Domain
sealed interface PathText {

    /// @param end           where the text behind `>` begins
    /// @param international it held UTF-8, which only SMTPUTF8 allows (RFC 6531 §3.3)
    record Address(Mailbox mailbox, int end, boolean international) implements PathText {
    }

    /// `<>`
    record Empty(int end) implements PathText {
    }

    /// A local part without a domain; only `postmaster` may stand so (RFC 5321 §4.5.1).
    record LocalOnly(String localPart, int end) implements PathText {
    }

    record Literal() implements PathText {
    }

    record NonAscii() implements PathText {
    }

    record Bad() implements PathText {
    }

    int MAX_PATH = 256;   // RFC 5321 §4.5.3.1.3, brackets included

    /// @param from where `<` must stand
    static PathText read(String text, int from) {
        if (from >= text.length() || text.charAt(from) != '<') {
            return new Bad();
        }
        int at = routeEnd(text, from + 1);
        if (at < 0) {
            return new Bad();
        }
        if (at == from + 1 && at < text.length() && text.charAt(at) == '>') {
            return new Empty(at + 1);
        }
        int localEnd = at < text.length() && text.charAt(at) == '"' ? quotedEnd(text, at) : dotStringEnd(text, at);
        if (localEnd <= at || localEnd - at > Mailbox.MAX_LOCAL_PART || localEnd >= text.length()) {
            return hasEightBit(text) ? new NonAscii() : new Bad();
        }
        String localPart = text.substring(at, localEnd);
        if (text.charAt(localEnd) == '>') {
            return new LocalOnly(localPart, localEnd + 1);
        }
        int close = text.indexOf('>', localEnd);
        if (text.charAt(localEnd) != '@' || close < 0 || close + 1 - from > MAX_PATH) {
            return hasEightBit(text) ? new NonAscii() : new Bad();
        }
        return readDomain(text.substring(localEnd + 1, close), localPart, close + 1);
    }

    private static PathText readDomain(String name, String localPart, int end) {
        if (EhloArgument.isLiteral(name)) {
            return new Literal();
        }
        boolean international = hasEightBit(name) || hasEightBit(localPart);
        Optional<String> local = utf8(localPart);
        Optional<Domain> domain = name.endsWith(".") ? Optional.empty() : utf8(name).flatMap(Domain::parse);
        if (local.isEmpty() || domain.isEmpty()) {
            return international ? new NonAscii() : new Bad();
        }
        return new Address(new Mailbox(local.get(), domain.get()), end, international);
    }

    /// One character an octet to what it says; empty for what is no UTF-8, for controls, and for what turns text around on a screen.
    private static Optional<String> utf8(String octets) {
        if (!hasEightBit(octets)) {
            return Optional.of(octets);
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1))).toString();
            boolean hostile = text.codePoints().anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || c == 0x2028 || c == 0x2029
                    || Character.getType(c) == Character.UNASSIGNED || Character.getType(c) == Character.SURROGATE);
            return hostile ? Optional.empty() : Optional.of(text);
        } catch (CharacterCodingException malformed) {
            return Optional.empty();
        }
    }

    /// Behind the colon of a source route; where there is none, `from`; -1 when it is broken.
    private static int routeEnd(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) == '@') {
            int end = at + 1;
            while (end < text.length() && text.charAt(end) != ',' && text.charAt(end) != ':' && text.charAt(end) != '>') {
                end++;
            }
            String hop = text.substring(at + 1, end);
            if (end == text.length() || text.charAt(end) == '>' || !EhloArgument.isLiteral(hop) && !isAsciiDomain(hop)) {
                return -1;
            }
            if (text.charAt(end) == ':') {
                return end + 1;
            }
            at = end + 1;
            if (at >= text.length() || text.charAt(at) != '@') {
                return -1;
            }
        }
        return at;
    }

    private static boolean isAsciiDomain(String text) {
        return !hasEightBit(text) && Domain.parse(text).isPresent();
    }

    private static int dotStringEnd(String text, int from) {
        int at = from;
        while (at < text.length() && (isAtext(text.charAt(at)) || text.charAt(at) == '.' && at > from && text.charAt(at - 1) != '.')) {
            at++;
        }
        return at > from && text.charAt(at - 1) == '.' ? -1 : at;
    }

    /// `"` *( qtext / `\` printable ) `"`; -1 when it never ends or holds anything else.
    private static int quotedEnd(String text, int from) {
        for (int at = from + 1; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            if (c == '\\' && ++at == text.length()) {
                return -1;
            }
            if (text.charAt(at) < 0x20 || text.charAt(at) == 0x7f) {
                return -1;
            }
        }
        return -1;
    }

    static boolean isAtext(char c) {
        return Ascii.isLetterOrDigit(c) || c >= 0x80 || c > 0x20 && c < 0x7f && "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
    }

    private static boolean hasEightBit(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7e) {
                return true;
            }
        }
        return false;
    }
}
