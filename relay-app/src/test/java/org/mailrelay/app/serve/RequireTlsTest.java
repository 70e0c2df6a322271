package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.dns.SignedZones;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// RFC 8689 from a client's MAIL to the next hop's, over sockets, through the spool of a whole relay: what each clause stops, and what it lets through.
/// `signed.example` is a signed zone, `plain.example` is not; both have `mx1` before `mx2`.
@Timeout(120)
class RequireTlsTest {

    private static final Instant NOW = Instant.now();
    private static final TestCa CA = new TestCa(NOW);
    private static final Map<String, Effect> OFFERS = Map.of("EHLO-TLS", new Effect.Say("250-mx.test\r\n250-REQUIRETLS\r\n250-DSN\r\n250 8BITMIME\r\n"));
    private static final Map<String, Effect> OFFERS_NOT = Map.of();

    @TempDir
    Path folder;
    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeMx mx1;
    private FakeMx mx2;
    private FakeMx home;
    private FakeDns dns;
    private TestRelay relay;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private void hosts(TestCa.Identity first, Map<String, Effect> firsts, TestCa.Identity second, Map<String, Effect> seconds) throws IOException {
        mx1 = host(first, firsts, 1, 0);
        mx2 = host(second, seconds, 2, mx1.address().getPort());
        home = host(CA.good("home.signed.example"), OFFERS, 3, mx1.address().getPort());
        SignedZones zones = new SignedZones(NOW).zone("signed.example.").unsigned("plain.example.");
        dns = FakeDns.start(zones);
        open.add(dns);
        for (String domain : List.of("signed.example", "plain.example")) {
            dns.record(domain, "MX", "10 mx1." + domain + ".").record(domain, "MX", "20 mx2." + domain + ".").record("mx1." + domain, "A", "127.0.1.1").record("mx2." + domain, "A", "127.0.2.1");
        }
        dns.record("sender.signed.example", "MX", "10 home.signed.example.").record("home.signed.example", "A", "127.0.3.1");
        Files.writeString(folder.resolve("anchor"), zones.anchor());
    }

    private FakeMx host(TestCa.Identity identity, Map<String, Effect> effects, int network, int port) throws IOException {
        FakeMx host = new FakeMx(new FakeMx.Script(Optional.of(identity), effects), InetAddress.getByAddress(new byte[] {127, 0, (byte) network, 1}), port);
        open.add(host);
        return host;
    }

    private void start(String destinations) throws IOException {
        CA.write(folder);
        CA.good("relay.example.net").write(folder, "relay");
        relay = TestRelay.start(TestRelay.conf(folder, """
                hostname: relay.example.net
                listeners: [{name: private, address: 127.0.0.1:0, tls: {certificate: relay.pem, key: relay.key}}]
                delivery: {port: %d, refuse_addresses: [], trust: {system: false, files: [ca.pem]}}
                dns: {servers: [127.0.0.1], port: %d, timeout: 2s, trust_anchors: anchor}
                dane: {canaries: [.], when_validation_is_broken: defer}
                metrics: {address: 127.0.0.1:0}
                """.formatted(mx1.address().getPort(), dns.address().getPort()), destinations, "routes: {}\n", TestRelay.accessForLoopback()));
        open.add(relay);
    }

    private void start() throws IOException {
        start("default: {tls: preferred, dane: opportunistic, mta_sts: honour}\n");
    }

    /// A policy that was fetched before and holds still.
    private void mtaSts(String domain, String mode) throws Exception {
        Path policies = Files.createDirectories(folder.resolve("spool/policies"));
        String text = "mailrelay mta-sts 1\ndomain " + domain + "\nid 20261124\nfetched " + NOW + "\nmode " + mode + "\nmax_age 604800\nmx mx1." + domain + "\nmx mx2." + domain + "\n";
        Files.writeString(policies.resolve(sha256(domain).substring(0, 40) + ".sts"), text + "sum " + sha256(text) + "\n");
    }

    private static String sha256(String text) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /// Inside TLS, as RFC 8689 §4.1 asks.
    private void send(String to, String parameters, String fields) throws Exception {
        InetSocketAddress listener = relay.address();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (Socket socket = new Socket(listener.getAddress(), listener.getPort())) {
            BufferedReader plain = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            reply(plain);
            say(socket.getOutputStream(), "EHLO app.example.net");
            assertThat(reply(plain)).contains("STARTTLS").doesNotContain("REQUIRETLS");
            say(socket.getOutputStream(), "STARTTLS");
            reply(plain);
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, "relay.example.net", listener.getPort(), true);
            BufferedReader in = new BufferedReader(new InputStreamReader(tls.getInputStream(), StandardCharsets.US_ASCII));
            say(tls.getOutputStream(), "EHLO app.example.net");
            assertThat(reply(in)).contains("REQUIRETLS");
            for (String line : List.of("MAIL FROM:<app@sender.signed.example>" + parameters, "RCPT TO:<b@" + to + ">", "DATA", "Subject: secret\r\n" + fields + "\r\nHello.\r\n.", "QUIT")) {
                say(tls.getOutputStream(), line);
                assertThat(reply(in)).matches("(?s)[23].*");
            }
        }
    }

    private static void say(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String reply(BufferedReader in) throws IOException {
        StringBuilder all = new StringBuilder();
        String line;
        do {
            line = in.readLine();
            all.append(line).append('\n');
        } while (line != null && line.charAt(3) == '-');
        return all.toString();
    }

    private static List<String> mailTo(FakeMx host) {
        return host.commands().stream().filter(line -> line.startsWith("MAIL")).toList();
    }

    /// The bounce itself demands REQUIRETLS, and returns the header alone (RFC 8689 §5).
    private void bounced(String... reasons) throws Exception {
        relay.awaitLines("Message done DCID");
        assertThat(mailTo(home)).singleElement().asString().startsWith("MAIL FROM:<>").contains("REQUIRETLS");
        assertThat(home.received().getFirst().encrypted()).isTrue();
        assertThat(home.received().getFirst().content().replace("\r\n ", " ")).contains("Status: 5.7.30").contains(reasons).doesNotContain("Hello.");
        assertThat(mailTo(mx1)).isEmpty();
        assertThat(mailTo(mx2)).isEmpty();
    }

    @Nested
    class WithRequireTls {

        @Test
        void R_RTLS_2_aVerifiedHostOfASignedZoneGetsTheMailAndTheDemand() throws Exception {
            hosts(CA.good("mx1.signed.example"), OFFERS, CA.good("mx2.signed.example"), OFFERS);
            start();
            send("signed.example", " REQUIRETLS", "");
            relay.awaitLines("Message done DCID");
            assertThat(mailTo(mx1)).singleElement().asString().contains("MAIL FROM:<app@sender.signed.example>").contains(" REQUIRETLS");
            assertThat(mx1.received().getFirst().encrypted()).isTrue();
        }

        @Test
        void R_RTLS_2_daneVerifiesAsWell() throws Exception {
            TestCa.Identity own = CA.selfSigned("anything.invalid");
            hosts(own, OFFERS, CA.good("mx2.signed.example"), OFFERS);
            byte[] key = MessageDigest.getInstance("SHA-256").digest(own.chain().getFirst().getPublicKey().getEncoded());
            dns.record("_" + mx1.address().getPort() + "._tcp.mx1.signed.example", "TLSA", "3 1 1 " + HexFormat.of().formatHex(key));
            start();
            send("signed.example", " REQUIRETLS", "");
            relay.awaitLines("verified by DANE-EE");
            relay.awaitLines("Message done DCID");
            assertThat(mailTo(mx1)).singleElement().asString().contains(" REQUIRETLS");
        }

        @Test
        void R_RTLS_2_anUnsignedZoneWithAPolicyThatListsTheHostIsAsGood() throws Exception {
            hosts(CA.good("mx1.plain.example"), OFFERS, CA.good("mx2.plain.example"), OFFERS);
            mtaSts("plain.example", "ENFORCE");
            start();
            send("plain.example", " REQUIRETLS", "");
            relay.awaitLines("Message done DCID");
            assertThat(mailTo(mx1)).singleElement().asString().contains(" REQUIRETLS");
        }

        @Test
        void R_RTLS_2_aHostThatDoesNotOfferItIsLeftForTheNextOne() throws Exception {
            hosts(CA.good("mx1.signed.example"), OFFERS_NOT, CA.good("mx2.signed.example"), OFFERS);
            start();
            send("signed.example", " REQUIRETLS", "");
            relay.awaitLines("Message done DCID");
            assertThat(mailTo(mx1)).isEmpty();
            assertThat(mailTo(mx2)).singleElement().asString().contains(" REQUIRETLS");
        }

        @Test
        void R_RTLS_2_whereNoHostOffersItTheMailBouncesAndSaysSo() throws Exception {
            hosts(CA.good("mx1.signed.example"), OFFERS_NOT, CA.good("mx2.signed.example"), OFFERS_NOT);
            start();
            send("signed.example", " REQUIRETLS", "");
            bounced("mx1.signed.example: REQUIRETLS: not offered by the mail host", "mx2.signed.example: REQUIRETLS: not offered by the mail host");
        }

        @Test
        void R_RTLS_5_aCertificateThatDoesNotVerifyIsNoHost() throws Exception {
            hosts(CA.selfSigned("mx1.signed.example"), OFFERS, CA.expired("mx2.signed.example"), OFFERS);
            start();
            send("signed.example", " REQUIRETLS", "");
            bounced("mx1.signed.example: certificate not trusted", "mx2.signed.example: certificate expired or not yet valid");
        }

        @Test
        void R_RTLS_5_stripTheOfferOfStartTlsAndNothingGoes() throws Exception {
            Map<String, Effect> stripped = Map.of("EHLO", Effect.line("250 mx.test"));
            hosts(CA.good("mx1.signed.example"), stripped, CA.good("mx2.signed.example"), stripped);
            start();
            send("signed.example", " REQUIRETLS", "");
            bounced("STARTTLS not offered");
        }

        @Test
        void R_RTLS_2_aNameThatNobodyVouchesForIsNotEvenConnectedTo() throws Exception {
            hosts(CA.good("mx1.plain.example"), OFFERS, CA.good("mx2.plain.example"), OFFERS);
            start();
            send("plain.example", " REQUIRETLS", "");
            bounced("mx1.plain.example: REQUIRETLS: mail host name authenticated neither by DNSSEC nor by MTA-STS");
            assertThat(mx1.peers()).isEmpty();
        }

        /// "REQUIRETLS ... wins" where both are said (RFC 8689 §4.1).
        @Test
        void R_RTLS_4_theDemandWinsOverTheHeaderField() throws Exception {
            hosts(CA.selfSigned("mx1.signed.example"), OFFERS, CA.selfSigned("mx2.signed.example"), OFFERS);
            start();
            send("signed.example", " REQUIRETLS", "TLS-Required: No\r\n");
            bounced("certificate");
        }
    }

    @Nested
    class WithTlsRequiredNo {

        @Test
        void R_RTLS_4_whatMtaStsForbidsGoesOnAndStillInsideTls() throws Exception {
            hosts(CA.selfSigned("mx1.plain.example"), OFFERS_NOT, CA.selfSigned("mx2.plain.example"), OFFERS_NOT);
            mtaSts("plain.example", "ENFORCE");
            start();
            send("plain.example", "", "");
            relay.awaitLines("waits: certificate not trusted");
            send("plain.example", "", "TLS-Required: No\r\n");
            relay.awaitLines("Message done DCID");
            assertThat(mx1.received()).singleElement().satisfies(mail -> assertThat(mail.encrypted()).isTrue());
            assertThat(mx1.received().getFirst().content()).contains("TLS-Required: No");
        }

        @Test
        void R_RTLS_4_theOperatorsOwnDemandBindsAllTheSame() throws Exception {
            hosts(CA.selfSigned("mx1.plain.example"), OFFERS_NOT, CA.selfSigned("mx2.plain.example"), OFFERS_NOT);
            start("default: {tls: preferred}\ndestinations: {plain.example: {tls: required-verify}}\n");
            send("plain.example", "", "TLS-Required: No\r\n");
            relay.awaitLines("waits: certificate not trusted");
            assertThat(mailTo(mx1)).isEmpty();
            assertThat(mailTo(mx2)).isEmpty();
        }
    }
}
