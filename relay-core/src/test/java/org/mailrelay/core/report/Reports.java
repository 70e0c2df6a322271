package org.mailrelay.core.report;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.smtp.EnhancedCode;

/// Reports for tests.
final class Reports {

    static final Instant ARRIVED = Instant.parse("2026-11-23T10:00:00Z");
    static final Instant NOW = Instant.parse("2026-11-24T09:08:07Z");
    static final Domain RELAY = Domain.of("relay.example.net");

    private Reports() {
    }

    static RecipientReport refused(String address, String status, int code, String... texts) {
        return new RecipientReport(Recipient.of(address), code(status), new RecipientReport.Answer(code, List.of(texts)), Optional.of("mx1.example.com"),
                Optional.empty(), Optional.of(NOW), Optional.empty());
    }

    static RecipientReport held(String address, String status, String level, String text) {
        return new RecipientReport(Recipient.of(address), code(status), new RecipientReport.Answer(0, List.of(text)), Optional.of("mx1.example.com"),
                Optional.of(level), Optional.of(NOW), Optional.of(ARRIVED.plusSeconds(72 * 3600)));
    }

    static RecipientReport original(RecipientReport of, String type, String address) {
        Recipient recipient = new Recipient(of.recipient().mailbox(), Notify.UNSAID, Optional.of(new OriginalRecipient(type, address)));
        return new RecipientReport(recipient, of.status(), of.answer(), of.host(), of.policy(), of.tried(), of.retryUntil());
    }

    private static EnhancedCode code(String text) {
        String[] parts = text.split("\\.");
        return new EnhancedCode(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    static Report report(Action action, RecipientReport... recipients) {
        return report(action, new Report.Original(ARRIVED, Optional.of("QQ314159 +="), "app1.example.org", false), "sender@example.org", recipients);
    }

    static Report international(Action action, String to, RecipientReport... recipients) {
        return report(action, new Report.Original(ARRIVED, Optional.empty(), "", true), to, recipients);
    }

    private static Report report(Action action, Report.Original original, String to, RecipientReport... recipients) {
        return new Report(new Mid(515), NOW, RELAY, new Mailbox("MAILER-DAEMON", RELAY), Mailbox.of(to), action, original, List.of(recipients));
    }
}
