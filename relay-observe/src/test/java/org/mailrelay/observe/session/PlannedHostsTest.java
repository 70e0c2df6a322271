package org.mailrelay.observe.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.PublishedPolicy;

class PlannedHostsTest {

    private final PlannedHosts hosts = new PlannedHosts();

    private static PlannedHosts.Planned of(int records) {
        return new PlannedHosts.Planned(List.of(new PublishedPolicy(PublishedPolicy.Type.TLSA, Stream.generate(() -> "3 1 1 " + "ab".repeat(32)).limit(records).toList(),
                Domain.of("mx.example.com"), List.of())), List.of());
    }

    private static Domain domain(int number) {
        return Domain.of("d" + number + ".example.com");
    }

    @Test
    void whatWasPublishedIsFoundByDomainAndHost() {
        hosts.put(domain(1), "mx.example.com", of(2));
        hosts.put(domain(1), "mx.example.com", of(1));
        assertThat(hosts.get(domain(1), "mx.example.com")).isEqualTo(of(1));
        assertThat(hosts.get(domain(1), "other.example.com")).isEqualTo(PlannedHosts.Planned.NOTHING);
    }

    /// One signed zone may have any number of domains, with a hundred records each.
    @Test
    void longPoliciesOfManyDomainsTakeBoundedMemoryThoseOfLastStay() {
        PlannedHosts.Planned large = of(100);
        for (int i = 0; i < 20_000; i++) {
            hosts.put(domain(i), "mx.example.com", large);
        }
        assertThat(hosts.size()).isBetween(4_000, 5_000);
        assertThat(hosts.get(domain(19_999), "mx.example.com")).isEqualTo(large);
        assertThat(hosts.get(domain(1), "mx.example.com")).isEqualTo(PlannedHosts.Planned.NOTHING);
    }

    @Test
    void noMoreThanTwentyThousandAreKept() {
        for (int i = 0; i < 20_100; i++) {
            hosts.put(domain(i), "mx.example.com", PlannedHosts.Planned.NOTHING);
        }
        assertThat(hosts.size()).isEqualTo(20_000);
    }
}
