package org.mailrelay.core.mail;

import java.net.IDN;
import java.util.Optional;

/// A domain name in the form that is compared and sent: lower-case A-labels, no trailing dot (RFC 5321 §2.3.5).
///
/// Underscores are let pass (they occur in DNS names of real mail hosts); everything else beyond letters, digits and
/// hyphens is not a domain.
public record Domain(String name) implements Comparable<Domain> {

    /// RFC 1035 §2.3.4: 253 visible octets make 255 on the wire.
    public static final int MAX_LENGTH = 253;
    private static final int MAX_LABEL = 63;

    public Domain {
        if (!wellFormed(name)) {
            throw new IllegalArgumentException("not a lower-case domain name: " + name);
        }
    }

    /// Reads a domain that a person or a peer wrote. One trailing dot is dropped, ASCII letters are lowered, U-labels are
    /// turned to A-labels where that keeps every character.
    ///
    /// @return empty when the text is no domain
    public static Optional<Domain> parse(CharSequence text) {
        String candidate = text.toString();
        if (candidate.endsWith(".")) {
            candidate = candidate.substring(0, candidate.length() - 1);
        }
        if (!isAscii(candidate)) {
            candidate = toALabels(candidate);
        }
        candidate = lower(candidate);
        return wellFormed(candidate) ? Optional.of(new Domain(candidate)) : Optional.empty();
    }

    /// @throws IllegalArgumentException when the text is no domain
    public static Domain of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("not a domain name: " + text));
    }

    /// True when this name stands below `parent` (`a.b.example` below `b.example`), not when both are the same.
    public boolean isBelow(Domain parent) {
        return name.length() > parent.name.length() + 1 && name.endsWith(parent.name)
                && name.charAt(name.length() - parent.name.length() - 1) == '.';
    }

    /// The name without its first label; empty at the top.
    public Optional<Domain> parent() {
        int dot = name.indexOf('.');
        return dot < 0 ? Optional.empty() : Optional.of(new Domain(name.substring(dot + 1)));
    }

    /// True for a name with a dot that is no address in text: what an EHLO argument or `hostname` must be.
    public boolean isFullyQualified() {
        return name.indexOf('.') > 0 && !endsInNumber();
    }

    /// An address in text, as `192.0.2.1`, ends in a label of digits; no name of a host does (RFC 3696 §2).
    public boolean endsInNumber() {
        for (int i = name.length() - 1; i >= 0 && name.charAt(i) != '.'; i--) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    @Override
    public int compareTo(Domain other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }

    /// `java.net.IDN` is IDNA2003: it maps some characters away (ß to ss), which would route mail to another domain. Only a
    /// conversion that comes back unchanged is taken.
    private static String toALabels(String text) {
        try {
            String ascii = IDN.toASCII(text, IDN.USE_STD3_ASCII_RULES);
            return IDN.toUnicode(ascii).equals(text) ? ascii : "";
        } catch (IllegalArgumentException notAName) {
            return "";
        }
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static String lower(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
        }
        return out.toString();
    }

    private static boolean wellFormed(String name) {
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            return false;
        }
        int label = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.') {
                if (label == 0 || name.charAt(i - 1) == '-') {
                    return false;
                }
                label = 0;
            } else if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' && label > 0) {
                if (++label > MAX_LABEL) {
                    return false;
                }
            } else {
                return false;
            }
        }
        return label > 0 && name.charAt(name.length() - 1) != '-';
    }
}
