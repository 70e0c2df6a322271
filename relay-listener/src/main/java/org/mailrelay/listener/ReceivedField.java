package org.mailrelay.listener;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;

/// The Received field that we put on top (RFC 5321 §4.4).
final class ReceivedField {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT);

    private ReceivedField() {
    }

    /// @param ehloName as the grammar passed it: letters, digits, dots, hyphens, brackets, colons
    /// @param protocol `SMTP`, `ESMTP` or `ESMTPS` (RFC 3848)
    /// @param only     the recipient, where there is but one: with more, naming them would tell each of the others
    record Facts(String ehloName, String host, String address, Domain ourName, String protocol, Mid mid, Optional<Mailbox> only, Instant at) {}

    static byte[] wire(Facts facts, ZoneId zone) {
        String literal = facts.address().indexOf(':') >= 0 ? "IPv6:" + facts.address() : facts.address();
        String text = "Received: from " + facts.ehloName() + " (" + facts.host() + " [" + literal + "])\r\n\tby " + facts.ourName() + " with "
                + facts.protocol() + " id " + facts.mid() + facts.only().map(to -> "\r\n\tfor <" + to + ">").orElse("") + ";\r\n\t"
                + DATE.format(facts.at().atZone(zone)) + "\r\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// A Date field (RFC 5322 §3.6.1).
    static String date(Instant at, ZoneId zone) {
        return "Date: " + DATE.format(at.atZone(zone)) + "\r\n";
    }
}
