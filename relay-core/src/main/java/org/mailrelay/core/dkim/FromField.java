package org.mailrelay.core.dkim;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// Finds the domain of the first mailbox of a From field (RFC 5322 §3.4), tolerantly: what mail clients show as the sender is what decides.
final class FromField {

    private final String text;
    private int at;

    private FromField(String text) {
        this.text = text;
    }

    /// @param value one character an octet
    /// @return empty where there is no mailbox with a domain name
    static Optional<Domain> domain(String value) {
        return new FromField(value).first();
    }

    private Optional<Domain> first() {
        StringBuilder word = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            switch (c) {
                case '"' -> quoted(word);
                case '(' -> comment();
                case '<' -> {
                    at++;
                    return inBrackets();
                }
                case ':' -> {
                    at++;
                    word.setLength(0);   // the name of a group; its first mailbox follows
                }
                case ',', ';' -> {
                    at++;
                    if (word.indexOf("@") >= 0) {
                        return behindAt(word);
                    }
                    word.setLength(0);
                }
                default -> {
                    at++;
                    word.append(c);
                }
            }
        }
        return behindAt(word);
    }

    private Optional<Domain> inBrackets() {
        StringBuilder address = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '>') {
            switch (text.charAt(at)) {
                case '"' -> quoted(address);
                case '(' -> comment();
                default -> address.append(text.charAt(at++));
            }
        }
        return behindAt(address);
    }

    /// The content of a quoted string names no domain, whatever it holds: an `x` stands for each character.
    private void quoted(StringBuilder into) {
        at++;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
            into.append('x');
        }
        at++;
    }

    /// Comments nest.
    private void comment() {
        int depth = 0;
        do {
            char c = text.charAt(at);
            at += c == '\\' ? 2 : 1;
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        } while (depth > 0 && at < text.length());
    }

    private static Optional<Domain> behindAt(CharSequence address) {
        String octets = address.toString();
        int sign = octets.lastIndexOf('@');
        if (sign < 0) {
            return Optional.empty();
        }
        StringBuilder name = new StringBuilder();
        octets.substring(sign + 1).chars().filter(c -> c != ' ' && c != '\t' && c != '\r' && c != '\n').forEach(c -> name.append((char) c));
        return Domain.parse(new String(name.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }
}
