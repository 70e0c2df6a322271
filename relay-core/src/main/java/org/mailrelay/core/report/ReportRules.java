package org.mailrelay.core.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailrelay.core.delivery.Lifetime;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReturnedPart;
import org.mailrelay.core.settings.BounceProfile;

/// Who is told of what, when, and what of the message goes along.
public final class ReportRules {

    /// Octets of a message that go along with a report, at most: a sender knows his message by its header, and a report on a message of
    /// 50 MB must not be one of 50 MB to an address that anyone may have forged.
    public static final int MOST_RETURNED = 50 * 1024;

    /// When a delay is told that only the sender asked for (`NOTIFY=DELAY`), the profile not saying when.
    public static final Duration DELAY_ON_REQUEST = Duration.ofHours(4);

    private ReportRules() {
    }

    /// A message from `<>` has nobody to tell (RFC 5321 §4.5.5), whatever is said of its recipients.
    public static boolean isWanted(Action action, Envelope envelope, Recipient recipient) {
        if (envelope.sender().isNull()) {
            return false;
        }
        Notify notice = recipient.notice();
        return switch (action) {
            case FAILED -> notice.onFailure();
            case RELAYED -> notice.onSuccess();
            case DELAYED -> switch (notice) {
                case Notify.Unsaid _ -> true;
                case Notify.Never _ -> false;
                case Notify.On _ -> notice.onDelay();
            };
        };
    }

    /// When the sender is warned that a recipient is late; empty for never. Who said which reports he wants and did not name DELAY gets none
    /// (RFC 3461 §4.1), who named it gets one whatever the profile says. Where delivery is given up before, the failure says it all.
    ///
    /// Who set a deadline in mode N is told when it passes (RFC 2852 §4.1), also when he named no reports; never who wants none.
    public static Optional<Instant> warnAt(BounceProfile profile, Envelope envelope, Recipient recipient, Instant received) {
        Lifetime life = Lifetime.of(profile, received, envelope.parameters());
        Optional<Instant> after = isWanted(Action.DELAYED, envelope, recipient)
                ? profile.delayWarning().or(() -> recipient.notice().onDelay() ? Optional.of(DELAY_ON_REQUEST) : Optional.empty()).map(life.begins()::plus) : Optional.empty();
        Optional<Instant> deadline = envelope.sender().isNull() || recipient.notice() instanceof Notify.Never ? Optional.empty()
                : envelope.parameters().deliverBy().filter(by -> by.mode() == DeliverBy.Mode.NOTIFY).map(DeliverBy::deadline);
        return Stream.concat(after.stream(), deadline.stream()).filter(life.ends()::isAfter).min(Comparator.naturalOrder());
    }

    /// Who confirms a handover: we, where a host that gives no reports took it and SUCCESS was asked for (RFC 3461 §5.2.2), and where the
    /// sender wants to follow the message from relay to relay (RFC 2852 §4.1, `T`).
    ///
    /// @param passedOn the host was told what the sender wants to hear
    public static boolean confirms(Envelope envelope, Recipient recipient, boolean passedOn) {
        boolean traced = !envelope.sender().isNull() && !(recipient.notice() instanceof Notify.Never)
                && envelope.parameters().deliverBy().filter(DeliverBy::trace).isPresent();
        return traced || !passedOn && isWanted(Action.RELAYED, envelope, recipient);
    }

    /// What goes along: nothing, the header, or all.
    ///
    /// RET wins over the profile, and speaks of failures alone (RFC 3461 §4.3: a report that tells of none returns the header). Mail that
    /// requires TLS returns no content (RFC 8689 §5), binary content fits no report, and long content is not sent back.
    ///
    /// @param length octets of the message
    public static BounceProfile.Original returned(Action action, Envelope envelope, BounceProfile.Original profile, long length) {
        BounceProfile.Original asked = envelope.parameters().returned().map(part -> part == ReturnedPart.FULL ? BounceProfile.Original.FULL : BounceProfile.Original.HEADERS)
                .orElse(profile);
        boolean fit = action == Action.FAILED && !envelope.parameters().requireTls() && envelope.bodyType() != BodyType.BINARY_MIME && length <= MOST_RETURNED;
        return asked == BounceProfile.Original.FULL && !fit ? BounceProfile.Original.HEADERS : asked;
    }
}
