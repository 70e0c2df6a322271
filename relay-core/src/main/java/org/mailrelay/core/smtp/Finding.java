package org.mailrelay.core.smtp;

/// One departure of a server from the grammar of EHLO replies, worded so that a postmaster can forward it.
///
/// @param line the line of the reply, from 1
/// @param text the offending line with its code, escaped for quotes, at most 200 characters
public record Finding(Kind kind, int line, String text) {

    public static final int TEXT_LIMIT = 200;

    /// The kinds, with their names in metrics and JSON, the section that is broken, and what follows from it.
    public enum Kind {
        KEYWORD_IN_GREETING("keyword-in-greeting", "RFC 1869 4.3", "is the greeting", "it offers nothing"),
        MISSING_DOMAIN("missing-domain", "RFC 5321 4.1.1.1", "lacks the server's domain", "the lines behind it are read as usual"),
        INVALID_DOMAIN("invalid-domain", "RFC 5321 4.1.1.1", "does not begin with a domain", "it is kept as text"),
        BAD_WHITESPACE("bad-whitespace", "RFC 5321 4.1.1.1", "has spaces where none belong", "the keyword is taken"),
        NONSTANDARD_KEYWORD("nonstandard-keyword", "RFC 5321 4.1.1.1", "joins its keyword with '='", "it is ignored"),
        INVALID_LINE("invalid-line", "RFC 5321 4.1.1.1", "is no keyword line", "it is ignored"),
        UNEXPECTED_PARAMETER("unexpected-parameter", "RFC 3207 2", "gives STARTTLS a parameter", "the keyword is taken"),
        DUPLICATE_KEYWORD("duplicate-keyword", "RFC 5321 4.1.1.1", "repeats a keyword", "the first counts"),
        MASKED_KEYWORD("masked-keyword", "RFC 5321 2.2.2", "looks like a keyword that a firewall masked", "it is ignored"),
        BARE_LINE_ENDING("bare-line-ending", "RFC 5321 2.3.8", "ends in LF without CR", "it is taken as a line end"),
        NEAR_MISS("near-miss", "RFC 3207 4", "holds the octets STARTTLS outside a keyword line", "STARTTLS is not offered"),
        UNEXPECTED_CODE("unexpected-code", "RFC 5321 4.1.1.1", "answers EHLO with a code other than 250", "no extension is offered"),
        PROTOCOL_ERROR("protocol-error", "RFC 5321 4.2", "breaks the framing of replies", "the connection is dropped"),
        INJECTED_RESPONSE("injected-response", "RFC 3207 4.2", "came behind the answer to STARTTLS", "the connection is dropped");

        private final String word;
        private final String rfc;
        private final String fault;
        private final String consequence;

        Kind(String word, String rfc, String fault, String consequence) {
            this.word = word;
            this.rfc = rfc;
            this.fault = fault;
            this.consequence = consequence;
        }

        /// As the metric `mailrelay_ehlo_findings_total{kind}` and JSON spell it.
        public String word() {
            return word;
        }
    }

    public Finding {
        if (line < 1 || text.length() > TEXT_LIMIT) {
            throw new IllegalArgumentException("finding on line " + line + " with " + text.length() + " characters");
        }
    }

    /// A reply that is none: it is not read any further.
    ///
    /// @param error which rule of framing it breaks
    public static Finding broken(ProtocolError error) {
        return new Finding(Kind.PROTOCOL_ERROR, 1, error.words());
    }

    /// What stands behind the 220 that answers STARTTLS is not looked at (RFC 3207 §4.2).
    public static Finding injected() {
        return new Finding(Kind.INJECTED_RESPONSE, 1, ProtocolError.INJECTED_RESPONSE.words());
    }

    /// The section that is departed from, as mail_logs writes it: `RFC 1869 4.3`.
    public String rfc() {
        return kind.rfc;
    }

    /// One plain sentence: `EHLO line 1 "250-STARTTLS" is the greeting (RFC 1869 4.3): STARTTLS is not offered`.
    public String sentence() {
        if (kind == Kind.PROTOCOL_ERROR || kind == Kind.INJECTED_RESPONSE) {
            return text + " (" + kind.rfc + "): " + kind.consequence;
        }
        return "EHLO line " + line + " \"" + text + "\" " + kind.fault + " (" + kind.rfc + "): " + consequence();
    }

    /// A keyword in the greeting is the case this relay exists for: its sentence names the keyword.
    private String consequence() {
        if (kind != Kind.KEYWORD_IN_GREETING) {
            return kind.consequence;
        }
        int from = Math.min(4, text.length());
        while (from < text.length() && text.charAt(from) == ' ') {
            from++;
        }
        int end = text.indexOf(' ', from);
        String keyword = Ascii.upper(text.substring(from, end < 0 ? text.length() : end));
        return keyword.isEmpty() ? kind.consequence : keyword + " is not offered";
    }
}
