package org.mailrelay.observe.track;

import java.time.Instant;
import java.util.Arrays;
import org.mailrelay.core.event.MailEvent;

/// One kept line of mail_logs, with the numbers it speaks of and what it can be found by.
///
/// As text: `millis TAB level TAB kind TAB mid TAB icid TAB dcids TAB key TAB line`.
///
/// @param mid   0 for a line of a connection alone
/// @param dcids those it names; none for most
/// @param key   what a question is compared with, by `kind`; for a state the recipients and the reason, parted by `;`
record TrackRecord(long millis, MailEvent.Level level, Kind kind, long mid, long icid, long[] dcids, String key, String text) {

    enum Kind {
        /// A message began; the key is the client's address.
        STARTED,
        SENDER, RECIPIENT, SUBJECT, MESSAGE_ID,
        /// How TLS went on the connection that carries or failed the message; the key holds words.
        TLS,
        QUEUED, DELIVERED, DELAYED, WAITING, BOUNCED, DISCARDED, DELETED, FINISHED, ABORTED, OTHER;

        private static final Kind[] ALL = values();

        /// What becomes of a recipient.
        boolean state() {
            return compareTo(QUEUED) >= 0 && compareTo(DELETED) <= 0;
        }
    }

    private static final MailEvent.Level[] LEVELS = MailEvent.Level.values();
    private static final long[] NONE = {};

    String line() {
        StringBuilder out = new StringBuilder(text.length() + key.length() + 48);
        out.append(millis).append('\t').append((char) ('0' + level.ordinal())).append('\t').append((char) ('A' + kind.ordinal())).append('\t')
                .append(mid).append('\t').append(icid).append('\t');
        for (int i = 0; i < dcids.length; i++) {
            (i > 0 ? out.append(',') : out).append(dcids[i]);
        }
        clean(out.append('\t'), key);
        clean(out.append('\t'), text);
        return out.toString();
    }

    /// A tab or a line end would be a column or a line of its own.
    private static void clean(StringBuilder out, String text) {
        int from = out.length();
        out.append(text);
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ') {
                out.setCharAt(from + i, ' ');
            }
        }
    }

    /// @throws IllegalArgumentException for a text that [#line] did not make
    static TrackRecord of(String line) {
        int[] tabs = new int[7];
        int at = -1;
        for (int i = 0; i < tabs.length; i++) {
            at = line.indexOf('\t', at + 1);
            if (at < 0) {
                throw new IllegalArgumentException("not a tracking record: " + line);
            }
            tabs[i] = at;
        }
        return new TrackRecord(Long.parseLong(line, 0, tabs[0], 10), LEVELS[line.charAt(tabs[0] + 1) - '0'], Kind.ALL[line.charAt(tabs[1] + 1) - 'A'],
                Long.parseLong(line, tabs[2] + 1, tabs[3], 10), Long.parseLong(line, tabs[3] + 1, tabs[4], 10), numbers(line, tabs[4] + 1, tabs[5]),
                line.substring(tabs[5] + 1, tabs[6]), line.substring(tabs[6] + 1));
    }

    private static long[] numbers(String line, int from, int to) {
        if (from == to) {
            return NONE;
        }
        return Arrays.stream(line.substring(from, to).split(",")).mapToLong(Long::parseLong).toArray();
    }

    Instant at() {
        return Instant.ofEpochMilli(millis);
    }
}
