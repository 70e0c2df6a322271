package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.FailedLookup;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Stage;

class FactsTest {

    private static HostFailure against(TlsReason why) {
        return new HostFailure.AgainstPolicy(List.of(new TlsFault(why)), new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:3", "example.com"), Optional.empty());
    }

    /// RFC 3463 §3: all of them temporary, each with the code that stands for it.
    @Test
    void R_ESC_3_eachFailureOfAHostHasTheCodeThatStandsForIt() {
        Map<HostFailure, String> codes = Map.of(new HostFailure.Unreachable("Connection refused"), "4.4.1", new HostFailure.Lost(Stage.EHLO, "timeout"), "4.4.2",
                new HostFailure.OutOfStep(Stage.EHLO, "mixed codes"), "4.4.2", new HostFailure.Local("no port is free", ""), "4.4.5", new HostFailure.Loop("relay.example.net"), "4.4.6",
                new HostFailure.Refused(Stage.GREETING, Reply.of(554, "5.7.1 go away")), "4.7.1", new HostFailure.Refused(Stage.GREETING, Reply.of(421, "bye")), "4.3.2",
                against(TlsReason.NOT_OFFERED), "4.7.4", against(TlsReason.HOST_MISMATCH), "4.7.5", against(TlsReason.REQUIRETLS_NOT_OFFERED), "4.7.30");
        codes.forEach((failure, code) -> assertThat(Facts.of(failure).status()).as("%s", failure).hasToString(code));
    }

    /// `DNS Temporary Failure example.com MX - ServFail`: the line says the rest.
    @Test
    void aLookupThatFailedIsSaidOnceAndWithItsNameWhereThatIsAnother() {
        Domain domain = Domain.of("example.com");
        assertThat(Facts.of(Instant.EPOCH, domain, new FailedLookup(domain, "MX", "ServFail"))).isEqualTo(new DeliveryEvent.DnsFailed(Instant.EPOCH, domain, "MX", "ServFail"));
        assertThat(Facts.of(Instant.EPOCH, domain, new FailedLookup(Domain.of("mx1.example.com"), "A", "Timeout")))
                .isEqualTo(new DeliveryEvent.DnsFailed(Instant.EPOCH, domain, "A", "Timeout (mx1.example.com)"));
    }

    /// R-LOOP-3: to a host that is ourselves no other destination's mail goes either.
    @Test
    void aLoopIsAFaultOfTheHost() {
        assertThat(Facts.faultOfTheHost(new HostFailure.Loop("relay.example.net"))).isTrue();
        assertThat(Facts.faultOfTheHost(against(TlsReason.NOT_OFFERED))).isFalse();
    }
}
