package org.mailrelay.delivery.conversation;

import java.time.Duration;
import java.util.Optional;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.smtp.CommandText;
import org.mailrelay.core.smtp.DsnText;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Keyword;

/// What a host can be told of an envelope: MAIL and RCPT with exactly the parameters that it offers now (R-TXN-1), and whether it can take the
/// message at all. Nothing is dropped without which the message would be another one; then it is [RecipientResult.Unfit] for this host.
final class EnvelopeRules {

    /// RFC 2852 §4: "a signed 9-digit integer".
    private static final long MOST_SECONDS = 999_999_999;

    private final Transaction transaction;
    private final MailParameters asked;
    private final PeerOffer offer;
    private final Optional<String> unconverted;

    EnvelopeRules(Transaction transaction, PeerOffer offer) {
        this(transaction, offer, Optional.empty());
    }

    /// @param unconverted why 8-bit or binary content was not converted
    EnvelopeRules(Transaction transaction, PeerOffer offer, Optional<String> unconverted) {
        this.transaction = transaction;
        this.asked = transaction.parameters();
        this.offer = offer;
        this.unconverted = unconverted;
    }

    /// What keeps the whole message from this host.
    Optional<RecipientResult.Unfit> unfit() {
        long size = transaction.content().trueSize();
        if (offer.sizeLimit().isPresent() && Long.compareUnsigned(size, offer.sizeLimit().getAsLong()) > 0) {
            return unfit(new EnhancedCode(5, 3, 4), "message of " + size + " octets, the host takes " + Long.toUnsignedString(offer.sizeLimit().getAsLong()));   // RFC 1870 §6.1
        }
        if (transaction.sender().mailbox().filter(sender -> !sender.isAscii()).isPresent() && !offer.offers(Keyword.SMTPUTF8)) {
            return elsewhere(new EnhancedCode(5, 6, 7), "the sender's address needs SMTPUTF8, and the host does not offer it");   // RFC 6531 §3.5
        }
        if (asked.smtpUtf8() && transaction.content().eightBit() && !offer.offers(Keyword.SMTPUTF8)) {
            return elsewhere(new EnhancedCode(5, 6, 9), "the header may need SMTPUTF8, and the host does not offer it");
        }
        if (binary() && !(offer.offers(Keyword.BINARYMIME) && offer.offers(Keyword.CHUNKING))) {
            return elsewhere(new EnhancedCode(5, 6, 3), "binary content, and the host does not offer BINARYMIME and CHUNKING" + notConverted());   // RFC 3030 §3
        }
        if (!binary() && transaction.content().eightBit() && !offer.offers(Keyword.EIGHTBITMIME)) {
            return elsewhere(new EnhancedCode(5, 6, 3), "8-bit content, and the host does not offer 8BITMIME" + notConverted());   // RFC 6152 §3
        }
        if (asked.requireTls() && !(offer.encrypted() && offer.offers(Keyword.REQUIRETLS))) {
            return elsewhere(new EnhancedCode(5, 7, 30), "the sender requires TLS all the way, and the host does not offer REQUIRETLS");   // RFC 8689 §4.2.1
        }
        return asked.deliverBy().filter(by -> by.mode() == DeliverBy.Mode.RETURN).flatMap(this::late);
    }

    private String notConverted() {
        return unconverted.map(why -> "; not converted: " + why).orElse("");
    }

    /// RFC 2852 §4.1: mode R is not relayed past its time, nor to a host that would not return it in time.
    private Optional<RecipientResult.Unfit> late(DeliverBy by) {
        long left = secondsLeft(by);
        if (left <= 0) {
            return unfit(new EnhancedCode(5, 4, 7), "the time that the sender gave for delivery is over");
        }
        if (!offer.offers(Keyword.DELIVERBY)) {
            return elsewhere(new EnhancedCode(5, 4, 7), "the sender wants it delivered or returned in time, and the host does not offer DELIVERBY");
        }
        if (offer.leastDeliverBy().isPresent() && left < offer.leastDeliverBy().getAsLong()) {
            return elsewhere(new EnhancedCode(5, 4, 7), left + " s are left for delivery, the host asks for " + offer.leastDeliverBy().getAsLong());
        }
        return Optional.empty();
    }

    /// What keeps one recipient from this host.
    Optional<RecipientResult.Unfit> unfit(Transaction.Addressee to) {
        return to.mailbox().isAscii() || offer.offers(Keyword.SMTPUTF8) ? Optional.empty()
                : elsewhere(new EnhancedCode(5, 6, 7), "the address needs SMTPUTF8, and the host does not offer it");   // RFC 6531 §3.5
    }

    /// Only BDAT carries it.
    boolean binary() {
        return asked.body() == BodyType.BINARY_MIME;
    }

    /// RFC 3461 §5.2.1.
    boolean passesReportsOn() {
        return offer.offers(Keyword.DSN);
    }

    byte[] mail() {
        StringBuilder line = CommandText.mail(transaction.sender());
        if (offer.offers(Keyword.SIZE)) {
            line.append(" SIZE=").append(transaction.content().trueSize());   // RFC 1870 §6
        }
        if (binary()) {
            line.append(" BODY=BINARYMIME");
        } else if (transaction.content().eightBit()) {
            line.append(" BODY=8BITMIME");   // RFC 6152 §2
        }
        if (utf8()) {
            line.append(" SMTPUTF8");   // RFC 6531 §3.4
        }
        if (asked.requireTls()) {
            line.append(" REQUIRETLS");   // RFC 8689 §4.2.1
        }
        asked.deliverBy().filter(_ -> offer.offers(Keyword.DELIVERBY)).ifPresent(by -> line.append(" BY=").append(secondsLeft(by)).append(';')
                .append(by.mode() == DeliverBy.Mode.RETURN ? 'R' : 'N').append(by.trace() ? "T" : ""));
        if (passesReportsOn()) {
            asked.returned().ifPresent(part -> line.append(" RET=").append(part.word()));
            asked.envelopeId().ifPresent(id -> line.append(" ENVID=").append(DsnText.writeEnvelopeId(id)));
        }
        return CommandText.line(line, utf8());
    }

    byte[] rcpt(Transaction.Addressee to) {
        StringBuilder line = CommandText.rcpt(to.mailbox());
        if (passesReportsOn()) {
            DsnText.write(to.recipient().notice()).ifPresent(events -> line.append(" NOTIFY=").append(events));
            to.recipient().original().ifPresent(original -> line.append(" ORCPT=").append(DsnText.write(original)));
        }
        return CommandText.line(line, utf8());
    }

    /// Where an address needs it, or the sender asked for it: then the header may need it as well.
    private boolean utf8() {
        return offer.offers(Keyword.SMTPUTF8) && (asked.smtpUtf8() || transaction.sender().mailbox().filter(sender -> !sender.isAscii()).isPresent()
                || transaction.recipients().stream().anyMatch(to -> !to.mailbox().isAscii()));
    }

    private long secondsLeft(DeliverBy by) {
        return Math.clamp(Duration.between(transaction.begun(), by.deadline()).toSeconds(), -MOST_SECONDS, MOST_SECONDS);
    }

    private static Optional<RecipientResult.Unfit> unfit(EnhancedCode code, String words) {
        return Optional.of(new RecipientResult.Unfit(code, words, false));
    }

    private static Optional<RecipientResult.Unfit> elsewhere(EnhancedCode code, String words) {
        return Optional.of(new RecipientResult.Unfit(code, words, true));
    }
}
