package org.mailrelay.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.route.DestinationPlan;
import org.mailrelay.core.route.Route;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.RelaySettings.RefusedRange;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.dns.FakeDns.Fault;

/// DNS as it is on bad days, and as an attacker would have it.
@Timeout(60)
class DnsTroubleTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T00:00:00Z"));
    private final FakeDns dns = FakeDns.start();
    private final HostFinder finder = finder(List.of(dns.address()));

    @AfterEach
    void close() throws IOException {
        dns.close();
    }

    private HostFinder finder(List<InetSocketAddress> servers) {
        return new HostFinder(new MailResolver(new RelaySettings.Dns(servers, Duration.ofMillis(300)), now::get, (_, _, _, _) -> {}), HostsFile.none(), new SplittableRandom(7));
    }

    private DestinationPlan find(String domain) {
        return find(finder, domain, IpPreference.V6_PREFERRED);
    }

    private static DestinationPlan find(HostFinder finder, String domain, IpPreference ip) {
        AddressRules rules = new AddressRules(Set.of(RefusedRange.LOOPBACK, RefusedRange.UNSPECIFIED, RefusedRange.LINK_LOCAL, RefusedRange.MULTICAST, RefusedRange.OWN),
                Set.of(new InetSocketAddress(address("192.0.2.99"), 25)));
        return finder.find(new Route.UseDns(Domain.of(domain)), new HostFinder.Terms(Domain.of("relay.example"), 25, ip, rules));
    }

    private static InetAddress address(String literal) {
        return HostsFile.addressOf(literal).orElseThrow();
    }

    private static List<String> addressesOf(DestinationPlan plan) {
        assertThat(plan).isInstanceOf(DestinationPlan.Ordered.class);
        return ((DestinationPlan.Ordered) plan).hosts().stream().map(h -> h.address().getAddress().getHostAddress()).toList();
    }

    private static void assertUnroutable(DestinationPlan plan, String code, String words) {
        assertThat(plan).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, u -> {
            assertThat(u.code().toString()).isEqualTo(code);
            assertThat(u.words()).contains(words);
        });
    }

    private void aliases(int count) {
        for (int i = 0; i < count; i++) {
            dns.record("a" + i + ".example", "CNAME", "a" + (i + 1) + ".example.");
        }
        dns.record("a" + count + ".example", "A", "192.0.2.1");
    }

    @Nested
    class Aliases {
        @Test
        void R_MX_5_tenAreFollowed() {
            aliases(10);
            assertThat(addressesOf(find("a0.example"))).containsExactly("192.0.2.1");
        }

        @Test
        void R_MX_5_moreAreALoop() {
            aliases(11);
            assertUnroutable(find("a0.example"), "4.4.3", "CNAME loop");
        }

        @Test
        void R_MX_5_aHostThatIsItsOwnAliasLeavesTheOthersUsable() {
            dns.record("a.example", "MX", "10 mx1.example.").record("a.example", "MX", "20 mx2.example.")
                    .record("mx1.example", "CNAME", "mx1.example.").record("mx2.example", "A", "192.0.2.2");
            assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.2");
        }

        @Test
        void R_MX_5_theOnlyHostBeingALoopIsTemporary() {
            dns.record("a.example", "MX", "10 mx1.example.").record("mx1.example", "CNAME", "mx2.example.").record("mx2.example", "CNAME", "mx1.example.");
            assertUnroutable(find("a.example"), "4.4.3", "CNAME loop");
        }

        @Test
        void R_MX_5_anAliasThatLeadsNowhereIsNoHost() {
            dns.record("a.example", "MX", "10 mx1.example.").record("mx1.example", "CNAME", "gone.example.");
            assertUnroutable(find("a.example"), "5.4.4", "mx1.example does not exist");
        }
    }

    @Nested
    class TheImplicitMx {
        /// RFC 5321 §5.1: only where there is no MX record; a lookup that fails says nothing of that.
        @ParameterizedTest
        @EnumSource(value = Fault.class, names = {"SERVFAIL", "REFUSED", "SILENCE", "SHORT_RDATA", "GARBAGE", "FOREIGN_ID", "TRUNCATED_FOR_EVER"})
        void R_MX_1_isNotTakenWhenTheMxLookupFails(Fault fault) {
            dns.record("a.example", "A", "192.0.2.1").fault("a.example", "MX", fault);
            assertThat(find("a.example")).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, u -> assertThat(u.code().toString()).isEqualTo("4.4.3"));
            assertThat(dns.asked()).noneMatch(question -> question.startsWith("a.example A"));
        }

        @Test
        void R_MX_2_isNotLookedForWhereTheDomainDoesNotExist() {
            assertUnroutable(find("gone.example"), "5.1.2", "NXDomain");
            assertThat(dns.asked()).containsExactly("gone.example MX udp");
        }

        @Test
        void R_MX_2_whoseAddressLookupFailsIsTemporary() {
            dns.record("a.example", "TXT", "x").fault("a.example", "A", Fault.SERVFAIL);
            assertUnroutable(find("a.example"), "4.4.3", "DNS Temporary Failure a.example A - ServFail");
        }

        @Test
        void R_NMX_1_isNotLookedForBehindANullMxOfAnyPreference() {
            dns.record("a.example", "MX", "10 .").record("a.example", "A", "192.0.2.1");
            assertUnroutable(find("a.example"), "5.1.10", "NullMX");
            assertThat(dns.asked()).containsExactly("a.example MX udp");
        }
    }

    @Nested
    class Addresses {
        @ParameterizedTest
        @EnumSource(value = Fault.class, names = {"SERVFAIL", "REFUSED", "SILENCE", "GARBAGE", "SHORT_RDATA", "TRUNCATED_FOR_EVER"})
        void B_DNS_oneFamilysFailureLeavesTheOthersAddresses(Fault fault) {
            dns.record("a.example", "MX", "10 mx.example.").record("mx.example", "A", "192.0.2.1").fault("mx.example", "AAAA", fault);
            assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.1");
        }

        @Test
        void noAddressAndAFailureIsTemporary() {
            dns.record("a.example", "MX", "10 mx.example.").record("mx.example", "TXT", "x").fault("mx.example", "AAAA", Fault.SERVFAIL);
            assertUnroutable(find("a.example"), "4.4.3", "ServFail");
        }

        @ParameterizedTest
        @CsvSource({"V6_PREFERRED, 2001:db8:0:0:0:0:0:1 192.0.2.1", "V4_PREFERRED, 192.0.2.1 2001:db8:0:0:0:0:0:1", "V6_REQUIRED, 2001:db8:0:0:0:0:0:1", "V4_REQUIRED, 192.0.2.1"})
        void R_MX_3_comeByThePreference(IpPreference preference, String addresses) {
            dns.record("a.example", "MX", "10 mx.example.").record("mx.example", "A", "192.0.2.1").record("mx.example", "AAAA", "2001:db8::1");
            assertThat(addressesOf(find(finder, "a.example", preference))).containsExactly(addresses.split(" "));
        }

        @Test
        void R_MX_3_ofTheWrongFamilyAloneAreNoHost() {
            dns.record("a.example", "MX", "10 mx.example.").record("mx.example", "AAAA", "2001:db8::1");
            assertUnroutable(find(finder, "a.example", IpPreference.V4_REQUIRED), "5.4.4", "no address of the required family");
        }

        @ParameterizedTest
        @CsvSource({"A, 127.0.0.1", "A, 0.0.0.0", "A, 169.254.1.1", "A, 224.0.0.1", "A, 255.255.255.255", "AAAA, ::1", "AAAA, ::", "AAAA, fe80::1", "AAAA, ff02::1",
            "AAAA, ::ffff:127.0.0.1", "AAAA, 2002:7f00:1::"})
        void R_MX_6_thatAreRefusedNeverBecomeHostsAndOthersStay(String type, String refused) {
            dns.record("a.example", "MX", "10 mx.example.").record("mx.example", "A", "192.0.2.1").record("mx.example", type, refused);
            assertThat(addressesOf(find("a.example"))).containsExactly("192.0.2.1");
        }

        @Test
        void R_MX_4_thatAreOurOwnAreALoop() {
            dns.record("a.example", "MX", "10 mx.example.").record("mx.example", "A", "192.0.2.99");
            assertUnroutable(find("a.example"), "5.4.6", "loops back to myself");
        }

        @Test
        void R_MX_4_ourNameIsKnownInAnyCase() {
            dns.record("a.example", "MX", "10 RELAY.Example.").record("relay.example", "A", "192.0.2.5");
            assertUnroutable(find("a.example"), "5.4.6", "loops back to myself");
        }
    }

    @Nested
    class AnswersThatAreNotOurs {
        @Test
        void B_DNS_anAnswerUnderAnotherIdIsNotUsed() {
            dns.record("a.example", "MX", "10 evil.example.").record("evil.example", "A", "198.51.100.1").fault("a.example", "MX", Fault.FOREIGN_ID);
            assertThat(find("a.example")).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, u -> assertThat(u.permanent()).isFalse());
        }

        @Test
        void B_DNS_anAnswerToAnotherQuestionIsNotUsed() {
            dns.record(FakeDns.FOREIGN, "MX", "10 evil.example.").record("evil.example", "A", "198.51.100.1").fault("a.example", "MX", Fault.FOREIGN_QUESTION);
            assertThat(find("a.example")).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, u -> assertThat(u.permanent()).isFalse());
        }

        @Test
        void B_DNS_octetsThatAreNoMessageAreTemporary() {
            dns.fault("a.example", "MX", Fault.GARBAGE);
            assertThat(find("a.example")).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, u -> assertThat(u.permanent()).isFalse());
        }
    }

    @Nested
    class HugeAnswers {
        @Test
        void B_DNS_fifteenHundredMxOverTcpGiveTwentyHosts() {
            for (int i = 0; i < 1_500; i++) {
                dns.record("a.example", "MX", i + " mx" + i + ".example.");
                if (i < 40) {
                    dns.record("mx" + i + ".example", "A", "192.0.2." + (i + 1));
                }
            }
            assertThat(addressesOf(find("a.example"))).hasSizeLessThanOrEqualTo(20).isNotEmpty();
            assertThat(dns.asked()).contains("a.example MX tcp").hasSizeLessThanOrEqualTo(2 + 2 * 20);
        }

        @Test
        void R_MX_3_threeHundredAddressesGiveFive() {
            dns.record("a.example", "MX", "10 mx.example.");
            for (int i = 0; i < 300; i++) {
                dns.record("mx.example", "A", "198.51." + (i / 250) + "." + (i % 250 + 1));
            }
            assertThat(addressesOf(find("a.example"))).hasSize(5);
        }
    }

    @Nested
    class Servers {
        @ParameterizedTest
        @EnumSource(value = Fault.class, names = {"SERVFAIL", "REFUSED", "SILENCE", "GARBAGE"})
        void theSecondIsAskedWhereTheFirstGivesNoAnswer(Fault fault) throws IOException {
            dns.fault("a.example", "MX", fault);
            try (FakeDns second = FakeDns.start()) {
                second.record("a.example", "MX", "10 mx.example.");
                dns.record("mx.example", "A", "192.0.2.1");
                assertThat(addressesOf(find(finder(List.of(dns.address(), second.address())), "a.example", IpPreference.V6_PREFERRED))).containsExactly("192.0.2.1");
            }
        }

        @Test
        void aDenialOfTheFirstIsAnAnswer() throws IOException {
            try (FakeDns second = FakeDns.start()) {
                second.record("a.example", "A", "192.0.2.1");
                assertUnroutable(find(finder(List.of(dns.address(), second.address())), "a.example", IpPreference.V6_PREFERRED), "5.1.2", "NXDomain");
                assertThat(second.asked()).isEmpty();
            }
        }
    }

    @Nested
    class TheCache {
        @Test
        void aFailureIsAskedAgainAfterTwoSeconds() {
            dns.fault("a.example", "MX", Fault.SERVFAIL);
            find("a.example");
            find("a.example");
            assertThat(dns.asked()).hasSize(1);
            now.set(now.get().plusSeconds(2));
            find("a.example");
            assertThat(dns.asked()).hasSize(2);
        }

        @Test
        void anAnswerIsAskedAgainWhenItsTimeIsOver() {
            dns.record("a.example", "MX", "10 mx.example.").record("mx.example", "A", "192.0.2.1");
            find("a.example");
            now.set(now.get().plusSeconds(299));
            find("a.example");
            assertThat(dns.asked()).filteredOn("a.example MX udp"::equals).hasSize(1);
            now.set(now.get().plusSeconds(1));
            find("a.example");
            assertThat(dns.asked()).filteredOn("a.example MX udp"::equals).hasSize(2);
        }

        @Test
        void aClockThatIsSetBackEndsWhatIsKept() {
            dns.record("a.example", "MX", "10 mx.example.").record("mx.example", "A", "192.0.2.1");
            now.set(now.get().plus(Duration.ofDays(365)));
            find("a.example");
            now.set(now.get().minus(Duration.ofDays(365)));
            find("a.example");
            assertThat(dns.asked()).filteredOn("a.example MX udp"::equals).hasSize(2);
        }

        /// RFC 2308 §5: as long as the SOA says.
        @Test
        void aDenialIsKeptAsLongAsTheZoneSays() {
            find("gone.example");
            now.set(now.get().plusSeconds(59));
            find("gone.example");
            assertThat(dns.asked()).hasSize(1);
            now.set(now.get().plusSeconds(1));
            find("gone.example");
            assertThat(dns.asked()).hasSize(2);
        }
    }
}
