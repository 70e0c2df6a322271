package org.mailrelay.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.DestinationPolicy.IpPreference;
import org.mailrelay.core.settings.DomainTable;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.SourceSettings;

class SourceRulesTest {

    private static final String FOUR = "192.0.2.8";
    private static final String SIX = "2001:db8::8";

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private static Gateway gateway(String name, String... addresses) {
        return new Gateway(name, Arrays.stream(addresses).map(SourceRulesTest::address).toList(), Optional.empty(), Gateway.Limits.NONE);
    }

    private static CandidateHost host(String address) {
        return new CandidateHost(Optional.of(Domain.of("mx.example.com")), new InetSocketAddress(address(address), 25), 10, Optional.empty(), Optional.empty());
    }

    private static final Domain DOMAIN = Domain.of("example.com");

    @Nested
    class WhichGateway {

        private final Map<String, Gateway> all = Map.of("default", gateway("default"), "address", gateway("address"), "domain", gateway("domain"),
                "suffix", gateway("suffix"), "entry", gateway("entry"), "policy", gateway("policy"), "fallback", gateway("fallback"));

        private final SourceSettings settings = new SourceSettings(all, Map.of("NEWS@MAIL.EXAMPLE", "address"),
                new DomainTable<>(Map.of(Domain.of("mail.example"), "domain"), Map.of(Domain.of("example"), "suffix")),
                new DomainTable<>(Map.of(Domain.of("bank.example"), "entry"), Map.of()), Optional.of("fallback"), Map.of("apps", "policy"));

        private String name(String sender, String policy, String recipient) {
            return settings.gateway(Domain.of(recipient), settings.preferred(ReversePath.of(sender), policy)).name();
        }

        @Test
        void theRecipientDomainsOwnEntryGoesFirst() {
            assertThat(name("news@mail.example", "apps", "bank.example")).isEqualTo("entry");
        }

        @Test
        void thenTheSendersAddressInAnyCaseItsDomainAndTheSuffix() {
            assertThat(name("News@mail.example", "apps", "a.example")).isEqualTo("address");
            assertThat(name("other@mail.example", "apps", "a.example")).isEqualTo("domain");
            assertThat(name("other@www.mail.example", "apps", "a.example")).isEqualTo("suffix");
        }

        @Test
        void thenThePolicyThenTheEntryDefault() {
            assertThat(name("a@elsewhere.test", "apps", "a.example")).isEqualTo("policy");
            assertThat(name("", "apps", "a.example")).isEqualTo("policy");
            assertThat(name("a@elsewhere.test", "other", "a.example")).isEqualTo("fallback");
            assertThat(name("", "", "a.example")).isEqualTo("fallback");
        }

        @Test
        void thenTheGatewayDefaultAndANameThatIsGoneDoesNotCount() {
            assertThat(SourceSettings.NONE.gateway(DOMAIN, Optional.of("gone"))).isEqualTo(Gateway.auto("default"));
        }
    }

    @Test
    void R_MX_10_theSourceIsOfThePeersFamily() {
        Gateway both = gateway("both", FOUR, SIX, "2001:db8::9");
        Set<InetAddress> used = new HashSet<>();
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            assertThat(SourceRules.source(both, address("198.51.100.1"), random)).contains(address(FOUR));
            used.add(SourceRules.source(both, address("2001:db8:1::1"), random).orElseThrow());
        }
        assertThat(used).as("several of one family share the connections").containsExactlyInAnyOrder(address(SIX), address("2001:db8::9"));
        assertThat(SourceRules.source(Gateway.auto("default"), address("198.51.100.1"), new Random(1))).isEmpty();
    }

    @Test
    void R_MX_10_hostsOfAFamilyThatTheGatewayLacksAreLeftOut() {
        DestinationPlan.Ordered plan = new DestinationPlan.Ordered(List.of(host("2001:db8:1::1"), host("198.51.100.1")), List.of());
        assertThat(SourceRules.reachable(plan, DOMAIN, gateway("four", FOUR))).isEqualTo(new DestinationPlan.Ordered(List.of(host("198.51.100.1")),
                List.of("2001:db8:1:0:0:0:0:1 is of a family of which the virtual gateway four has no address")));
        assertThat(SourceRules.reachable(plan, DOMAIN, Gateway.auto("default"))).isEqualTo(plan);
    }

    @Test
    void whereNoneIsLeftTheMailWaits() {
        DestinationPlan.Ordered plan = new DestinationPlan.Ordered(List.of(host("2001:db8:1::1")), List.of());
        assertThat(SourceRules.reachable(plan, DOMAIN, gateway("four", FOUR))).isInstanceOfSatisfying(DestinationPlan.Unroutable.class, gone -> {
            assertThat(gone.permanent()).isFalse();
            assertThat(gone.code()).hasToString("4.4.4");
        });
    }

    @Test
    void thePreferredFamilyIsOneThatTheGatewayHas() {
        for (IpPreference wanted : IpPreference.values()) {
            assertThat(SourceRules.preference(wanted, Gateway.auto("default"))).isEqualTo(wanted);
            assertThat(SourceRules.preference(wanted, gateway("both", FOUR, SIX))).isEqualTo(wanted);
        }
        assertThat(SourceRules.preference(IpPreference.V6_PREFERRED, gateway("four", FOUR))).isEqualTo(IpPreference.V4_PREFERRED);
        assertThat(SourceRules.preference(IpPreference.V4_PREFERRED, gateway("six", SIX))).isEqualTo(IpPreference.V6_PREFERRED);
        assertThat(SourceRules.preference(IpPreference.V6_REQUIRED, gateway("four", FOUR))).isEqualTo(IpPreference.V6_REQUIRED);
    }
}
