package org.mailrelay.core.mail;

import java.time.Instant;
import java.util.Optional;

/// What MAIL said of a message beside its sender.
///
/// @param smtpUtf8   `SMTPUTF8`: addresses or header fields may hold UTF-8 (RFC 6531 §3.4)
/// @param requireTls `REQUIRETLS`: every hop must be encrypted to a verified peer (RFC 8689 §4)
/// @param returned   `RET=` (RFC 3461 §4.3)
/// @param envelopeId `ENVID=` decoded: printable ASCII (RFC 3461 §4.4)
/// @param holdUntil  `HOLDFOR=` or `HOLDUNTIL=`: not delivered before (RFC 4865 §4)
public record MailParameters(BodyType body, boolean smtpUtf8, boolean requireTls, Optional<ReturnedPart> returned, Optional<String> envelopeId,
        Optional<DeliverBy> deliverBy, Optional<Instant> holdUntil) {

    /// RFC 3461 §4.4: of the encoded form.
    public static final int MAX_ENVELOPE_ID = 100;

    public static final MailParameters NONE = of(BodyType.SEVEN_BIT);

    public MailParameters {
        envelopeId.ifPresent(id -> {
            if (id.isEmpty() || id.length() > MAX_ENVELOPE_ID || !MailText.isAscii(id)) {
                throw new IllegalArgumentException("an envelope id of " + id.length() + " characters");
            }
            MailText.requirePrintable(id, "an envelope id");
        });
    }

    public static MailParameters of(BodyType body) {
        return new MailParameters(body, false, false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public MailParameters withBody(BodyType other) {
        return new MailParameters(other, smtpUtf8, requireTls, returned, envelopeId, deliverBy, holdUntil);
    }

    public MailParameters withSmtpUtf8(boolean asked) {
        return new MailParameters(body, asked, requireTls, returned, envelopeId, deliverBy, holdUntil);
    }

    public MailParameters withRequireTls(boolean asked) {
        return new MailParameters(body, smtpUtf8, asked, returned, envelopeId, deliverBy, holdUntil);
    }

    public MailParameters withReturned(ReturnedPart part) {
        return new MailParameters(body, smtpUtf8, requireTls, Optional.of(part), envelopeId, deliverBy, holdUntil);
    }

    public MailParameters withEnvelopeId(String id) {
        return new MailParameters(body, smtpUtf8, requireTls, returned, Optional.of(id), deliverBy, holdUntil);
    }

    public MailParameters withDeliverBy(DeliverBy by) {
        return new MailParameters(body, smtpUtf8, requireTls, returned, envelopeId, Optional.of(by), holdUntil);
    }

    public MailParameters withHoldUntil(Instant until) {
        return new MailParameters(body, smtpUtf8, requireTls, returned, envelopeId, deliverBy, Optional.of(until));
    }
}
