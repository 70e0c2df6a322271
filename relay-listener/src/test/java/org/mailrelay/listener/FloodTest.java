package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.event.InjectionEvent;

/// Floods of connections (B-DOS): what one address can hold of the relay's descriptors is bounded whatever it does with its refusals.
class FloodTest {

    private static final int LIMIT = 3;

    @TempDir
    Path folder;

    @Test
    void B_DOS_anAddressThatKeepsItsRefusalsOpenHoldsTwiceItsLimitAndGetsNoFurtherWord() throws Exception {
        MailFlowPolicy few = ListenerFixture.relaying().withLimits(new MailFlowPolicy.Limits(1_000, 10, 100, LIMIT));
        SessionLimits patient = new SessionLimits(Duration.ZERO, Duration.ofSeconds(60), Duration.ofMinutes(5), 100, Duration.ofHours(2), Duration.ofMinutes(5));
        List<Client> held = new ArrayList<>();
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(few).limits(patient).open()) {
            for (int i = 0; i < LIMIT; i++) {
                held.add(relay.greeted());
            }
            for (int i = 0; i < LIMIT - 1; i++) {
                Client refused = relay.connect();
                held.add(refused);
                assertThat(refused.reply()).isEqualTo("421 4.7.0 too many connections");
            }
            for (int i = 0; i < 50; i++) {
                try (Client unheard = relay.connect()) {
                    assertThat(unheard.oneRead()).isEmpty();
                }
            }
            assertThat(relay.seen(InjectionEvent.Opened.class)).hasSize(2 * LIMIT - 1);
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).hasSize(LIMIT - 1 + 50);
            assertThat(held.getFirst().ask("NOOP")).startsWith("250 ");
        } finally {
            for (Client each : held) {
                each.close();
            }
        }
    }

    @Test
    void anAddressBelowItsLimitAgainIsAsAnyOther() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");
        PeerCounts counts = new PeerCounts(1_000);
        for (int i = 1; i <= 4; i++) {
            assertThat(counts.overrun(address, counts.opened(address))).isFalse();
        }
        counts.limited(address, 2);
        assertThat(counts.overrun(address, counts.opened(address))).isTrue();
        for (int i = 0; i < 4; i++) {
            counts.closed(address);
        }
        assertThat(counts.overrun(address, counts.opened(address))).isFalse();
        assertThat(counts.overrun(InetAddress.getByName("192.0.2.2"), 1)).isFalse();
    }

    @Test
    void B_DOS_manyAddressesTogetherLeaveDescriptorsForDeliveriesAndTheSpool() throws Exception {
        PeerCounts counts = new PeerCounts(100);
        for (int i = 1; i <= 100; i++) {
            InetAddress each = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i});
            assertThat(counts.overrun(each, counts.opened(each))).isFalse();
        }
        InetAddress late = InetAddress.getByName("192.0.2.1");
        assertThat(counts.overrun(late, counts.opened(late))).isTrue();
        counts.closed(late);
        counts.closed(InetAddress.getByName("10.0.0.7"));
        assertThat(counts.overrun(late, counts.opened(late))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"256, 128", "1024, 512", "4096, 2096", "65536, 63536", "9223372036854775807, 2147483647"})
    void halfTheDescriptorsOrAllButTwoThousandAreForClients(long descriptors, int room) {
        assertThat(PeerCounts.roomFor(descriptors)).isEqualTo(room);
    }
}
