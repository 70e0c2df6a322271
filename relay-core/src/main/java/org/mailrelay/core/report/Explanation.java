package org.mailrelay.core.report;

import java.util.ArrayList;
import java.util.List;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EnhancedCode;

/// What a person is told of one recipient: what happened, in plain words, and what would help. Nothing of our own configuration but the name
/// of the TLS level.
final class Explanation {

    private Explanation() {
    }

    static List<String> of(Action action, RecipientReport report) {
        Domain domain = report.recipient().domain();
        List<String> sentences = new ArrayList<>();
        switch (action) {
            case RELAYED -> sentences.add("Your message was handed to the mail host of " + domain
                    + ", which sends no confirmations. Whether it reached the mailbox will not be reported.");
            case DELAYED -> {
                sentences.add("Your message has not been delivered yet.");
                sentences.addAll(cause(report, false));
                report.retryUntil().ifPresent(until -> sentences.add("It will be tried again until " + FieldWriter.date(until) + ". You need not send it again."));
            }
            case FAILED -> sentences.addAll(cause(report, true));
        }
        return sentences;
    }

    private static List<String> cause(RecipientReport report, boolean failed) {
        EnhancedCode status = report.status();
        boolean answered = report.answer().code() != 0;
        if (!answered && status.subject() == 7) {
            return tls(report, status, failed);
        }
        Domain domain = report.recipient().domain();
        return List.of(switch (status.subject() + "." + status.detail()) {
            case "1.0", "1.1", "1.6", "2.1" -> "The mail host of " + domain + " does not take mail for this address. Please check that it is spelt correctly.";
            case "1.2" -> "The domain " + domain + " cannot be found. Please check that it is spelt correctly.";
            case "1.3" -> "The mail host of " + domain + " says that this is no valid address.";
            case "1.10" -> "The domain " + domain + " takes no mail at all.";
            case "2.2" -> "The mailbox is full.";
            case "2.3", "3.4" -> "Your message is too large for the mail host of " + domain + ".";
            case "4.7" -> "Your message could not be delivered in all the time that this system tried.";
            case "4.1", "4.2", "4.3", "4.4" -> "The mail hosts of " + domain + " cannot be reached" + (failed ? "." : " at present.");
            case "4.6" -> "Your message was going round in a circle between mail hosts.";
            case "6.3" -> "Your message holds 8-bit text, which the mail host of " + domain + " does not take.";
            case "6.7", "6.9" -> "Your message has an international address or header, which the mail host of " + domain + " does not take.";
            case "7.1" -> "The mail host of " + domain + " refuses your message by its rules.";
            default -> answered ? failed ? "The mail host of " + domain + " refused your message." : "The mail host of " + domain + " does not take your message at present."
                    : failed ? "Your message could not be delivered." : "Your message cannot be delivered at present.";
        });
    }

    private static List<String> tls(RecipientReport report, EnhancedCode status, boolean failed) {
        Domain domain = report.recipient().domain();
        String asks = status.detail() == 30
                ? "Your message asks (REQUIRETLS) to be sent only over encrypted connections to verified mail hosts"
                : report.policy().map(level -> "Mail for " + domain + " is sent by this system under the TLS policy \"" + level + "\"")
                        .orElse("Mail for " + domain + " is sent by this system over encrypted connections only, as that domain asks");
        String helps = switch (status.detail()) {
            case 30 -> "It can be delivered once the mail hosts of " + domain + " offer REQUIRETLS and can be verified by DANE or MTA-STS, or when you send it without that request.";
            case 5 -> "It can be delivered once the operators of " + domain + " have set the certificate or the published policy of their mail hosts right.";
            default -> "It can be delivered once the mail hosts of " + domain + " offer encryption (STARTTLS) correctly.";
        };
        return List.of(asks + ", and the mail host did not meet that." + (failed ? "" : " The message waits."), "Nothing of your message was sent there in the clear.", helps);
    }
}
