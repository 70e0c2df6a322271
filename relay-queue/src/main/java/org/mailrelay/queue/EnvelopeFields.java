package org.mailrelay.queue;

import static org.mailrelay.queue.Fields.date;
import static org.mailrelay.queue.Fields.flag;
import static org.mailrelay.queue.Fields.optional;
import static org.mailrelay.queue.Fields.putFlag;
import static org.mailrelay.queue.Fields.putInstant;
import static org.mailrelay.queue.Fields.putOptional;
import static org.mailrelay.queue.Fields.putText;
import static org.mailrelay.queue.Fields.text;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReturnedPart;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.tls.TlsLevel;

/// Envelope, origin and content as records hold them, in this order (types as in [Fields]; `?` is a flag, then the field where it is set):
///
///     sender text ("" for <>), body octet (0 7BIT, 1 8BITMIME, 2 BINARYMIME), SMTPUTF8 flag, REQUIRETLS flag,
///     RET octet (0 none, 1 FULL, 2 HDRS), ENVID ?text, BY ?(deadline instant, mode octet (0 R, 1 N), trace flag), hold until ?instant,
///     recipients count, each: local part text, domain text, NOTIFY octet, ORCPT ?(type text, address text)
///
///     received instant, ICID long, address text, HELO text, listener text, policy text, user ?text,
///     bounce of long (-1 for none), TLS floor ?text, source ?text
///
///     true size long, stuffed dots long, 8-bit flag, subject ?text, Message-ID ?text, TLS-Required: No flag
///
/// NOTIFY is 0 where nothing was said, 8 for NEVER, else the sum of 1 SUCCESS, 2 FAILURE, 4 DELAY.
final class EnvelopeFields {

    private static final int NEVER = 8;

    private EnvelopeFields() {
    }

    /// Octets that they may need at most.
    static int bound(Envelope envelope, Origin origin, Content content) {
        MailParameters said = envelope.parameters();
        int bound = 256 + Fields.bound(envelope.sender().toString()) + Fields.bound(said.envelopeId());
        for (Recipient recipient : envelope.recipients()) {
            bound += 2 + Fields.bound(recipient.mailbox().localPart()) + Fields.bound(recipient.domain().name())
                    + recipient.original().map(o -> Fields.bound(o.type()) + Fields.bound(o.address())).orElse(0);
        }
        Injection injection = origin.injection();
        bound += Fields.bound(injection.address()) + Fields.bound(injection.heloName()) + Fields.bound(injection.listener())
                + Fields.bound(injection.policy()) + Fields.bound(injection.user()) + Fields.bound(origin.source());
        return bound + Fields.bound(content.subject()) + Fields.bound(content.messageId());
    }

    static void putEnvelope(ByteBuffer out, Envelope envelope) {
        MailParameters said = envelope.parameters();
        putText(out, envelope.sender().mailbox().map(Mailbox::toString).orElse(""));
        out.put((byte) switch (said.body()) {
            case SEVEN_BIT -> 0;
            case EIGHT_BIT_MIME -> 1;
            case BINARY_MIME -> 2;
        });
        putFlag(out, said.smtpUtf8());
        putFlag(out, said.requireTls());
        out.put((byte) (int) said.returned().map(part -> switch (part) {
            case FULL -> 1;
            case HEADERS -> 2;
        }).orElse(0));
        putOptional(out, said.envelopeId());
        putFlag(out, said.deliverBy().isPresent());
        said.deliverBy().ifPresent(by -> {
            putInstant(out, by.deadline());
            out.put((byte) (by.mode() == DeliverBy.Mode.RETURN ? 0 : 1));
            putFlag(out, by.trace());
        });
        putFlag(out, said.holdUntil().isPresent());
        said.holdUntil().ifPresent(until -> putInstant(out, until));
        out.putInt(envelope.recipients().size());
        for (Recipient recipient : envelope.recipients()) {
            putText(out, recipient.mailbox().localPart());
            putText(out, recipient.domain().name());
            out.put((byte) notifyCode(recipient.notice()));
            putFlag(out, recipient.original().isPresent());
            recipient.original().ifPresent(original -> {
                putText(out, original.type());
                putText(out, original.address());
            });
        }
    }

    static Envelope envelope(ByteBuffer in) {
        ReversePath sender = ReversePath.of(text(in));
        BodyType body = body(in.get());
        MailParameters said = new MailParameters(body, flag(in), flag(in), returned(in.get()), optional(in), deliverBy(in),
                flag(in) ? Optional.of(date(in)) : Optional.empty());
        int count = Fields.count(in);
        List<Recipient> recipients = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Mailbox mailbox = new Mailbox(text(in), new Domain(text(in)));
            Notify notify = notify(in.get());
            recipients.add(new Recipient(mailbox, notify, flag(in) ? Optional.of(new OriginalRecipient(text(in), text(in))) : Optional.empty()));
        }
        return new Envelope(sender, recipients, said);
    }

    private static BodyType body(byte code) {
        return switch (code) {
            case 0 -> BodyType.SEVEN_BIT;
            case 1 -> BodyType.EIGHT_BIT_MIME;
            case 2 -> BodyType.BINARY_MIME;
            default -> throw new IllegalArgumentException("body type " + code);
        };
    }

    private static Optional<ReturnedPart> returned(byte code) {
        return switch (code) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(ReturnedPart.FULL);
            case 2 -> Optional.of(ReturnedPart.HEADERS);
            default -> throw new IllegalArgumentException("returned part " + code);
        };
    }

    private static Optional<DeliverBy> deliverBy(ByteBuffer in) {
        return flag(in) ? Optional.of(new DeliverBy(date(in), flag(in) ? DeliverBy.Mode.NOTIFY : DeliverBy.Mode.RETURN, flag(in))) : Optional.empty();
    }

    private static int notifyCode(Notify notify) {
        return switch (notify) {
            case Notify.Unsaid _ -> 0;
            case Notify.Never _ -> NEVER;
            case Notify.On _ -> (notify.onSuccess() ? 1 : 0) + (notify.onFailure() ? 2 : 0) + (notify.onDelay() ? 4 : 0);
        };
    }

    private static Notify notify(byte code) {
        if (code < 0 || code > NEVER) {
            throw new IllegalArgumentException("NOTIFY " + code);
        }
        return code == 0 ? Notify.UNSAID : code == NEVER ? Notify.NEVER : Notify.COMBINATIONS.get(code);
    }

    static void putOrigin(ByteBuffer out, Origin origin) {
        Injection injection = origin.injection();
        putInstant(out, origin.received());
        out.putLong(injection.icid().value());
        putText(out, injection.address());
        putText(out, injection.heloName());
        putText(out, injection.listener());
        putText(out, injection.policy());
        putOptional(out, injection.user());
        out.putLong(origin.bounceOf().map(Mid::value).orElse(-1L));
        putOptional(out, origin.tlsFloor().map(TlsLevel::word));
        putOptional(out, origin.source());
    }

    static Origin origin(ByteBuffer in) {
        Instant received = date(in);
        Injection injection = new Injection(new Icid(in.getLong()), text(in), text(in), text(in), text(in), optional(in));
        long bounceOf = in.getLong();
        return new Origin(received, injection, bounceOf < 0 ? Optional.empty() : Optional.of(new Mid(bounceOf)), optional(in).map(EnvelopeFields::level), optional(in));
    }

    private static TlsLevel level(String word) {
        for (TlsLevel level : TlsLevel.values()) {
            if (level.word().equals(word)) {
                return level;
            }
        }
        throw new IllegalArgumentException("a TLS level " + word.length() + " characters long that is none");
    }

    static void putContent(ByteBuffer out, Content content) {
        out.putLong(content.trueSize()).putLong(content.stuffedDots());
        putFlag(out, content.eightBit());
        putOptional(out, content.subject());
        putOptional(out, content.messageId());
        putFlag(out, content.tlsRequiredNo());
    }

    static Content content(ByteBuffer in) {
        return new Content(in.getLong(), in.getLong(), flag(in), optional(in), optional(in), flag(in));
    }
}
