package org.mailrelay.core.smtp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailrelay.core.mail.Mailbox;

/// The grammar once more, over whole texts and by regular expressions: slow, and written from the standards alone, for the streaming readers to be compared with. Texts hold one
/// character an octet.
final class SlowReading {

    private static final Pattern REPLY_LINE = Pattern.compile("([2-5][0-9][0-9])(?:([ -])(.*))?", Pattern.DOTALL);
    private static final Pattern EHLO_LINE = Pattern.compile("([A-Za-z0-9][A-Za-z0-9-]*)( [ -~]*)?");
    private static final Pattern MASK = Pattern.compile("X|X+[A-Z]");
    private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
    private static final String LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
    private static final String NAME = LABEL + "(?:\\." + LABEL + ")*";
    private static final Pattern DOMAIN = Pattern.compile(NAME);
    private static final Pattern LITERAL = Pattern.compile("\\[[^\\],:>]*\\]|\\[[iI][pP][vV]6:[^\\],>]*\\]");
    private static final Pattern PATH = Pattern.compile("<(@[^,:>]*(?:,@[^,:>]*)*:)?(?:(" + ATOM + "(?:\\." + ATOM + ")*|\"(?:[^\"\\\\\\x00-\\x1f\\x7f]|\\\\[^\\x00-\\x1f\\x7f])*\")(?:@([^>]*))?)>");

    private SlowReading() {
    }

    /// The replies in what a host has sent, each with its code and lines, and `broken` where the framing breaks (R-RPL-1 to R-RPL-9).
    static List<String> replies(String octets, boolean strict) {
        List<String> found = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        int begun = 0;
        int at = 0;
        while (at < octets.length()) {
            int lf = octets.indexOf('\n', at);
            String line = octets.substring(at, lf < 0 ? octets.length() : lf);
            boolean cr = line.endsWith("\r");
            String text = cr ? line.substring(0, line.length() - 1) : line;
            int end = lf < 0 ? octets.length() : lf + 1;
            if (text.indexOf('\r') >= 0 || text.indexOf(0) >= 0 || text.length() > 2_046 || end - begun > 32 * 1024 || strict && !cr && lf >= 0) {
                found.add("broken");
                return found;
            }
            if (lf < 0) {
                return found;
            }
            Matcher shape = REPLY_LINE.matcher(text);
            if (!shape.matches() || !lines.isEmpty() && !lines.getFirst().startsWith(shape.group(1))) {
                found.add("broken");
                return found;
            }
            lines.add(shape.group(1) + " " + (shape.group(3) == null ? "" : shape.group(3)));
            at = end;
            if (!"-".equals(shape.group(2))) {
                found.add(String.join("\n", lines));
                lines.clear();
                begun = at;
            } else if (lines.size() == 128) {
                found.add("broken");
                return found;
            }
        }
        return found;
    }

    /// What the lines behind the first offer (RFC 5321 §4.1.1.1, R-EHLO-3 to R-EHLO-8), in upper case.
    static Map<String, List<String>> keywords(List<String> lines) {
        Map<String, List<String>> offered = new LinkedHashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            Matcher shape = EHLO_LINE.matcher(line);
            if (!shape.matches()) {
                continue;
            }
            String keyword = upper(shape.group(1));
            if (MASK.matcher(keyword).matches() && Keyword.of(keyword).isEmpty()) {
                continue;
            }
            List<String> parameters = shape.group(2) == null ? List.of() : Arrays.stream(shape.group(2).split(" +")).filter(word -> !word.isEmpty()).toList();
            List<String> earlier = offered.putIfAbsent(keyword, parameters);
            if (earlier != null && keyword.equals("AUTH")) {
                List<String> union = new ArrayList<>(earlier);
                parameters.stream().filter(word -> union.stream().noneMatch(known -> upper(known).equals(upper(word)))).forEach(union::add);
                offered.put(keyword, union);
            }
        }
        return offered;
    }

    /// The mailbox of a path in ASCII with nothing behind it (RFC 5321 §4.1.2); empty where it is none, an address literal, or only a local part.
    static Optional<String> mailbox(String path) {
        Matcher shape = PATH.matcher(path);
        if (!shape.matches() || shape.group(3) == null || shape.group(2).length() > Mailbox.MAX_LOCAL_PART || path.length() > PathText.MAX_PATH) {
            return Optional.empty();
        }
        boolean route = shape.group(1) == null || Arrays.stream(shape.group(1).substring(0, shape.group(1).length() - 1).split(",", -1)).map(hop -> hop.substring(1))
                .allMatch(hop -> isDomain(hop.endsWith(".") ? hop.substring(0, hop.length() - 1) : hop) || LITERAL.matcher(hop).matches() && EhloArgument.isLiteral(hop));
        return route && isDomain(shape.group(3)) ? Optional.of(shape.group(2) + "@" + lower(shape.group(3))) : Optional.empty();
    }

    private static boolean isDomain(String text) {
        return text.length() <= 253 && DOMAIN.matcher(text).matches();
    }

    private static String upper(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> out.append((char) (c >= 'a' && c <= 'z' ? c - 32 : c)));
        return out.toString();
    }

    private static String lower(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> out.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        return out.toString();
    }
}
