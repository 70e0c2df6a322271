package org.mailrelay.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.RelaySettings.RefusedRange;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.RouteSettings;

class RouteDecisionsTest {

    private static final Domain OURSELVES = Domain.of("relay.example");

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(AddressText.parse(text).orElseThrow());
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(text, impossible);
        }
    }

    @Test
    void R_MX_3_R_MX_4_orderHoldsForAnyList() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 2_000; round++) {
            List<Mx> found = new ArrayList<>();
            for (int i = random.nextInt(1, 40); i > 0; i--) {
                String target = random.nextInt(30) == 0 ? "relay.example" : random.nextInt(15) == 0 ? "192.0.2.1" : "mx" + i + ".example";
                found.add(Mx.of(random.nextInt(5) * 10, target));
            }
            int ours = found.stream().filter(mx -> mx.text().equals("relay.example")).mapToInt(Mx::preference).min().orElse(Integer.MAX_VALUE);
            MxOrder order = MxOrder.order(found, OURSELVES, random);
            assertThat(order.hosts()).hasSizeLessThanOrEqualTo(MxOrder.MAX_HOSTS).doesNotHaveDuplicates()
                    .isSortedAccordingTo((a, b) -> Integer.compare(a.preference(), b.preference()))
                    .allMatch(mx -> mx.preference() < ours && mx.host().isPresent());
            assertThat(order.behindUs()).isEqualTo(ours != Integer.MAX_VALUE);
        }
    }

    @Test
    void R_MX_3_equalsShareTheFirstPlace() {
        List<Mx> found = List.of(Mx.of(10, "a.example"), Mx.of(10, "b.example"), Mx.of(10, "c.example"));
        SplittableRandom random = new SplittableRandom(3);
        Map<String, Long> first = java.util.stream.IntStream.range(0, 3_000).mapToObj(_ -> MxOrder.order(found, OURSELVES, random).hosts().getFirst().text())
                .collect(Collectors.groupingBy(text -> text, Collectors.counting()));
        assertThat(first.values()).hasSize(3).allMatch(count -> count > 850);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,LOOPBACK", "127.9.9.9,LOOPBACK", "::1,LOOPBACK", "0.0.0.0,UNSPECIFIED", "::,UNSPECIFIED", "169.254.169.254,LINK_LOCAL",
        "fe80::1,LINK_LOCAL", "224.0.0.1,MULTICAST", "255.255.255.255,MULTICAST", "ff02::1,MULTICAST", "10.1.1.1,PRIVATE", "172.31.0.1,PRIVATE",
        "192.168.1.1,PRIVATE", "fd00::1,PRIVATE", "64:ff9b::7f00:1,LOOPBACK", "64:ff9b::a9fe:a9fe,LINK_LOCAL", "2002:7f00:1::1,LOOPBACK", "::7f00:1,LOOPBACK"})
    void R_MX_6_refusesSpecialAddressesInEveryForm(String text, RefusedRange why) {
        AddressRules rules = new AddressRules(EnumSet.allOf(RefusedRange.class), Set.of());
        assertThat(rules.judge(address(text), 25, false)).isEqualTo(new AddressRules.Verdict.Refused(why));
        assertThat(rules.judge(address(text), 25, true)).isEqualTo(new AddressRules.Verdict.Allowed());
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1", "172.32.0.1", "2001:db8::1", "64:ff9b::c000:201"})
    void allowsOrdinaryAddresses(String text) {
        AddressRules rules = new AddressRules(EnumSet.allOf(RefusedRange.class), Set.of());
        assertThat(rules.judge(address(text), 25, false)).isEqualTo(new AddressRules.Verdict.Allowed());
    }

    @Test
    void R_MX_6_refusesOurOwnListenerEvenByRoute() {
        AddressRules rules = new AddressRules(Set.of(RefusedRange.OWN), Set.of(new InetSocketAddress(address("0.0.0.0"), 25)));
        assertThat(rules.judge(address("127.0.0.2"), 25, true)).isEqualTo(new AddressRules.Verdict.Refused(RefusedRange.OWN));
        assertThat(rules.judge(address("127.0.0.2"), 2525, true)).isEqualTo(new AddressRules.Verdict.Allowed());
    }

    @Test
    void keepsTheLastPlaceForTheOtherFamily() {
        List<InetAddress> found = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            found.add(address("2001:db8::" + i));
        }
        found.add(address("192.0.2.1"));
        SplittableRandom random = new SplittableRandom(1);
        assertThat(AddressOrder.order(found, IpPreference.V6_PREFERRED, random)).hasSize(5).endsWith(address("192.0.2.1"));
        assertThat(AddressOrder.order(found, IpPreference.V4_PREFERRED, random)).hasSize(5).startsWith(address("192.0.2.1"));
        assertThat(AddressOrder.order(found, IpPreference.V4_REQUIRED, random)).containsExactly(address("192.0.2.1"));
        assertThat(AddressOrder.order(found, IpPreference.V6_REQUIRED, random)).hasSize(5).doesNotContain(address("192.0.2.1"));
    }

    @Test
    void asksTheSenderBeforeTheDomainBeforeAll() {
        RouteEntry sender = new RouteEntry("news.example", "r:1", new RouteEntry.Target.Discard());
        RouteEntry domain = new RouteEntry("a.example", "r:2", new RouteEntry.Target.UseDns());
        RouteEntry all = new RouteEntry("ALL", "r:3", new RouteEntry.Target.Discard());
        RouteSettings routes = new RouteSettings(new DomainTable<>(Map.of(Domain.of("news.example"), sender), Map.of()),
                new DomainTable<>(Map.of(Domain.of("a.example"), domain), Map.of()), Optional.of(all));
        SplittableRandom random = new SplittableRandom(1);
        Domain a = Domain.of("a.example");
        assertThat(RouteRules.decide(Optional.of(Domain.of("news.example")), a, routes, random)).isEqualTo(new Route.Discard("r:1"));
        assertThat(RouteRules.decide(Optional.empty(), a, routes, random)).isEqualTo(new Route.UseDns(a));
        assertThat(RouteRules.decide(Optional.empty(), Domain.of("b.example"), routes, random)).isEqualTo(new Route.Discard("r:3"));
        assertThat(RouteRules.decide(Optional.empty(), a, RouteSettings.none(), random)).isEqualTo(new Route.UseDns(a));
    }
}
