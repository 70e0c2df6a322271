package org.mailrelay.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.route.DestinationPlan;
import org.mailrelay.core.route.FailedLookup;
import org.mailrelay.core.route.Route;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.RelaySettings.RefusedRange;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.testkit.dns.FakeDns;

class HostFinderTest {

    private final FakeDns dns = FakeDns.start();
    private final MailResolver resolver = new MailResolver(new RelaySettings.Dns(List.of(dns.address()), Duration.ofMillis(300)),
            InstantSource.system(), (_, _, _, _) -> {});
    private final AddressRules rules = new AddressRules(
            Set.of(RefusedRange.LOOPBACK, RefusedRange.UNSPECIFIED, RefusedRange.LINK_LOCAL, RefusedRange.MULTICAST, RefusedRange.OWN),
            Set.of(new InetSocketAddress(address("192.0.2.99"), 25)));
    private final HostFinder finder = new HostFinder(resolver, HostsFile.parse("127.0.0.1 localhost # us\n10.1.1.1\tinside.example\n"), new SplittableRandom(7));

    @AfterEach
    void close() throws IOException {
        dns.close();
    }

    private static InetAddress address(String literal) {
        return HostsFile.addressOf(literal).orElseThrow();
    }

    private DestinationPlan find(String domain) {
        return finder.find(new Route.UseDns(Domain.of(domain)), terms());
    }

    private HostFinder.Terms terms() {
        return new HostFinder.Terms(Domain.of("relay.example"), 25, IpPreference.V6_PREFERRED, rules);
    }

    private static List<String> addressesOf(DestinationPlan plan) {
        assertThat(plan).isInstanceOf(DestinationPlan.Ordered.class);
        return ((DestinationPlan.Ordered) plan).hosts().stream().map(h -> h.address().getAddress().getHostAddress()).toList();
    }

    private static void assertUnroutable(DestinationPlan plan, String code, String words) {
        assertThat(plan).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, u -> {
            assertThat(u.code().statusClass() + "." + u.code().subject() + "." + u.code().detail()).isEqualTo(code);
            assertThat(u.words()).contains(words);
        });
    }

    @Test
    void R_MX_3_ordersByPreferenceAndFamily() {
        dns.record("a.example", "MX", "20 mx2.a.example.").record("a.example", "MX", "10 mx1.a.example.")
                .record("mx1.a.example", "A", "192.0.2.1").record("mx1.a.example", "AAAA", "2001:db8::1").record("mx2.a.example", "A", "192.0.2.2");
        assertThat(addressesOf(find("a.example"))).containsExactly("2001:db8:0:0:0:0:0:1", "192.0.2.1", "192.0.2.2");
    }

    @Test
    void R_MX_1_withoutMxTheDomainItselfIsTheHost() {
        dns.record("a.example", "A", "192.0.2.1");
        assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.1");
    }

    @Test
    void R_MX_1_neverFallsBackToTheDomainsAddressWhereMxExists() {
        dns.record("a.example", "A", "192.0.2.1").record("a.example", "MX", "10 gone.example.");
        assertUnroutable(find("a.example"), "5.4.4", "gone.example does not exist");
    }

    @Test
    void R_MX_2_nxDomainBounces() {
        assertUnroutable(find("example.invalid"), "5.1.2", "DNS Hard Error looking up example.invalid (MX):  NXDomain");
    }

    @Test
    void R_MX_2_noDataForBothBounces() {
        dns.record("a.example", "TXT", "x");
        assertUnroutable(find("a.example"), "5.1.2", "NoData");
    }

    @Test
    void R_MX_2_serverFailureIsTemporary() {
        dns.fault("a.example", "MX", FakeDns.Fault.SERVFAIL);
        assertUnroutable(find("a.example"), "4.4.3", "DNS Temporary Failure a.example MX - ServFail");
        assertThat(((DestinationPlan.Unroutable) find("a.example")).lookup()).contains(new FailedLookup(Domain.of("a.example"), "MX", "ServFail"));
    }

    @Test
    void R_MX_2_silenceIsTemporary() {
        dns.fault("a.example", "MX", FakeDns.Fault.SILENCE);
        assertUnroutable(find("a.example"), "4.4.3", "Timeout");
    }

    @Test
    void R_MX_9_shortRdataIsTemporaryAndBreaksNothing() {
        dns.fault("a.example", "MX", FakeDns.Fault.SHORT_RDATA);
        assertThat(find("a.example")).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, u -> assertThat(u.permanent()).isFalse());
    }

    @Test
    void R_NMX_1_nullMxBouncesAtOnce() {
        dns.record("a.example", "MX", "0 .").record("a.example", "A", "192.0.2.1");
        assertUnroutable(find("a.example"), "5.1.10", "NullMX");
    }

    @Test
    void ignoresRootTargetBesideOthers() {
        dns.record("a.example", "MX", "0 .").record("a.example", "MX", "10 mx.a.example.").record("mx.a.example", "A", "192.0.2.1");
        assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.1");
    }

    @Test
    void R_MX_4_ourNameEndsTheList() {
        dns.record("a.example", "MX", "10 relay.example.").record("a.example", "MX", "20 mx.a.example.").record("mx.a.example", "A", "192.0.2.1");
        assertUnroutable(find("a.example"), "5.4.6", "loops back to myself");
    }

    @Test
    void R_MX_4_ourAddressEndsTheListAtItsPreference() {
        dns.record("a.example", "MX", "5 first.example.").record("a.example", "MX", "10 us.example.").record("a.example", "MX", "20 last.example.")
                .record("first.example", "A", "192.0.2.1").record("us.example", "A", "192.0.2.99").record("last.example", "A", "192.0.2.2");
        assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.1");
    }

    @Test
    void R_MX_5_followsAliasesOfDomainAndHost() {
        dns.record("a.example", "CNAME", "b.example.").record("b.example", "MX", "10 mx.b.example.")
                .record("mx.b.example", "CNAME", "real.example.").record("real.example", "A", "192.0.2.1");
        assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.1");
    }

    @Test
    void R_MX_5_aliasLoopIsTemporary() {
        dns.record("a.example", "CNAME", "b.example.").record("b.example", "CNAME", "a.example.");
        assertUnroutable(find("a.example"), "4.4.3", "CNAME loop");
    }

    @Test
    void R_MX_5_addressInTextIsNoHost() {
        dns.record("a.example", "MX", "10 192.0.2.1.");
        assertUnroutable(find("a.example"), "5.4.4", "no MX is a host name");
    }

    @Test
    void R_MX_6_refusesLoopbackInEveryDress() {
        dns.record("a.example", "MX", "10 mx.a.example.").record("mx.a.example", "A", "127.0.0.1").record("mx.a.example", "A", "169.254.169.254")
                .record("mx.a.example", "AAAA", "::1").record("mx.a.example", "AAAA", "64:ff9b::7f00:1").record("mx.a.example", "A", "0.0.0.0");
        assertUnroutable(find("a.example"), "5.4.4", "refused: LOOPBACK");
    }

    @Test
    void repeatsTruncatedAnswerOverTcp() {
        dns.record("a.example", "MX", "10 mx.a.example.").record("mx.a.example", "A", "192.0.2.1").fault("a.example", "MX", FakeDns.Fault.TRUNCATED);
        assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.1");
        assertThat(dns.asked()).contains("a.example MX tcp");
    }

    @Test
    void usesTheHostsThatAnswerWhenAnothersLookupFails() {
        dns.record("a.example", "MX", "10 mx1.example.").record("a.example", "MX", "20 mx2.example.").record("mx2.example", "A", "192.0.2.2")
                .fault("mx1.example", "A", FakeDns.Fault.SERVFAIL).fault("mx1.example", "AAAA", FakeDns.Fault.SERVFAIL);
        assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.2");
    }

    @Test
    void asksEachQuestionOnceWhileItsAnswerHolds() {
        dns.record("a.example", "A", "192.0.2.1");
        find("a.example");
        find("a.example");
        assertThat(dns.asked()).containsExactlyInAnyOrder("a.example MX udp", "a.example AAAA udp", "a.example A udp");
    }

    @Test
    void routeHostOfTheHostsFileIsTakenFromThere() {
        assertThat(addressesOf(finder.find(route("localhost"), terms()))).containsExactly("127.0.0.1");
        assertThat(dns.asked()).isEmpty();
    }

    @Test
    void unknownRouteHostNeverBounces() {
        assertUnroutable(finder.find(route("gone.example"), terms()), "4.4.4", "gone.example does not exist");
    }

    private static Route.Hosts route(String name) {
        return new Route.Hosts(List.of(new RouteEntry.Host(new RouteEntry.Name.Named(Domain.of(name)), 2525, 0, true, false, Optional.empty(), Optional.empty())), "conf/routes.yaml:1");
    }

    @Test
    void verifiesPeersNameOnlyWhenItLeadsBack() {
        dns.record("1.2.0.192.in-addr.arpa", "PTR", "app1.example.").record("app1.example", "A", "192.0.2.1")
                .record("2.2.0.192.in-addr.arpa", "PTR", "app1.example.");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ReverseLookup reverse = new ReverseLookup(resolver, threads, Duration.ofSeconds(5));
            assertThat(reverse.verify(address("192.0.2.1")).join()).isEqualTo(new ReverseName.Named(Domain.of("app1.example"), true));
            assertThat(reverse.verify(address("192.0.2.2")).join()).isEqualTo(new ReverseName.Named(Domain.of("app1.example"), false));
            assertThat(reverse.verify(address("192.0.2.3")).join()).isEqualTo(new ReverseName.Nameless());
        }
    }
}
