package org.mailrelay.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReturnedPart;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.BounceProfile;

class ReportRulesTest {

    private static final ReversePath SENDER = ReversePath.of("a@example.org");
    private static final List<Notify> NOTICES = notices();

    private static List<Notify> notices() {
        List<Notify> all = new ArrayList<>(Notify.COMBINATIONS);
        all.add(Notify.UNSAID);
        return all;
    }

    private static Recipient recipient(Notify notice) {
        return new Recipient(Mailbox.of("b@example.com"), notice, Optional.empty());
    }

    private static Envelope envelope(ReversePath sender, Notify notice, MailParameters said) {
        return new Envelope(sender, List.of(recipient(notice)), said);
    }

    /// RFC 3461 §4.1, over every value and action.
    @Test
    void nobodyIsToldWhatHeDidNotAskFor() {
        for (Notify notice : NOTICES) {
            for (Action action : Action.values()) {
                boolean wanted = ReportRules.isWanted(action, envelope(SENDER, notice, MailParameters.NONE), recipient(notice));
                boolean expected = switch (action) {
                    case FAILED -> notice.equals(Notify.UNSAID) || notice.onFailure();
                    case DELAYED -> notice.equals(Notify.UNSAID) || notice.onDelay();
                    case RELAYED -> notice.onSuccess();
                };
                assertThat(wanted).as("%s of %s", action, notice).isEqualTo(expected);
                assertThat(wanted && notice.equals(Notify.NEVER)).as("NEVER").isFalse();
                assertThat(ReportRules.isWanted(action, envelope(ReversePath.NULL, notice, MailParameters.NONE), recipient(notice))).as("null sender").isFalse();
            }
        }
    }

    @Test
    void aDelayIsToldWhenTheProfileOrTheSenderAsksForIt() {
        BounceProfile silent = BounceProfile.DEFAULT;
        BounceProfile hourly = BounceProfile.DEFAULT.withDelayWarning(Duration.ofHours(1));
        for (Notify notice : NOTICES) {
            Envelope envelope = envelope(SENDER, notice, MailParameters.NONE);
            Recipient to = recipient(notice);
            assertThat(ReportRules.warnAt(silent, envelope, to, Reports.ARRIVED)).as("%s", notice)
                    .isEqualTo(notice.onDelay() ? Optional.of(Reports.ARRIVED.plus(ReportRules.DELAY_ON_REQUEST)) : Optional.empty());
            assertThat(ReportRules.warnAt(hourly, envelope, to, Reports.ARRIVED)).as("%s", notice)
                    .isEqualTo(notice.onDelay() || notice.equals(Notify.UNSAID) ? Optional.of(Reports.ARRIVED.plusSeconds(3600)) : Optional.empty());
        }
    }

    @Test
    void noWarningComesWhereTheFailureComesFirst() {
        BounceProfile brief = new BounceProfile("brief", 1, Duration.ofHours(2), Duration.ofSeconds(60), Duration.ofHours(1));
        Notify delay = Notify.on(Notify.Event.DELAY);
        assertThat(ReportRules.warnAt(brief, envelope(SENDER, delay, MailParameters.NONE), recipient(delay), Reports.ARRIVED)).isEmpty();
    }

    /// RFC 3461 §4.3 over every combination: RET wins, full content only of failures, of short text, and where no TLS is required.
    @Test
    void whatGoesAlong() {
        for (Action action : Action.values()) {
            for (Optional<ReturnedPart> ret : List.of(Optional.<ReturnedPart>empty(), Optional.of(ReturnedPart.FULL), Optional.of(ReturnedPart.HEADERS))) {
                for (BounceProfile.Original profile : BounceProfile.Original.values()) {
                    for (BodyType body : BodyType.values()) {
                        for (boolean requireTls : List.of(false, true)) {
                            for (long length : List.of(0L, (long) ReportRules.MOST_RETURNED, ReportRules.MOST_RETURNED + 1L)) {
                                MailParameters said = ret.map(MailParameters.of(body).withRequireTls(requireTls)::withReturned).orElse(MailParameters.of(body).withRequireTls(requireTls));
                                BounceProfile.Original part = ReportRules.returned(action, envelope(SENDER, Notify.UNSAID, said), profile, length);
                                boolean mayBeFull = action == Action.FAILED && body != BodyType.BINARY_MIME && !requireTls && length <= ReportRules.MOST_RETURNED;
                                boolean fullAsked = ret.map(r -> r == ReturnedPart.FULL).orElse(profile == BounceProfile.Original.FULL);
                                assertThat(part == BounceProfile.Original.FULL).isEqualTo(fullAsked && mayBeFull);
                                assertThat(part == BounceProfile.Original.NONE).isEqualTo(ret.isEmpty() && profile == BounceProfile.Original.NONE);
                            }
                        }
                    }
                }
            }
        }
    }
}
