package org.mailrelay.app.serve;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.observe.log.JsonLine;

/// What an alert says: a subject, sentences, and the event itself as JSON for programs.
///
/// @param to who is told by mail
record AlertText(Set<Mailbox> to, String subject, List<String> sentences, String json) {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    static AlertText of(SystemEvent.Alert event, Settings settings) {
        String json = JsonLine.of(event);
        return switch (event) {
            case SystemEvent.PolicyStopsMail e -> new AlertText(Alerting.recipients(settings, e.entry()), "mail to " + e.domain() + " is stopped by policy",
                    List.of("No mail host of " + e.domain() + " has met the policy since " + QueueView.second(e.since()) + ". Its mail waits.",
                            "Host: " + e.mx(), "Rule: " + e.rule(), "Cause: " + String.join(", ", e.why().stream().map(TlsReason::words).toList()),
                            "'mailrelay tls-check " + e.domain() + "' shows each host. Another mail follows when it goes on."), json);
            case SystemEvent.MailGoesOn e -> new AlertText(Alerting.recipients(settings, e.entry()), "mail to " + e.domain() + " goes on",
                    List.of("Mail to " + e.domain() + " is delivered again, by " + e.mx() + ", after " + e.lasted().toMinutes() + " minutes."), json);
            case SystemEvent.OwnPathSuspected e -> ofAll(settings, "our own network is suspected",
                    List.of(e.lost() + " of " + e.of() + " unrelated mail hosts lost TLS, or changed their certificates, at once, seen from our address " + e.source() + ".",
                            "That is more likely something between us and all of them, such as a firewall that rewrites SMTP, than all of them.",
                            "Hosts: " + String.join(", ", e.hosts()),
                            e.until().isAfter(e.at()) ? "Mail that might go in the clear waits until " + QueueView.second(e.until()) + " at most; mail whose policy requires TLS waits as it always does."
                                    : "Mail goes as its policy says, in the clear too: alerts.own_path lets nothing wait.",
                            "Another mail follows when the hosts are as they were."), json);
            case SystemEvent.OwnPathGivenUp e -> ofAll(settings, "mail no longer waits for our own network",
                    List.of("Our own network has been suspected since " + QueueView.second(e.since()) + ", seen from our address " + e.source() + ", and is no better.",
                            "Mail has waited as long as alerts.own_path lets it, and goes as its policy says now, in the clear too."), json);
            case SystemEvent.OwnPathTrusted e -> ofAll(settings, "our own network is trusted again",
                    List.of(e.asBefore() ? "Mail hosts are as they were, seen from our address " + e.source() + ", after " + e.lasted().toMinutes() + " minutes. Mail that waited goes on."
                            : "Mail hosts have not come to be as they were, seen from our address " + e.source() + ", within " + e.lasted().toMinutes() + " minutes. They are taken as they are."), json);
            case SystemEvent.ExceptionEnds e -> new AlertText(Alerting.recipients(settings, e.entry()), "the exception of " + e.entry() + " ends with " + e.expires(),
                    List.of("The exception of " + e.entry() + " at " + e.position() + " ends with " + e.expires() + ".", "Owner: " + e.owner(), "Reason: " + e.reason()), json);
        };
    }

    private static AlertText ofAll(Settings settings, String subject, List<String> sentences, String json) {
        return new AlertText(new LinkedHashSet<>(settings.relay().alerts().mail()), subject, sentences, json);
    }

    OwnMail.Letter letter(Mailbox to, Domain hostname, Instant now) {
        String id = "<alert." + now.toEpochMilli() + "." + Integer.toHexString(subject.hashCode()) + "@" + hostname + ">";
        Mailbox from = new Mailbox("mailrelay", hostname);
        StringBuilder text = new StringBuilder();
        for (String line : List.of("From: mailrelay <" + from + ">", "To: <" + to + ">", "Subject: [mailrelay " + hostname + "] " + line(subject), "Date: " + DATE.format(now), "Message-ID: " + id,
                "TLS-Required: No", "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii", "")) {
            text.append(line).append("\r\n");
        }
        sentences.forEach(sentence -> text.append(line(sentence)).append("\r\n"));
        return new OwnMail.Letter(from, to, subject, id, text.toString());
    }

    /// One line of printable ASCII that no dot begins.
    private static String line(String words) {
        String plain = Escape.text(words, Escape.LOG_LIMIT);
        return plain.startsWith(".") ? " " + plain : plain;
    }
}
