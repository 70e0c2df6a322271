package org.mailrelay.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;

class AccessRulesTest {

    private static final SenderGroup RELAYLIST = group("RELAYLIST", Access.RELAY, block("10.1.1.0/24"), host("app.example.com"), below("trusted.example"));
    private static final SenderGroup BLACKLIST = group("BLACKLIST", Access.REJECT, block("10.0.0.0/8"));
    private static final SenderGroup EVERYONE = group("ALL", Access.ACCEPT, new PeerPattern.Everyone("ALL"));

    @Test
    void firstMatchWins() {
        assertThat(decide("10.1.1.9", null, RELAYLIST, BLACKLIST)).isInstanceOf(AccessDecision.Relay.class);
        assertThat(decide("10.1.1.9", null, BLACKLIST, RELAYLIST)).isEqualTo(new AccessDecision.Reject("BLACKLIST", "10.0.0.0/8"));
        assertThat(decide("192.0.2.1", null, RELAYLIST, BLACKLIST, EVERYONE)).isEqualTo(new AccessDecision.Accept("ALL", "ALL", EVERYONE.policy()));
    }

    @Test
    void noMatchIsRejected() {
        assertThat(decide("192.0.2.1", null, RELAYLIST)).isEqualTo(new AccessDecision.Reject("none", "none"));
        assertThat(decide("192.0.2.1", null)).isInstanceOf(AccessDecision.Reject.class);
    }

    @Test
    void continueGoesOnToTheNextGroup() {
        SenderGroup noted = group("NOTED", Access.CONTINUE, new PeerPattern.Everyone("ALL"));
        assertThat(decide("10.1.1.9", null, noted, RELAYLIST)).isEqualTo(new AccessDecision.Relay("RELAYLIST", "10.1.1.0/24", RELAYLIST.policy()));
        assertThat(decide("10.1.1.9", null, noted)).isInstanceOf(AccessDecision.Reject.class);
    }

    @Test
    void tcpRefuseIsItsOwnDecision() {
        SenderGroup closed = group("CLOSED", Access.TCPREFUSE, new PeerPattern.Everyone("ALL"));
        assertThat(decide("192.0.2.1", null, closed)).isEqualTo(new AccessDecision.TcpRefuse("CLOSED", "ALL"));
    }

    @Test
    void hostNameMatchesWholeAndSuffixMatchesBelowOnly() {
        assertThat(decide("192.0.2.1", "app.example.com", RELAYLIST)).isEqualTo(new AccessDecision.Relay("RELAYLIST", "app.example.com", RELAYLIST.policy()));
        assertThat(decide("192.0.2.1", "a.trusted.example", RELAYLIST)).isEqualTo(new AccessDecision.Relay("RELAYLIST", ".trusted.example", RELAYLIST.policy()));
        for (String name : List.of("trusted.example", "untrusted.example", "app.example.com.evil.example", "xapp.example.com", "b.app.example.com")) {
            assertThat(decide("192.0.2.1", name, RELAYLIST)).as(name).isInstanceOf(AccessDecision.Reject.class);
        }
    }

    @Test
    void mappedFormOfAnAddressGetsWhatTheAddressGets() {
        assertThat(decide("::ffff:10.1.1.9", null, RELAYLIST)).isInstanceOf(AccessDecision.Relay.class);
        assertThat(decide("::10.1.1.9", null, RELAYLIST)).isInstanceOf(AccessDecision.Reject.class);
    }

    private static AccessDecision decide(String peer, @org.jspecify.annotations.Nullable String name, SenderGroup... groups) {
        return AccessRules.decide(PeerFacts.of("test", AddressText.parse(peer).orElseThrow(), Optional.ofNullable(name).map(Domain::of)), List.of(groups));
    }

    private static SenderGroup group(String name, Access access, PeerPattern... patterns) {
        return new SenderGroup(name, List.of(patterns), MailFlowPolicy.of(name, access), "access.yaml:1");
    }

    private static PeerPattern block(String text) {
        return new PeerPattern.Block(AddressBlock.parse(text).orElseThrow(), text);
    }

    private static PeerPattern host(String text) {
        return new PeerPattern.Host(Domain.of(text), text);
    }

    private static PeerPattern below(String parent) {
        return new PeerPattern.Below(Domain.of(parent), "." + parent);
    }
}
