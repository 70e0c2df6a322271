package org.mailrelay.observe.session;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.mailrelay.core.mail.Domain;

/// Recipients that began to wait because the host of a connection did not meet the policy: the connection itself carried none of them.
///
/// @param dcid the last connection that was tried for them; 0 where policy forbade every host before any connection
public record HeldRecord(Instant at, long dcid, Domain domain, long messages, long recipients) {

    private static final String MARK = "held\t";

    static boolean is(String line) {
        return line.startsWith(MARK);
    }

    String line() {
        return MARK + "time=" + at.toEpochMilli() + "\tdcid=" + dcid + "\tdomain=" + domain.name() + "\tmessages=" + messages + "\trecipients=" + recipients;
    }

    /// @throws IllegalArgumentException for a text that [#line] did not make
    static HeldRecord of(String line) {
        Map<String, String> fields = new HashMap<>();
        for (String field : line.split("\t")) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.put(field.substring(0, equals), field.substring(equals + 1));
            }
        }
        return new HeldRecord(Instant.ofEpochMilli(number(fields, "time")), number(fields, "dcid"), Domain.of(fields.getOrDefault("domain", "")), number(fields, "messages"),
                number(fields, "recipients"));
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, "0"));
    }
}
