package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.CertificateUser;
import org.mailrelay.core.access.ClientCertificate.Vouched;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.Access;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.access.MailFlowPolicy.Identity;
import org.mailrelay.core.access.MailFlowPolicy.VerifyClient;
import org.mailrelay.core.access.PeerPattern;
import org.mailrelay.core.access.SenderGroup;
import org.mailrelay.core.auth.AuthSources;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.listener.auth.UserFile;
import org.mailrelay.testkit.tls.CertificateForge;
import org.mailrelay.testkit.tls.CertificateForge.Signer;
import org.mailrelay.testkit.tls.CertificateForge.Wanted;
import org.mailrelay.testkit.tls.TestCa;

/// Clients that show a certificate, good and bad, on new sessions and resumed ones.
class ClientCertificateTest {

    private static final Instant NOW = Instant.now();
    private static final Signer AUTHORITY = CertificateForge.root(Wanted.authority(NOW, "CN=Clients"));
    private static final Signer STRANGER = CertificateForge.root(Wanted.authority(NOW, "CN=Clients"));
    private static final Signer APP = AUTHORITY.sign(app());

    @TempDir
    static Path shared;
    private static Path authorities;

    @TempDir
    Path folder;

    @BeforeAll
    static void writeTheAuthority() throws Exception {
        authorities = new TestCa.Identity(List.of(AUTHORITY.certificate()), AUTHORITY.keys().getPrivate()).write(shared, "clients").chain();
    }

    private static Wanted app() {
        return Wanted.named(NOW, "O=Example,CN=app1").names(new GeneralName(GeneralName.dNSName, "App1.example.com"), new GeneralName(GeneralName.rfc822Name, "app1@example.com"));
    }

    private static MailFlowPolicy policy(String name, Access access, VerifyClient asked) {
        return MailFlowPolicy.of(name, access).withIdentity(new Identity(Auth.OFF, false, asked));
    }

    private static SenderGroup group(String match) {
        return group(match, policy("partners", Access.RELAY, VerifyClient.PREFERRED));
    }

    private static SenderGroup group(String match, MailFlowPolicy policy) {
        return new SenderGroup("PARTNERS", List.of(pattern(match)), policy, "access.yaml:1");
    }

    private static PeerPattern.OfCertificate pattern(String text) {
        return PeerPattern.ofCertificate(text, "certificate:" + text).orElseThrow();
    }

    private ListenerFixture.Wish asking(VerifyClient asked, SenderGroup... groups) {
        return ListenerFixture.in(folder).clientAuthorities(authorities).policy(policy("here", Access.ACCEPT, asked)).groups(groups);
    }

    private static SSLContext showing(Signer client, X509Certificate... issuers) throws Exception {
        X509Certificate[] chain = new X509Certificate[issuers.length + 1];
        chain[0] = client.certificate();
        System.arraycopy(issuers, 0, chain, 1, issuers.length);
        return Client.context(client.keys().getPrivate(), chain);
    }

    private static Client secured(ListenerFixture relay, SSLContext context) throws Exception {
        Client client = relay.greeted();
        client.ask("STARTTLS");
        client.startTls(context);
        client.ask("EHLO client.example.com");
        return client;
    }

    private static String recipient(Client client) throws Exception {
        String mail = client.ask("MAIL FROM:<a@example.com>");
        return mail.startsWith("250") ? client.ask("RCPT TO:<b@example.org>") : mail;
    }

    private static InjectionEvent.CertificateShown shown(ListenerFixture relay) {
        return relay.seen(InjectionEvent.CertificateShown.class).getLast();
    }

    private static String sha256(X509Certificate certificate) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "app1.example.com", "APP1.EXAMPLE.COM", "app1@example.com", "subject:cn=APP1, o=Example"})
    void aCertificateThatIsVouchedForGivesWhatItsGroupGives(String match) throws Exception {
        try (ListenerFixture relay = asking(VerifyClient.PREFERRED, group(match)).open(); Client client = secured(relay, showing(APP))) {
            assertThat(recipient(client)).startsWith("250 ");
            assertThat(shown(relay).certificate().vouched()).isEqualTo(Vouched.AUTHORITY);
            assertThat(shown(relay).certificate().names()).containsExactly("app1.example.com", "app1@example.com");
            assertThat(relay.seen(InjectionEvent.AccessDecided.class)).extracting(InjectionEvent.AccessDecided::group).containsExactly("HERE", "PARTNERS");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"app2.example.com", "example.com", "*.example.com", "cn=app1", "subject:CN=app1", "subject:CN=app1,O=Other"})
    void anotherCertificatesGroupIsNotItsOwn(String match) throws Exception {
        try (ListenerFixture relay = asking(VerifyClient.PREFERRED, group(match, policy("partners", Access.REJECT, VerifyClient.PREFERRED))).open();
                Client client = secured(relay, showing(APP))) {
            assertThat(recipient(client)).as("accepted by its certificate, by no group of its own").startsWith("250 ");
            assertThat(relay.seen(InjectionEvent.AccessDecided.class)).extracting(InjectionEvent.AccessDecided::group).containsExactly("HERE");
        }
    }

    @Test
    void implicitTlsIsTheSame() throws Exception {
        try (ListenerFixture relay = asking(VerifyClient.REQUIRED).implicitTls().open(); Client client = relay.connect()) {
            client.startTls(showing(APP));
            assertThat(client.reply()).startsWith("220 ");
            client.ask("EHLO client.example.com");
            assertThat(recipient(client)).startsWith("250 ");
        }
    }

    enum Bad {
        STRANGERS, EXPIRED, NOT_YET, SELF_SIGNED, NOT_FOR_CLIENTS, UNDER_A_LEAF
    }

    private static SSLContext bad(Bad what) throws Exception {
        Signer self = CertificateForge.root(app());
        return switch (what) {
            case STRANGERS -> showing(STRANGER.sign(app()), STRANGER.certificate());
            case EXPIRED -> showing(AUTHORITY.sign(app().valid(NOW.minusSeconds(3_600), NOW.minusSeconds(60))));
            case NOT_YET -> showing(AUTHORITY.sign(app().valid(NOW.plusSeconds(3_600), NOW.plusSeconds(7_200))));
            case SELF_SIGNED -> showing(self);
            case NOT_FOR_CLIENTS -> showing(AUTHORITY.sign(app().with(Extension.extendedKeyUsage, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))));
            case UNDER_A_LEAF -> showing(APP.sign(app()), APP.certificate());
        };
    }

    @ParameterizedTest
    @EnumSource(Bad.class)
    void B_CERT_aCertificateThatNobodyVouchesForGivesNothingAndTheLogSaysWhy(Bad what) throws Exception {
        try (ListenerFixture relay = asking(VerifyClient.REQUIRED, group("app1.example.com"), group("*"), group("subject:CN=app1,O=Example")).open(); Client client = secured(relay, bad(what))) {
            assertThat(recipient(client)).isEqualTo("530 5.7.0 a client certificate is required");
            assertThat(shown(relay).certificate().vouched()).isEqualTo(Vouched.NOBODY);
            assertThat(shown(relay).certificate().fault()).isNotEmpty();
            assertThat(relay.seen(InjectionEvent.AccessDecided.class)).hasSize(1);
        }
    }

    @Test
    void withoutOneThereIsNoMailWhereOneIsRequiredAndTheLogSaysSo() throws Exception {
        try (ListenerFixture relay = asking(VerifyClient.REQUIRED).open(); Client client = secured(relay, Client.context())) {
            assertThat(recipient(client)).isEqualTo("530 5.7.0 a client certificate is required");
            assertThat(relay.seen(InjectionEvent.CertificateMissing.class)).singleElement().satisfies(seen -> assertThat(seen.required()).isTrue());
        }
        try (ListenerFixture relay = asking(VerifyClient.REQUIRED).open(); Client clear = relay.greeted()) {
            assertThat(recipient(clear)).isEqualTo("530 5.7.0 a client certificate is required");
        }
    }

    @Test
    void whereNoPolicyAsksACertificateIsNotEvenRequested() throws Exception {
        try (ListenerFixture relay = asking(VerifyClient.OFF, group("*")).open(); Client client = secured(relay, showing(APP))) {
            assertThat(recipient(client)).isEqualTo("550 5.7.1 relaying denied");
            assertThat(client.tls().getLocalCertificates()).isNull();
        }
    }

    @Test
    void aFingerprintStandsForThatCertificateWhoeverSignedIt() throws Exception {
        Signer own = CertificateForge.root(app());
        Signer other = CertificateForge.root(app());
        try (ListenerFixture relay = asking(VerifyClient.REQUIRED, group("sha256:" + sha256(own.certificate()).toUpperCase(Locale.ROOT))).open()) {
            try (Client client = secured(relay, showing(own))) {
                assertThat(recipient(client)).startsWith("250 ");
                assertThat(shown(relay).certificate().vouched()).isEqualTo(Vouched.OPERATOR);
            }
            try (Client client = secured(relay, showing(other))) {
                assertThat(recipient(client)).startsWith("530 ");
            }
        }
    }

    @Test
    void anAuthoritysNamesDoNotCountForAPinnedStranger() throws Exception {
        Signer own = CertificateForge.root(app());
        SenderGroup byName = group("app1.example.com", policy("named", Access.REJECT, VerifyClient.PREFERRED));
        try (ListenerFixture relay = asking(VerifyClient.REQUIRED, byName, group("sha256:" + sha256(own.certificate()))).open(); Client client = secured(relay, showing(own))) {
            assertThat(recipient(client)).startsWith("250 ");
        }
    }

    @Test
    void B_CERT_aResumedSessionIsJudgedAgainAndShowsTheSameCertificate() throws Exception {
        try (ListenerFixture relay = asking(VerifyClient.REQUIRED).open()) {
            SSLContext context = showing(APP);
            long first;
            try (Client client = secured(relay, context)) {
                assertThat(recipient(client)).startsWith("250 ");
                first = client.tls().getCreationTime();
            }
            try (Client client = secured(relay, context)) {
                assertThat(client.tls().getCreationTime()).as("resumed").isEqualTo(first);
                assertThat(recipient(client)).startsWith("250 ");
            }
            assertThat(relay.seen(InjectionEvent.CertificateShown.class)).hasSize(2).allSatisfy(seen -> assertThat(seen.certificate().vouched()).isEqualTo(Vouched.AUTHORITY));
        }
    }

    @Test
    void B_CERT_aSessionWithoutACertificateResumesToNone() throws Exception {
        try (ListenerFixture relay = asking(VerifyClient.REQUIRED).open()) {
            SSLContext context = Client.context();
            for (int i = 0; i < 2; i++) {
                try (Client client = secured(relay, context)) {
                    assertThat(recipient(client)).startsWith("530 ");
                }
            }
            assertThat(relay.seen(InjectionEvent.CertificateMissing.class)).hasSize(2);
        }
    }

    @Test
    void whoseCertificateItIsSendsAsThatUserWithoutAPassword() throws Exception {
        Path users = folder.resolve("users");
        UserFile.empty().with("app1", "secret", List.of("@example.com"), new Random(1)).write(users);
        AuthSources sources = new AuthSources(Optional.of(users), Optional.empty(), Optional.empty(), List.of(new CertificateUser(pattern("app1.example.com"), "app1")));
        MailFlowPolicy submission = MailFlowPolicy.of("here", Access.RELAY).withIdentity(new Identity(Auth.REQUIRED, false, VerifyClient.PREFERRED));
        try (ListenerFixture relay = ListenerFixture.in(folder).clientAuthorities(authorities).users(sources).policy(submission).open()) {
            try (Client client = secured(relay, showing(APP))) {
                assertThat(client.ask("MAIL FROM:<a@example.net>")).isEqualTo("550 5.7.1 sender address not allowed here");
                assertThat(recipient(client)).startsWith("250 ");
                client.ask("DATA");
                assertThat(client.ask("x\r\n.")).startsWith("250 ");
                assertThat(relay.nextQueued().origin().injection().user()).contains("app1");
                assertThat(shown(relay).user()).contains("app1");
                assertThat(client.ask("EHLO c.example.com")).as("a certificate is no reason not to authenticate").contains("AUTH ");
            }
            try (Client client = secured(relay, showing(AUTHORITY.sign(Wanted.host(NOW, "app2.example.com"))))) {
                assertThat(recipient(client)).isEqualTo("530 5.7.0 authentication required");
            }
            Files.delete(users);
            try (Client client = relay.greeted()) {
                client.ask("STARTTLS");
                client.startTls(showing(APP));
                assertThat(client.reply()).as("nobody knows now what app1 may send as").startsWith("421 4.3.0 ");
            }
        }
    }

    @Test
    void aGroupOfAnotherListenerIsNotForThisOne() throws Exception {
        SenderGroup elsewhere = new SenderGroup("ELSEWHERE", Set.of("other"), List.of(new PeerPattern.Everyone("ALL")), MailFlowPolicy.of("no", Access.TCPREFUSE), "access.yaml:1");
        SenderGroup here = new SenderGroup("OURS", Set.of("test"), List.of(new PeerPattern.Everyone("ALL")), MailFlowPolicy.of("yes", Access.RELAY).withBanner("ours"), "access.yaml:2");
        try (ListenerFixture relay = ListenerFixture.in(folder).groups(elsewhere, here).open(); Client client = relay.connect()) {
            assertThat(client.reply()).isEqualTo("220 relay.example.net ours");
        }
    }
}
