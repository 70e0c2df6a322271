package org.mailrelay.app.tlscheck;

import java.util.ArrayList;
import java.util.List;
import org.mailrelay.core.smtp.Ascii;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.EhloReply;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.delivery.conversation.Transcript;

/// A reply to EHLO as the relay reads it, line by line.
///
/// @param nearMiss           STARTTLS stands in it, yet is not offered
/// @param startTlsInGreeting it stands where the host's name belongs
record AnnotatedEhlo(List<Line> lines, boolean nearMiss, boolean startTlsInGreeting) {

    /// @param text     as it came, escaped
    /// @param meaning  `domain`, `offered` or `ignored`; `refused` where the reply is no success
    /// @param findings what departs from the grammar here, one sentence each
    record Line(String text, String meaning, List<String> findings) {
        Line {
            findings = List.copyOf(findings);
        }
    }

    AnnotatedEhlo {
        lines = List.copyOf(lines);
    }

    static AnnotatedEhlo of(Reply reply, EhloReading reading) {
        if (!reply.positive()) {
            List<Line> refused = new ArrayList<>();
            for (int i = 0; i < reply.lines().size(); i++) {
                refused.add(new Line(Transcript.shown(reply, i), "refused", List.of()));
            }
            return new AnnotatedEhlo(refused, false, false);
        }
        EhloReply peer = EhloReply.parse(reply, reading);
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < reply.lines().size(); i++) {
            int number = i + 1;
            List<String> findings = peer.findings().stream().filter(finding -> finding.line() == number).map(Finding::sentence).toList();
            boolean offered = peer.keywords().containsKey(Ascii.upper(firstWord(reply.lines().get(i))));
            lines.add(new Line(Transcript.shown(reply, i), i == 0 ? "domain" : offered ? "offered" : "ignored", findings));
        }
        boolean inGreeting = peer.nearMiss() && peer.findings().stream().anyMatch(finding -> finding.kind() == Finding.Kind.KEYWORD_IN_GREETING)
                && Ascii.equals(firstWord(reply.lines().getFirst()), "STARTTLS");
        return new AnnotatedEhlo(lines, peer.nearMiss(), inGreeting);
    }

    private static String firstWord(String line) {
        int space = line.indexOf(' ');
        return space < 0 ? line : line.substring(0, space);
    }
}
