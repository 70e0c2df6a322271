package org.mailrelay.core.smtp;

import java.util.EnumSet;
import java.util.Optional;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.ReturnedPart;

/// The values of `NOTIFY=`, `ORCPT=`, `RET=` and `ENVID=` (RFC 3461 §4.1 to §4.4), read and written. Reading gives nothing for a
/// value that is not of the grammar.
public final class DsnText {

    private DsnText() {
    }

    /// `NEVER` alone, or `SUCCESS`, `FAILURE`, `DELAY` between commas, each once.
    static Optional<Notify> readNotify(String value) {
        if (Ascii.equals(value, "NEVER")) {
            return Optional.of(Notify.NEVER);
        }
        EnumSet<Notify.Event> events = EnumSet.noneOf(Notify.Event.class);
        int from = 0;
        while (from <= value.length()) {
            int comma = value.indexOf(',', from);
            int end = comma < 0 ? value.length() : comma;
            Optional<Notify.Event> event = event(value.substring(from, end));
            if (event.isEmpty() || !events.add(event.get())) {
                return Optional.empty();
            }
            from = end + 1;
        }
        return Optional.of(Notify.on(events));
    }

    private static Optional<Notify.Event> event(String word) {
        for (Notify.Event event : Notify.Event.values()) {
            if (Ascii.equals(word, event.name())) {
                return Optional.of(event);
            }
        }
        return Optional.empty();
    }

    /// Empty where nothing was said and nothing is to be said.
    public static Optional<String> write(Notify notify) {
        return switch (notify) {
            case Notify.Unsaid _ -> Optional.empty();
            case Notify.Never _ -> Optional.of("NEVER");
            case Notify.On(var events) -> Optional.of(String.join(",", EnumSet.copyOf(events).stream().map(Enum::name).toList()));
        };
    }

    static Optional<ReturnedPart> readReturned(String value) {
        for (ReturnedPart part : ReturnedPart.values()) {
            if (Ascii.equals(value, part.word())) {
                return Optional.of(part);
            }
        }
        return Optional.empty();
    }

    static Optional<String> readEnvelopeId(String value) {
        return value.isEmpty() || value.length() > MailParameters.MAX_ENVELOPE_ID ? Optional.empty() : Xtext.decode(value);
    }

    public static String writeEnvelopeId(String id) {
        return Xtext.encode(id);
    }

    /// A type (an atom), a semicolon, an address in xtext; in type `utf-8`, `\x{...}` in it is a character (RFC 6533 §3).
    static Optional<OriginalRecipient> readOriginal(String value) {
        int semicolon = value.indexOf(';');
        if (value.length() > OriginalRecipient.MAX_ENCODED || semicolon < 1 || semicolon == value.length() - 1 || !isAtom(value.substring(0, semicolon))) {
            return Optional.empty();
        }
        String type = value.substring(0, semicolon);
        Optional<String> decoded = Xtext.decode(value.substring(semicolon + 1));
        if (Ascii.equals(type, "UTF-8")) {
            decoded = decoded.flatMap(EmbeddedCharacters::decode);
        }
        return decoded.map(address -> new OriginalRecipient(type, address));
    }

    /// Seven-bit, for a host with SMTPUTF8 or without.
    public static String write(OriginalRecipient original) {
        return original.type() + ";" + (Ascii.equals(original.type(), "UTF-8") ? EmbeddedCharacters.encode(original.address()) : Xtext.encode(original.address()));
    }

    /// RFC 5322 §3.2.3, without comments and blanks.
    private static boolean isAtom(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> PathText.isAtext((char) c));
    }
}
