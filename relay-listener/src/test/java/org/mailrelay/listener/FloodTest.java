package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.core.access.AddressBlock;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.Rate;
import org.mailrelay.core.access.Rates;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;

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
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).as("the first few by themselves").hasSize(Refusals.TOLD);
            assertThat(held.getFirst().ask("NOOP")).startsWith("250 ");
            relay.listeners.stop();
            assertThat(relay.seen(SystemEvent.ConnectionsRefused.class)).as("the rest as a count").singleElement().satisfies(rest -> {
                assertThat(rest.count()).isEqualTo(LIMIT - 1 + 50 - Refusals.TOLD);
                assertThat(rest.address()).isEqualTo("127.0.0.1");
                assertThat(rest.why()).isEqualTo(InjectionEvent.ReceivingFailure.CONNECTION_LIMIT);
            });
        } finally {
            for (Client each : held) {
                each.close();
            }
        }
    }

    @Test
    void B_LOG_aFloodOfConnectionsBeyondARateIsCountedNotToldOneByOne() throws Exception {
        Rates one = new Rates(Rates.Scope.CLIENT, Optional.of(new Rate(1, Duration.ofHours(1))), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        try (ListenerFixture relay = ListenerFixture.in(folder).policy(ListenerFixture.relaying().withRates(one)).open()) {
            for (int i = 0; i < 51; i++) {
                try (Client each = relay.connect()) {
                    assertThat(each.reply()).startsWith(i == 0 ? "220 " : "421 4.7.0 too many connections of late");
                }
            }
            relay.listeners.stop();
            assertThat(relay.seen(InjectionEvent.Opened.class)).hasSize(1 + Refusals.TOLD);
            assertThat(relay.seen(InjectionEvent.Closed.class)).hasSize(1 + Refusals.TOLD);
            assertThat(relay.seen(SystemEvent.ConnectionsRefused.class)).singleElement().satisfies(rest -> assertThat(rest.count()).isEqualTo(50 - Refusals.TOLD));
        }
    }

    @Test
    void B_LOG_aFloodFromMoreAddressesThanAreToldOfIsOneCount() {
        List<MailEvent> told = new ArrayList<>();
        List<Runnable> timer = new ArrayList<>();
        Refusals refusals = new Refusals(told::add, InstantSource.system(), timer::add);
        int alone = 0;
        for (int i = 0; i < 100_000; i++) {
            alone += refusals.toldAlone(AddressBlock.single(new byte[] {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i}), InjectionEvent.ReceivingFailure.CONNECTION_LIMIT) ? 1 : 0;
        }
        assertThat(alone).isEqualTo(Refusals.MOST_ADDRESSES + Refusals.TOLD);
        assertThat(timer).as("one timer whatever comes").hasSize(1);
        timer.getFirst().run();
        assertThat(told).singleElement().isInstanceOfSatisfying(SystemEvent.ConnectionsRefused.class, rest -> {
            assertThat(rest.address()).isEqualTo("other addresses");
            assertThat(rest.count()).isEqualTo(100_000 - Refusals.MOST_ADDRESSES - Refusals.TOLD);
        });
        assertThat(refusals.toldAlone(AddressBlock.single(new byte[] {10, 0, 0, 1}), InjectionEvent.ReceivingFailure.RATE)).as("a minute later").isTrue();
        assertThat(timer).hasSize(2);
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

    /// A host of IPv6 has a network of its own to come from.
    @Test
    void B_DOS_theAddressesOfAnIpv6NetworkAreOneClient() throws Exception {
        PeerCounts counts = new PeerCounts(1_000);
        for (int i = 1; i <= 4; i++) {
            assertThat(counts.opened(InetAddress.getByName("2001:db8::" + i))).isEqualTo(i);
        }
        InetAddress last = InetAddress.getByName("2001:db8::ffff:1");
        counts.limited(last, 2);
        assertThat(counts.overrun(last, counts.opened(last))).isTrue();
        InetAddress beside = InetAddress.getByName("2001:db8:0:1::1");
        assertThat(counts.opened(beside)).isEqualTo(1);
        counts.closed(InetAddress.getByName("2001:db8::1"));
        assertThat(counts.open(last)).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"256, 128", "1024, 512", "4096, 2096", "65536, 63536", "9223372036854775807, 2147483647"})
    void halfTheDescriptorsOrAllButTwoThousandAreForClients(long descriptors, int room) {
        assertThat(PeerCounts.roomFor(descriptors)).isEqualTo(room);
    }
}
