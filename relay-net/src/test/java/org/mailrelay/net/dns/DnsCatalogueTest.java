package org.mailrelay.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.route.DestinationPlan;
import org.mailrelay.core.route.MxLookup;
import org.mailrelay.core.route.Route;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.RelaySettings.RefusedRange;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.testkit.dns.FakeDns;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/// The rows of the catalogue of DNS attacks that are odd answers rather than failures; the failures are in [DnsTroubleTest].
@Timeout(60)
class DnsCatalogueTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T00:00:00Z"));
    private final FakeDns dns = FakeDns.start();
    private final MailResolver resolver = new MailResolver(new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2)), now::get, (_, _, _, _) -> {});
    private final HostFinder finder = new HostFinder(resolver, HostsFile.none(), new SplittableRandom(7));

    @AfterEach
    void close() throws IOException {
        dns.close();
    }

    private DestinationPlan find(String domain) {
        return finder.find(new Route.UseDns(Domain.of(domain)), new HostFinder.Terms(Domain.of("relay.example"), 25, IpPreference.V6_PREFERRED,
                new AddressRules(Set.of(RefusedRange.LOOPBACK, RefusedRange.UNSPECIFIED, RefusedRange.LINK_LOCAL, RefusedRange.MULTICAST, RefusedRange.OWN), Set.of())));
    }

    private List<String> hostsOf(String domain) {
        assertThat(find(domain)).isInstanceOf(DestinationPlan.Ordered.class);
        return ((DestinationPlan.Ordered) find(domain)).hosts().stream().map(h -> h.hostName().orElseThrow() + " " + h.address().getAddress().getHostAddress()).toList();
    }

    private static Name name(String text) {
        try {
            return Name.fromString(text, Name.root);
        } catch (TextParseException impossible) {
            throw new IllegalArgumentException(text, impossible);
        }
    }

    /// R-DANE-10: FakeDns says AD to everything.
    @Test
    void B_DNS_theServersWordForAuthenticityIsIgnored() {
        dns.record("example.com", "MX", "10 mx.example.com.");
        assertThat(resolver.mx(Domain.of("example.com"))).isInstanceOfSatisfying(MxLookup.Found.class, found -> assertThat(found.origin().state()).isEqualTo(DnssecState.UNVALIDATED));
    }

    /// Label bytes, not text: line ends, spaces, controls, octets beyond ASCII, wildcards.
    @ParameterizedTest
    @ValueSource(strings = {"a\\013\\010QUIT.example.", "mx\\032host.example.", "mx\\000.example.", "m\\252.example.", "*.example.", "mx\\.dot.example.", "-mx.example.", "mx-.example.", "\\027[2J.example."})
    void B_DNS_aTargetThatIsNoHostNameIsNoHost(String target) {
        dns.add(new MXRecord(name("example.com"), DClass.IN, 300, 10, name(target))).record("example.com", "MX", "20 good.example.com.").record("good.example.com", "A", "192.0.2.1");
        assertThat(hostsOf("example.com")).containsExactly("good.example.com 192.0.2.1");
        assertThat(dns.asked()).noneMatch(question -> question.contains("QUIT"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mx_1.example.com", "_mx.example.com", "1mx.example.com", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e.f.g.h.i.j.k.l.com"})
    void B_DNS_unusualNamesAreHosts(String host) {
        dns.record("example.com", "MX", "10 " + host + ".").record(host, "A", "192.0.2.1");
        assertThat(hostsOf("example.com")).containsExactly(host + " 192.0.2.1");
    }

    @Test
    void B_DNS_aNameOf255OctetsIsAHost() {
        String host = "a".repeat(63) + "." + "b".repeat(63) + "." + "c".repeat(63) + "." + "d".repeat(61);
        assertThat(host).hasSize(Domain.MAX_LENGTH);
        dns.record("example.com", "MX", "10 " + host + ".").record(host, "A", "192.0.2.1");
        assertThat(hostsOf("example.com")).containsExactly(host + " 192.0.2.1");
    }

    @ParameterizedTest
    @CsvSource({"0, 65535", "0, 0", "65535, 65535"})
    void B_DNS_preferencesAtTheirEndsAndAllAlike(int first, int second) {
        dns.record("example.com", "MX", first + " one.example.com.").record("example.com", "MX", second + " two.example.com.").record("one.example.com", "A", "192.0.2.1").record("two.example.com", "AAAA", "2001:db8::2");
        assertThat(hostsOf("example.com")).containsExactlyInAnyOrder("one.example.com 192.0.2.1", "two.example.com 2001:db8:0:0:0:0:0:2");
    }

    @Test
    void B_DNS_answersInAnotherCaseAreTheSame() {
        dns.add(new MXRecord(name("ExAmPlE.cOm"), DClass.IN, 300, 10, name("MX.eXample.COM"))).record("mX.ExamplE.com", "A", "192.0.2.1");
        assertThat(hostsOf("example.com")).containsExactly("mx.example.com 192.0.2.1");
    }

    @Test
    void B_DNS_anAnswerOfNoTimeIsAskedAgainAndOneOfAllTimeIsNotKeptForEver() throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
        dns.add(new ARecord(name("none.example"), DClass.IN, 0, address)).add(new ARecord(name("ever.example"), DClass.IN, Integer.MAX_VALUE, address));
        for (String host : List.of("none.example", "ever.example")) {
            resolver.addresses(Domain.of(host));
            resolver.addresses(Domain.of(host));
        }
        assertThat(dns.asked().stream().filter("none.example A udp"::equals)).hasSize(2);
        assertThat(dns.asked().stream().filter("ever.example A udp"::equals)).hasSize(1);
        now.updateAndGet(t -> t.plus(Duration.ofHours(2)));
        resolver.addresses(Domain.of("ever.example"));
        assertThat(dns.asked().stream().filter("ever.example A udp"::equals)).hasSize(2);
    }

    /// The name has no meaning of its own: DNS is asked, the hosts file never, and where that leads to this machine the host is refused.
    @Test
    void B_DNS_localhostAsAnMxIsAskedOfDnsAloneAndRefused() {
        HostFinder withFile = new HostFinder(resolver, HostsFile.parse("198.51.100.1 localhost"), new SplittableRandom(7));
        dns.record("example.com", "MX", "10 localhost.").record("localhost", "A", "127.0.0.1").record("localhost", "AAAA", "::1");
        assertThat(withFile.find(new Route.UseDns(Domain.of("example.com")), new HostFinder.Terms(Domain.of("relay.example"), 25, IpPreference.V6_PREFERRED,
                new AddressRules(Set.of(RefusedRange.LOOPBACK), Set.of())))).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, gone -> assertThat(gone.words()).contains("refused: LOOPBACK"));
        assertThat(dns.asked()).contains("localhost A udp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1"})
    void B_DNS_aPrivateAddressIsRefusedWhereTheOperatorSaysSo(String address) {
        dns.record("example.com", "MX", "10 mx.example.com.").record("mx.example.com", "A", address);
        DestinationPlan strict = finder.find(new Route.UseDns(Domain.of("example.com")), new HostFinder.Terms(Domain.of("relay.example"), 25, IpPreference.V6_PREFERRED,
                new AddressRules(Set.of(RefusedRange.PRIVATE), Set.of())));
        assertThat(strict).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, gone -> assertThat(gone.words()).contains("refused: PRIVATE"));
        assertThat(hostsOf("example.com")).containsExactly("mx.example.com " + address);
    }

    /// R-MX-6: judged on every attempt.
    @Test
    void B_DNS_anAddressThatTurnsToOurOwnMachineIsRefusedThen() {
        dns.record("example.com", "MX", "10 mx.example.com.").record("mx.example.com", "A", "192.0.2.1");
        assertThat(hostsOf("example.com")).hasSize(1);
        dns.forget("mx.example.com").record("mx.example.com", "A", "127.0.0.1");
        now.updateAndGet(t -> t.plus(Duration.ofHours(2)));
        assertThat(find("example.com")).isInstanceOf(DestinationPlan.Unroutable.class);
    }
}
