package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.access.MailFlowPolicy.Identity;
import org.mailrelay.core.access.MailFlowPolicy.VerifyClient;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.testkit.tls.CertificateForge;
import org.mailrelay.testkit.tls.CertificateForge.Signer;
import org.mailrelay.testkit.tls.CertificateForge.Wanted;
import org.mailrelay.testkit.tls.TestCa;

/// Client certificates that their authority has revoked (RFC 5280 §6.3).
class RevocationTest {

    private static final Instant NOW = Instant.now();
    private static final Instant PAST = NOW.minus(Duration.ofDays(2));
    private static final Instant NEXT = NOW.plus(Duration.ofDays(2));
    private static final Signer ROOT = CertificateForge.root(Wanted.authority(NOW, "CN=Root"));
    private static final Signer CLIENTS = ROOT.sign(Wanted.authority(NOW, "CN=Clients"));
    private static final Signer APP = CLIENTS.sign(Wanted.named(NOW, "CN=app1"));
    private static final Signer OTHER = CLIENTS.sign(Wanted.named(NOW, "CN=app2"));

    @TempDir
    Path folder;
    private Path authority;
    private Path ofClients;
    private Path ofRoot;

    @BeforeEach
    void write() throws Exception {
        authority = new TestCa.Identity(List.of(ROOT.certificate()), ROOT.keys().getPrivate()).write(folder, "root").chain();
        ofClients = folder.resolve("clients.crl");
        ofRoot = folder.resolve("root.crl");
        Files.write(ofRoot, ROOT.revoked(PAST, NEXT));
    }

    private ListenerFixture.Wish asking() {
        MailFlowPolicy policy = MailFlowPolicy.of("partners", Access.ACCEPT).withIdentity(new Identity(Auth.OFF, false, VerifyClient.REQUIRED));
        return ListenerFixture.in(folder).clientAuthorities(authority).clientRevocations(ofClients, ofRoot).policy(policy);
    }

    /// What MAIL is answered.
    private static String mail(ListenerFixture relay, Signer client) throws Exception {
        try (Client connection = relay.greeted()) {
            connection.ask("STARTTLS");
            connection.startTls(Client.context(client.keys().getPrivate(), new X509Certificate[] {client.certificate(), CLIENTS.certificate()}));
            connection.ask("EHLO client.example.com");
            return connection.ask("MAIL FROM:<a@example.com>");
        }
    }

    private static String fault(ListenerFixture relay) {
        return relay.seen(InjectionEvent.CertificateShown.class).getLast().certificate().fault();
    }

    @Test
    void aCertificateThatIsRevokedCountsForNothingAndAnotherOfTheSameAuthorityCounts() throws Exception {
        Files.write(ofClients, CLIENTS.revoked(PAST, NEXT, OTHER.certificate()));
        try (ListenerFixture relay = asking().open()) {
            assertThat(mail(relay, APP)).startsWith("250 ");
            assertThat(mail(relay, OTHER)).startsWith("530 ");
            assertThat(fault(relay)).startsWith("certificate revoked, ");
        }
    }

    @Test
    void whoseAuthorityIsRevokedCountsForNothing() throws Exception {
        Files.write(ofClients, CLIENTS.revoked(PAST, NEXT));
        Files.write(ofRoot, ROOT.revoked(PAST, NEXT, CLIENTS.certificate()));
        try (ListenerFixture relay = asking().open()) {
            assertThat(mail(relay, APP)).startsWith("530 ");
            assertThat(fault(relay)).startsWith("certificate revoked, ");
        }
    }

    /// Whoever holds up the lists must not bring a revoked certificate back.
    @Test
    void aListThatHasEndedAndOneOfAnotherAuthorityAreNone() throws Exception {
        Signer namesake = CertificateForge.root(Wanted.authority(NOW, "CN=Clients"));
        for (byte[] list : List.of(CLIENTS.revoked(PAST.minus(Duration.ofDays(5)), PAST), namesake.revoked(PAST, NEXT), ROOT.revoked(PAST, NEXT))) {
            Files.write(ofClients, list);
            try (ListenerFixture relay = asking().open()) {
                assertThat(mail(relay, APP)).startsWith("530 ");
                assertThat(fault(relay)).contains("no revocation list of an issuer that holds now");
            }
        }
    }

    @Test
    void aListInPemIsReadAndAFileWithoutOneIsToldByName() throws Exception {
        Files.writeString(ofClients, "-----BEGIN X509 CRL-----\n" + Base64.getMimeEncoder().encodeToString(CLIENTS.revoked(PAST, NEXT, APP.certificate())) + "\n-----END X509 CRL-----\n");
        try (ListenerFixture relay = asking().open()) {
            assertThat(mail(relay, APP)).startsWith("530 ");
        }
        Files.writeString(ofClients, "");
        assertThatThrownBy(() -> asking().open().close()).isInstanceOf(IOException.class).hasMessageContaining("no revocation list in").hasMessageContaining("clients.crl");
    }

    /// A file that changes is read again by the same call.
    @Test
    void aNewListCountsForTheNextConnection() throws Exception {
        Files.write(ofClients, CLIENTS.revoked(PAST, NEXT));
        try (ListenerFixture relay = asking().open()) {
            assertThat(mail(relay, APP)).startsWith("250 ");
            Files.write(ofClients, CLIENTS.revoked(PAST, NEXT, APP.certificate()));
            relay.listeners.apply(List.of(relay.listener()));
            assertThat(mail(relay, APP)).startsWith("530 ");
        }
    }
}
