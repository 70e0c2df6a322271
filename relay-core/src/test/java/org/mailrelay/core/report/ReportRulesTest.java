package org.mailrelay.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.DeliverBy;
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

    /// RFC 2852 §4.1: mode N tells of a deadline that passed, and only NEVER is stronger.
    @Test
    void whoSetADeadlineIsToldWhenItPasses() {
        for (Notify notice : NOTICES) {
            for (DeliverBy.Mode mode : DeliverBy.Mode.values()) {
                for (long minutes : List.of(30L, 90L, 100L * 60)) {
                    Instant deadline = Reports.ARRIVED.plus(Duration.ofMinutes(minutes));
                    MailParameters said = MailParameters.NONE.withDeliverBy(new DeliverBy(deadline, mode, false));
                    Optional<Instant> silent = ReportRules.warnAt(BounceProfile.DEFAULT, envelope(SENDER, notice, said), recipient(notice), Reports.ARRIVED);
                    boolean told = mode == DeliverBy.Mode.NOTIFY && minutes < 72 * 60 && !notice.equals(Notify.NEVER);
                    if (told && !notice.onDelay()) {
                        assertThat(silent).as("%s %s %s", notice, mode, minutes).contains(deadline);
                    }
                    if (!told && !notice.onDelay()) {
                        assertThat(silent).as("%s %s %s", notice, mode, minutes).isEmpty();
                    }
                    if (told && notice.onDelay()) {
                        assertThat(silent).contains(minutes < 240 ? deadline : Reports.ARRIVED.plus(ReportRules.DELAY_ON_REQUEST));
                    }
                    assertThat(ReportRules.warnAt(BounceProfile.DEFAULT, envelope(ReversePath.NULL, notice, said), recipient(notice), Reports.ARRIVED)).isEmpty();
                }
            }
        }
    }

    @Test
    void aHandoverIsConfirmedWhereTheNextHostWillNotOrEveryHopIsWanted() {
        for (Notify notice : NOTICES) {
            for (boolean passedOn : List.of(false, true)) {
                for (boolean trace : List.of(false, true)) {
                    MailParameters said = MailParameters.NONE.withDeliverBy(new DeliverBy(Reports.NOW, DeliverBy.Mode.NOTIFY, trace));
                    assertThat(ReportRules.confirms(envelope(SENDER, notice, said), recipient(notice), passedOn))
                            .isEqualTo(!notice.equals(Notify.NEVER) && (trace || !passedOn && notice.onSuccess()));
                    assertThat(ReportRules.confirms(envelope(ReversePath.NULL, notice, said), recipient(notice), passedOn)).isFalse();
                }
            }
        }
    }

    @Test
    void aDelayIsCountedFromTheReleaseOfWhatWasHeld() {
        BounceProfile hourly = BounceProfile.DEFAULT.withDelayWarning(Duration.ofHours(1));
        Instant release = Reports.ARRIVED.plus(Duration.ofDays(9));
        assertThat(ReportRules.warnAt(hourly, envelope(SENDER, Notify.UNSAID, MailParameters.NONE.withHoldUntil(release)), recipient(Notify.UNSAID), Reports.ARRIVED))
                .contains(release.plus(Duration.ofHours(1)));
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
