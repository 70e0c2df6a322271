package org.mailrelay.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsReason;

class ExpiryRulesTest {

    @Test
    void R_RTY_2_whatTlsPolicyHeldBouncesWithItsTlsCodeAndAllElseWith547() {
        for (TlsReason why : TlsReason.values()) {
            EnhancedCode held = ExpiryRules.tlsCode(4, why);
            if (why == TlsReason.OWN_PATH_SUSPECTED) {
                assertThat(held).isEqualTo(new EnhancedCode(4, 4, 0));   // no policy of the destination's: its mail expires as mail behind a dead network does
                continue;
            }
            assertThat(held.subject()).isEqualTo(7);
            assertThat(held.detail()).isIn(4, 5, 30);
            Outcome.Reason end = ExpiryRules.expired(Outcome.Reason.noReply(held, why.words()));
            assertThat(end.status()).isEqualTo(new EnhancedCode(5, 7, held.detail()));
            assertThat(end.words()).endsWith("(message too old)");
            assertThat(end.texts()).containsExactly(why.words());
        }
        for (int subject = 0; subject < 8; subject++) {
            for (int code : new int[] {0, 421, 450}) {
                if (subject != 7 || code != 0) {
                    Outcome.Reason last = new Outcome.Reason(new EnhancedCode(4, subject, 1), "w", code, List.of("text"));
                    Outcome.Reason end = ExpiryRules.expired(last);
                    assertThat(end.status()).isEqualTo(new EnhancedCode(5, 4, 7));
                    assertThat(end.words()).isEqualTo("Delivery expired (message too old)");
                }
            }
        }
    }

    /// RFC 3463 §3.8: X.7.4 security features not supported, X.7.5 cryptographic failure.
    @Test
    void aHandshakeOrCertificateIs75AndWhatWasNeverOfferedIs74() {
        assertThat(ExpiryRules.tlsCode(5, TlsReason.NOT_OFFERED)).isEqualTo(new EnhancedCode(5, 7, 4));
        assertThat(ExpiryRules.tlsCode(5, TlsReason.HANDSHAKE_FAILED)).isEqualTo(new EnhancedCode(5, 7, 5));
        assertThat(ExpiryRules.tlsCode(4, TlsReason.HOST_MISMATCH)).isEqualTo(new EnhancedCode(4, 7, 5));
    }
}
