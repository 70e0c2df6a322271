package org.mailrelay.core.header;

import java.util.Optional;
import java.util.function.Function;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;

/// Puts other addresses in the place of those in a field's value; names, comments, folding and all else stay to the octet.
///
/// An address is a local part, a dot-atom or a quoted string, an `@` and a dot-atom domain, without blanks between (RFC 5322 §3.4.1). The
/// obsolete forms with blanks or comments inside are left alone: what is not understood is not changed. Linear in the value's length.
final class AddressRewriter {

    private static final int MOST_LOCAL = 64;

    private AddressRewriter() {
    }

    /// @param to gives another address, or none where it stays
    static String rewritten(String value, Function<Mailbox, Optional<Mailbox>> to) {
        StringBuilder out = new StringBuilder(value.length());
        int copied = 0;
        int at = 0;
        while (at < value.length()) {
            char c = value.charAt(at);
            if (c == '(') {
                at = comment(value, at);
                continue;
            }
            if (c == '[') {
                at = literal(value, at);
                continue;
            }
            int local = c == '"' ? quoted(value, at) : atom(value, at);
            if (local < value.length() && local > at && value.charAt(local) == '@') {
                int end = atom(value, local + 1);
                Optional<Mailbox> other = mailbox(value, at, local, end).flatMap(to);
                if (other.isPresent()) {
                    out.append(value, copied, at).append(other.get());
                    copied = end;
                }
                at = Math.max(end, local + 1);
            } else {
                at = Math.max(local, at + 1);
            }
        }
        return copied == 0 ? value : out.append(value, copied, value.length()).toString();
    }

    private static Optional<Mailbox> mailbox(String value, int from, int at, int end) {
        String local = value.substring(from, at);
        boolean plain = value.substring(from, end).chars().allMatch(c -> c > 0x20 && c < 0x7f);
        return plain && local.length() <= MOST_LOCAL ? Domain.parse(value.substring(at + 1, end)).map(domain -> new Mailbox(local, domain)) : Optional.empty();
    }

    /// Behind a dot-atom that begins there; the same place where none does.
    private static int atom(String value, int from) {
        int at = from;
        while (at < value.length() && isAtom(value.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isAtom(char c) {
        return c > 0x20 && c != 0x7f && "()<>[]:;@\\,\"".indexOf(c) < 0;
    }

    private static int quoted(String value, int from) {
        for (int at = from + 1; at < value.length(); at++) {
            if (value.charAt(at) == '\\') {
                at++;
            } else if (value.charAt(at) == '"') {
                return at + 1;
            }
        }
        return value.length();
    }

    private static int comment(String value, int from) {
        int depth = 0;
        for (int at = from; at < value.length(); at++) {
            switch (value.charAt(at)) {
                case '\\' -> at++;
                case '(' -> depth++;
                case ')' -> {
                    if (--depth == 0) {
                        return at + 1;
                    }
                }
                default -> { }
            }
        }
        return value.length();
    }

    private static int literal(String value, int from) {
        int end = value.indexOf(']', from);
        return end < 0 ? value.length() : end + 1;
    }
}
