package org.mailrelay.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.core.tls.TlsDemand;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

class WaitCauseTest {

    private static final Outcome.Reason BUSY = new Outcome.Reason(new EnhancedCode(4, 3, 2), "words", 421, List.of("4.3.2 try again", "later"));
    private static final TlsDemand DEMAND = new TlsDemand(new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:14", ".example.com"), List.of(TlsReason.CERTIFICATE_EXPIRED, TlsReason.HOST_MISMATCH));

    @Test
    void isReadAgainAsItWasKept() {
        WaitCause busy = WaitCause.of(BUSY, List.of(new Dcid(30), new Dcid(0), new Dcid(31)));
        assertThat(busy.dcids()).as("0 is no connection").containsExactly(new Dcid(30), new Dcid(31));
        assertThat(WaitCause.ofStored(busy.stored())).isEqualTo(busy);
        assertThat(busy.reason()).contains(new Outcome.Reason(new EnhancedCode(4, 3, 2), new EnhancedCode(4, 3, 2).words(), 421, List.of("4.3.2 try again later")));
        WaitCause tls = WaitCause.of(Outcome.Reason.noReply(new EnhancedCode(4, 7, 5), "certificate expired").demanded(DEMAND), List.of());
        assertThat(WaitCause.ofStored(tls.stored())).isEqualTo(tls);
        assertThat(tls.demand()).contains(DEMAND);
    }

    @Test
    void aTextThatAnOlderRelayKeptIsTheWholeCause() {
        assertThat(WaitCause.ofStored("4.3.2 try again later")).isEqualTo(new WaitCause("4.3.2 try again later", Optional.empty(), 0, Optional.empty(), List.of()));
        assertThat(WaitCause.ofStored("")).isEqualTo(WaitCause.NONE);
        assertThat(WaitCause.ofStored("busy\u001f4.2.1\u001f9")).as("without the reply's code").isEqualTo(new WaitCause("busy", Optional.of(new EnhancedCode(4, 2, 1)), 0, Optional.empty(), List.of(new Dcid(9))));
        assertThat(WaitCause.of("held by its sender").stored()).isEqualTo("held by its sender");
    }

    /// A host's text may hold whatever it likes.
    @Test
    void aRemoteTextCannotForgeTheRest() {
        Outcome.Reason hostile = new Outcome.Reason(new EnhancedCode(4, 0, 0), "words", 450, List.of("x\u001f2.0.0\u001f7\u001fENCRYPTED\u001fnone\u001fa:1\u001fb"));
        WaitCause read = WaitCause.ofStored(WaitCause.of(hostile, List.of(new Dcid(9))).stored());
        assertThat(read.status()).contains(new EnhancedCode(4, 0, 0));
        assertThat(read.dcids()).containsExactly(new Dcid(9));
        assertThat(read.demand()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u001f", "a\u001f\u001f", "a\u001f9.9.9\u001fx,,-1,99999999999999999999", "a\u001f4.7.4\u001f\u001fNO_SUCH\u001fno-level\u001f\u001f", "\u001f\u001f\u001f\u001f\u001f\u001f\u001f"})
    void whatCannotBeReadIsLeftOut(String stored) {
        assertThat(WaitCause.ofStored(stored).dcids()).isEmpty();
        assertThat(WaitCause.ofStored(stored).demand()).isEmpty();
    }
}
