package org.mailrelay.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.settings.RelaySettings.AfterLostReply;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.smtp.Reply;

class OutcomeRulesTest {

    private static Outcome refused(int code, Fact.Moment moment) {
        return OutcomeRules.decide(new Fact.Refused(Reply.of(code, "words"), moment), AfterLostReply.RETRY);
    }

    private static List<Fact> everything() {
        List<Fact> all = new ArrayList<>(List.of(new Fact.Accepted(Reply.of(250, "2.0.0 ok")), new Fact.Unfit(new EnhancedCode(5, 3, 4), "too big", false),
                new Fact.Unfit(new EnhancedCode(5, 6, 7), "needs SMTPUTF8", true),
                new Fact.Unfit(new EnhancedCode(4, 6, 3), "not now", false), new Fact.Lost("gone"), new Fact.Ambiguous("gone", true),
                new Fact.Ambiguous("gone", false), new Fact.TooMany(Reply.of(452, "4.5.3 too many"))));
        for (Fact.Moment moment : Fact.Moment.values()) {
            for (int code = 400; code < 600; code++) {
                all.add(new Fact.Refused(Reply.of(code, "no"), moment));
                all.add(new Fact.Refused(Reply.of(code, code / 100 + ".7.1 no"), moment));
            }
        }
        return all;
    }

    /// R-RPL-10: the code decides, whatever the text says.
    @Test
    void onlyTheHostsTwoYzToTheEndOfDataIsDelivered() {
        for (Fact fact : everything()) {
            assertThat(OutcomeRules.decide(fact, AfterLostReply.RETRY) instanceof Outcome.Delivered).as("%s", fact).isEqualTo(fact instanceof Fact.Accepted);
        }
    }

    /// RFC 5321 §4.2.1: 4yz is not now, 5yz is never.
    @Test
    void onlyAFiveYzOrAnUnfitMessageFails() {
        for (Fact fact : everything()) {
            boolean fails = OutcomeRules.decide(fact, AfterLostReply.RETRY) instanceof Outcome.Fail;
            boolean permanent = switch (fact) {
                case Fact.Refused(Reply reply, Fact.Moment moment) -> reply.code() >= 500
                        && !(reply.code() == 552 && moment == Fact.Moment.RCPT);
                case Fact.Unfit(EnhancedCode code, _, boolean elsewhere) -> code.statusClass() == 5 && !elsewhere;
                case Fact.Accepted _, Fact.TooMany _, Fact.Lost _, Fact.Ambiguous _ -> false;
            };
            assertThat(fails).as("%s", fact).isEqualTo(permanent);
        }
    }

    @Test
    void theStatusClassOfAReasonIsThatOfTheDecision() {
        for (Fact fact : everything()) {
            Outcome outcome = OutcomeRules.decide(fact, AfterLostReply.RETRY);
            if (outcome instanceof Outcome.NotDelivered not) {
                assertThat(not.reason().status().statusClass()).as("%s", fact).isEqualTo(outcome instanceof Outcome.Fail || fact instanceof Fact.Unfit(_, _, boolean elsewhere) && elsewhere ? 5 : 4);
            }
        }
    }

    @Test
    void R_TXN_5_421IsTheNextHostsMatterWhateverItAnswered() {
        for (Fact.Moment moment : Fact.Moment.values()) {
            assertThat(refused(421, moment)).isInstanceOf(Outcome.TryNextHost.class);
        }
    }

    @Test
    void R_MX_8_aFourYzToMailOrToARecipientGoesToTheNextHostAndOneToTheDataWaits() {
        for (int code = 400; code < 500; code++) {
            assertThat(refused(code, Fact.Moment.MAIL)).isInstanceOf(Outcome.TryNextHost.class);
            assertThat(refused(code, Fact.Moment.RCPT)).isInstanceOf(Outcome.TryNextHost.class);
            if (code != 421) {
                assertThat(refused(code, Fact.Moment.DATA)).isInstanceOf(Outcome.Defer.class);
            }
        }
    }

    @Test
    void R_MX_8_aFiveYzNeverGoesToTheNextHost() {
        for (Fact.Moment moment : Fact.Moment.values()) {
            assertThat(refused(550, moment)).isInstanceOf(Outcome.Fail.class);
        }
    }

    /// RFC 5321 §4.5.3.1.10: "the 552 code SHOULD be treated as a temporary, rather than permanent, failure".
    @Test
    void R_TXN_4_552IsTemporaryToARecipientAndElseForGood() {
        assertThat(refused(552, Fact.Moment.RCPT)).isInstanceOf(Outcome.TryNextHost.class);
        assertThat(refused(552, Fact.Moment.DATA)).isInstanceOf(Outcome.Fail.class);
        assertThat(refused(552, Fact.Moment.MAIL)).isInstanceOf(Outcome.Fail.class);
    }

    @Test
    void R_TXN_4_whatIsTooMuchForOneTransactionGoesIntoTheNext() {
        assertThat(OutcomeRules.decide(new Fact.TooMany(Reply.of(452, "4.5.3 too many")), AfterLostReply.RETRY)).isEqualTo(new Outcome.AnotherTransaction());
    }

    @Test
    void R_TXN_8_aLossAfterTheFinalDotIsNeverABounceAndDeliveredOnlyWhereTheOperatorSaysSo() {
        assertThat(OutcomeRules.decide(new Fact.Ambiguous("gone", true), AfterLostReply.RETRY)).isInstanceOfSatisfying(Outcome.Ambiguous.class, it -> assertThat(it.assumeDelivered()).isFalse());
        assertThat(OutcomeRules.decide(new Fact.Ambiguous("gone", true), AfterLostReply.ASSUME_DELIVERED))
                .isInstanceOfSatisfying(Outcome.Ambiguous.class, it -> assertThat(it.assumeDelivered()).isTrue());
        assertThat(OutcomeRules.decide(new Fact.Ambiguous("gone", false), AfterLostReply.ASSUME_DELIVERED)).as("a recipient that the host had not accepted")
                .isInstanceOfSatisfying(Outcome.Ambiguous.class, it -> assertThat(it.assumeDelivered()).isFalse());
        assertThat(OutcomeRules.decide(new Fact.Lost("gone"), AfterLostReply.ASSUME_DELIVERED)).as("before the dot").isInstanceOf(Outcome.TryNextHost.class);
    }

    @Test
    void theHostsOwnEnhancedCodeIsKeptAndElseTheReadingThatOperatorsKnow() {
        assertThat(OutcomeRules.reason(Reply.of(550, "5.7.1 blocked"), 5).status()).isEqualTo(new EnhancedCode(5, 7, 1));
        assertThat(OutcomeRules.reason(Reply.of(552, "5.5.3 too many"), 4).status()).isEqualTo(new EnhancedCode(4, 5, 3));
        assertThat(OutcomeRules.reason(Reply.of(421, "bye"), 4).status()).isEqualTo(new EnhancedCode(4, 3, 2));
        assertThat(OutcomeRules.reason(Reply.of(452, "full"), 4).status()).isEqualTo(new EnhancedCode(4, 3, 1));
        assertThat(OutcomeRules.reason(Reply.of(550, "no"), 5).status()).isEqualTo(new EnhancedCode(5, 1, 0));
    }
}
