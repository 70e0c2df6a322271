package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.testkit.tls.ClientHello;

/// What the first octets of a handshake with a mail host say, taken from the wire.
@Timeout(60)
class ClientHelloTest {

    private static final TlsRule RULE = new TlsRule(TlsLevel.REQUIRED, "conf/destinations.yaml:14", "example.com");
    /// ECDHE with AEAD first, then what older hosts have; 0x00ff only says that renegotiation is the safe one (RFC 5746 §3.3).
    private static final List<Integer> MODERN = List.of(0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9);
    private static final List<Integer> OLD = List.of(0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d, 0x00ff);

    private static ClientHello hello(String host, TlsRequirement requirement) throws Exception {
        CompletableFuture<ClientHello> seen = new CompletableFuture<>();
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress()); SocketBench bench = new SocketBench()) {
            Thread.ofVirtual().start(() -> {
                try (Socket client = server.accept()) {
                    seen.complete(ClientHello.read(client.getInputStream()));
                } catch (IOException broken) {
                    seen.completeExceptionally(broken);
                }
            });
            HostTerms terms = new HostTerms(requirement, RULE, true, false, TlsReason.POLICY_NONE, false);
            bench.run((InetSocketAddress) server.getLocalSocketAddress(), host, terms, Optional.empty(), new RecordingSource(1));
            return seen.get(20, TimeUnit.SECONDS);
        }
    }

    private static ClientHello hello(String host) throws Exception {
        return hello(host, TlsRequirement.of(TlsRequirement.Encryption.ALWAYS));
    }

    /// RFC 9325 §4.1: no NULL, RC4, EXPORT; RFC 9325 §3.3: no compression.
    @Test
    void R_TLS_2_nothingBrokenIsOfferedAndTheBestComesFirst() throws Exception {
        ClientHello hello = hello("mx1.example.com");
        List<Integer> suites = hello.ciphers().stream().filter(number -> !ClientHello.greases(number)).toList();
        assertThat(suites).isNotEmpty().allSatisfy(number -> assertThat(number).as("%04x", number).matches(it -> MODERN.contains(it) || OLD.contains(it)));
        assertThat(suites.subList(0, 3)).allMatch(MODERN::contains);
        assertThat(suites).filteredOn(number -> number >> 8 == 0xc0 || number >> 8 == 0xcc).as("ECDHE before plain RSA").isNotEmpty()
                .allSatisfy(number -> assertThat(suites.indexOf(number)).isLessThan(suites.indexOf(0x002f)));
        assertThat(hello.compressions()).containsExactly(0);
        assertThat(hello.extensions().containsKey(ClientHello.RENEGOTIATION_INFO) || suites.contains(0x00ff)).isTrue();
    }

    @Test
    void R_TLS_1_versionsBelowTwelveAreNotOffered() throws Exception {
        assertThat(hello("mx1.example.com").versions()).containsExactlyInAnyOrder(0x0304, 0x0303);
    }

    /// RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in \"HostName\"."
    @Test
    void R_TLS_3_aNameIsSaidAndAnAddressNever() throws Exception {
        assertThat(hello("mx1.example.com").serverName()).contains("mx1.example.com");
        assertThat(hello("").serverName()).isEmpty();
    }

    /// RFC 7672 §8.1: the client MUST send the TLSA base domain as server name.
    @Test
    void R_DANE_9_theServerNameIsTheTlsaBase() throws Exception {
        Domain base = Domain.of("alias.example.net");
        TlsCheck dane = new TlsCheck.Dane(List.of(new TlsaRecord(3, 1, 1, "ab".repeat(32))), base, List.of(base));
        assertThat(hello("mx1.example.com", new TlsRequirement(TlsRequirement.Encryption.ALWAYS, List.of(dane), List.of())).serverName()).contains("alias.example.net");
    }

    @Test
    void R_TLS_6_nothingIsSentBeforeTheHandshakeIsDone() throws Exception {
        assertThat(hello("mx1.example.com").extensions()).doesNotContainKey(ClientHello.EARLY_DATA);
    }
}
