package org.mailrelay.listener;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.smtp.OurReplies;

/// Takes one line after the other out of the inbox: commands, and what the client answers in an exchange of AUTH. On the connection's event loop.
final class LineIntake {

    /// Octets of a command line with its CRLF: 512 (RFC 5321 §4.5.3.1.4) and room for parameters.
    private static final int LONGEST_LINE = 2_048;
    /// Octets of a line of AUTH (RFC 4954 §4).
    private static final int LONGEST_AUTH_LINE = 12_288;
    /// The first octet of a TLS handshake, which no command begins with.
    private static final byte TLS_RECORD = 0x16;
    private static final byte[] AUTH = {'A', 'U', 'T', 'H', ' '};

    private final Session session;
    private final Inbox inbox;
    private final LineDispatcher dispatcher;

    LineIntake(Session session, Inbox inbox, LineDispatcher dispatcher) {
        this.session = session;
        this.inbox = inbox;
        this.dispatcher = dispatcher;
    }

    /// @return what comes of the next line; null where there is no whole one
    @Nullable Reaction next() {
        if (inbox.octets[inbox.start] == TLS_RECORD) {
            return new Reaction.Leave(OurReplies.NOT_SMTP);
        }
        int longest = session.identity().proving() || inbox.startsWith(inbox.start, AUTH) ? LONGEST_AUTH_LINE : LONGEST_LINE;
        int lineFeed = inbox.lineFeed(longest);
        if (lineFeed < 0) {
            // The rest of an endless line is not looked for: whoever sends one is no mail client.
            return inbox.count() < longest ? null : new Reaction.Leave(longest == LONGEST_LINE ? OurReplies.LINE_TOO_LONG : OurReplies.AUTH_LINE_TOO_LONG);
        }
        int from = inbox.start;
        inbox.start = lineFeed + 1;
        session.moreWaits(!inbox.isEmpty());
        boolean wellEnded = lineFeed > from && inbox.octets[lineFeed - 1] == '\r';
        if (!wellEnded) {
            return bareLineEnd(from, lineFeed);
        }
        return session.identity().proving() ? session.identity().respond(new String(inbox.octets, from, lineFeed - 1 - from, StandardCharsets.ISO_8859_1))
                : dispatcher.react(session, Arrays.copyOfRange(inbox.octets, from, lineFeed - 1));
    }

    private Reaction bareLineEnd(int from, int to) {
        String line = new String(inbox.octets, from, to - from, StandardCharsets.ISO_8859_1);
        String shown = session.identity().proving() || session.secretsMayFollow() || inbox.startsWith(from, AUTH) ? "(hidden)" : Escape.octets(line, Escape.LOG_LIMIT);
        session.badCommand(new InjectionEvent.BadSyntax(session.now(), session.peer().icid(), shown));
        return session.counts().judge(new Reaction.Answer(OurReplies.BARE_LINE_END_IN_COMMAND));
    }
}
