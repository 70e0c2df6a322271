package org.mailrelay.core.smtp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mailrelay.core.mail.Domain;

/// Reads EHLO replies line by line; one object a reply.
///
///     ehlo-ok-rsp  = "250 " Domain [ SP greeting ] / "250-" Domain [ SP greeting ] *( "250-" ehlo-line ) "250 " ehlo-line
///     ehlo-line    = ehlo-keyword *( SP ehlo-param )
///     ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
///     ehlo-param   = 1*(%d33-126)                                       ; RFC 5321 §4.1.1.1
final class EhloParser {

    private static final String STARTTLS = Keyword.STARTTLS.word();
    private static final int NAME_LIMIT = 255;

    private final Reply reply;
    private final Map<String, List<String>> keywords = new LinkedHashMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private int maskedLine;

    private EhloParser(Reply reply) {
        this.reply = reply;
    }

    static EhloReply parse(Reply reply, EhloReading reading) {
        return new EhloParser(reply).read(reading);
    }

    static EhloReply helo(Reply reply) {
        String first = reply.lines().getFirst();
        return new EhloReply(EhloReply.Form.HELO, domainOf(first), greetingOf(first), Map.of(), List.of(), false);
    }

    private EhloReply read(EhloReading reading) {
        String first = reply.lines().getFirst();
        boolean extended = reply.code() == 250;
        if (reply.bareLfLine() > 0) {
            find(Finding.Kind.BARE_LINE_ENDING, reply.bareLfLine());
        }
        if (extended) {
            readIdentification(first, reading);
            for (int line = 2; line <= reply.lines().size(); line++) {
                readKeywordLine(line, reply.lines().get(line - 1));
            }
        } else {
            find(Finding.Kind.UNEXPECTED_CODE, 1);
        }
        boolean nearMiss = !keywords.containsKey(STARTTLS) && findNearMiss();
        return new EhloReply(extended ? EhloReply.Form.EXTENDED : EhloReply.Form.UNEXPECTED_CODE,
                domainOf(first), greetingOf(first), keywords, findings, nearMiss);
    }

    private void readIdentification(String text, EhloReading reading) {
        String domain = firstWord(text);
        if (domain.isEmpty()) {
            find(Finding.Kind.MISSING_DOMAIN, 1);
        } else if (!isDomainOrLiteral(domain)) {
            find(Finding.Kind.INVALID_DOMAIN, 1);
        }
        String line = text.substring(spacesEnd(text, 0));
        if (Keyword.of(firstWord(line)).isPresent()) {
            find(Finding.Kind.KEYWORD_IN_GREETING, 1);
            if (reading == EhloReading.TOLERANT) {
                readKeywordLine(1, line);
            }
        }
    }

    private void readKeywordLine(int line, String text) {
        int end = keywordEnd(text);
        if (end > 0 && end < text.length() && text.charAt(end) == '=' && isPrintable(text)) {
            find(Finding.Kind.NONSTANDARD_KEYWORD, line);
            return;
        }
        if (end == 0 || end < text.length() && text.charAt(end) != ' ' || !isPrintable(text)) {
            find(Finding.Kind.INVALID_LINE, line);
            return;
        }
        String keyword = Ascii.upper(text.substring(0, end));
        if (isMasked(keyword)) {
            find(Finding.Kind.MASKED_KEYWORD, line);
            maskedLine = keyword.length() == STARTTLS.length() && maskedLine == 0 ? line : maskedLine;
            return;
        }
        offer(line, keyword, readParameters(line, text, end));
    }

    private void offer(int line, String keyword, List<String> parameters) {
        if (keyword.equals(STARTTLS) && !parameters.isEmpty()) {
            find(Finding.Kind.UNEXPECTED_PARAMETER, line);   // still offered: the stricter reading would lower security
        }
        List<String> earlier = keywords.get(keyword);
        if (earlier == null) {
            keywords.put(keyword, parameters);
            return;
        }
        find(Finding.Kind.DUPLICATE_KEYWORD, line);
        if (keyword.equals(Keyword.AUTH.word())) {
            List<String> union = new ArrayList<>(earlier);
            for (String mechanism : parameters) {
                if (union.stream().noneMatch(known -> Ascii.equals(known, Ascii.upper(mechanism)))) {
                    union.add(mechanism);
                }
            }
            keywords.put(keyword, List.copyOf(union));
        }
    }

    private List<String> readParameters(int line, String text, int from) {
        List<String> parameters = new ArrayList<>(2);
        boolean extraSpaces = false;
        int at = from;
        while (at < text.length()) {
            int start = spacesEnd(text, at);
            extraSpaces |= start - at > 1 || start == text.length();
            int end = wordEnd(text, start);
            if (end > start) {
                parameters.add(text.substring(start, end));
            }
            at = end;
        }
        if (extraSpaces) {
            find(Finding.Kind.BAD_WHITESPACE, line);
        }
        return List.copyOf(parameters);
    }

    private boolean findNearMiss() {
        for (int line = 1; line <= reply.lines().size(); line++) {
            if (Ascii.indexOf(reply.lines().get(line - 1), STARTTLS) >= 0) {
                find(Finding.Kind.NEAR_MISS, line);
                return true;
            }
        }
        if (maskedLine > 0) {
            find(Finding.Kind.NEAR_MISS, maskedLine);
        }
        return maskedLine > 0;
    }

    private void find(Finding.Kind kind, int line) {
        String text = reply.lines().get(line - 1);
        boolean last = line == reply.lines().size();
        String whole = reply.code() + (last ? text.isEmpty() ? "" : " " : "-") + text;
        findings.add(new Finding(kind, line, Escape.quotedOctets(whole, Finding.TEXT_LIMIT)));
    }

    /// X only, or X with a last letter, and not registered: how a firewall overwrites what it does not know.
    private static boolean isMasked(String keyword) {
        if (Keyword.of(keyword).isPresent() || keyword.charAt(0) != 'X') {
            return false;
        }
        for (int i = 1; i < keyword.length() - 1; i++) {
            if (keyword.charAt(i) != 'X') {
                return false;
            }
        }
        return Ascii.isLetter(keyword.charAt(keyword.length() - 1));
    }

    private static String domainOf(String first) {
        return Escape.octets(firstWord(first), NAME_LIMIT);
    }

    private static String greetingOf(String first) {
        int end = wordEnd(first, 0);
        return end == first.length() ? "" : Escape.octets(first.substring(end + 1), Escape.LOG_LIMIT);
    }

    private static String firstWord(String text) {
        return text.substring(0, wordEnd(text, 0));
    }

    private static int wordEnd(String text, int from) {
        int space = text.indexOf(' ', from);
        return space < 0 ? text.length() : space;
    }

    private static int spacesEnd(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private static int keywordEnd(String text) {
        int at = 0;
        while (at < text.length() && (Ascii.isLetterOrDigit(text.charAt(at)) || at > 0 && text.charAt(at) == '-')) {
            at++;
        }
        return at;
    }

    private static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < 0x20 || text.charAt(i) > 0x7e) {
                return false;
            }
        }
        return true;
    }

    /// Letters, digits and hyphens only: an underscore or a closing dot is taken elsewhere, but is not the grammar's Domain.
    private static boolean isDomainOrLiteral(String text) {
        if (EhloArgument.isLiteral(text)) {
            return true;
        }
        return isPrintable(text) && text.indexOf('_') < 0 && !text.endsWith(".") && Domain.parse(text).isPresent();
    }
}
