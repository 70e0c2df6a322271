package org.mailrelay.core.smtp;

import java.util.List;
import java.util.Optional;

/// One complete reply of a server (RFC 5321 §4.2): the code and the text of each line behind code and separator.
///
/// Decisions go by the code, never by the text, but for the enhanced code (RFC 5321 §4.2).
///
/// @param lines      at least one; one character holds one octet (ISO-8859-1), so nothing is lost; never holds CR, LF or NUL
/// @param bareLfLine the first line, from 1, that ended in LF without CR; 0 when all ended in CRLF
public record Reply(int code, List<String> lines, int bareLfLine) {

    /// What logs and reports keep of a reply's text, in characters.
    public static final int TEXT_LIMIT = 1024;

    public Reply {
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("reply code " + code);
        }
        lines = List.copyOf(lines);
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("a reply without lines");
        }
    }

    public static Reply of(int code, String... lines) {
        return new Reply(code, List.of(lines), 0);
    }

    /// 2yz: done.
    public boolean positive() {
        return code < 300;
    }

    /// 3yz: go on.
    public boolean intermediate() {
        return code >= 300 && code < 400;
    }

    /// 4yz: not now.
    public boolean temporary() {
        return code >= 400 && code < 500;
    }

    /// 5yz: never.
    public boolean permanent() {
        return code >= 500;
    }

    /// The enhanced code that the server gave, where it is well-formed and agrees with the code (RFC 2034 §4).
    public Optional<EnhancedCode> enhancedCode() {
        return EnhancedCode.at(lines.getFirst(), code / 100);
    }

    /// The enhanced code, or `class.0.0` where the server gave none; empty for 3yz.
    public Optional<EnhancedCode> enhancedCodeOrDerived() {
        return intermediate() ? Optional.empty() : Optional.of(enhancedCode().orElse(new EnhancedCode(code / 100, 0, 0)));
    }

    /// All lines as one line for a log: escaped, joined by `\n`, at most 1,024 characters.
    public String text() {
        return lines.size() == 1 ? Escape.octets(lines.getFirst(), TEXT_LIMIT) : Escape.octets(String.join("\n", lines), TEXT_LIMIT);
    }

    /// Code and text, as `431-'…'`, `550 5.1.1 no such user` and transcripts show it.
    @Override
    public String toString() {
        return code + " " + text();
    }
}
