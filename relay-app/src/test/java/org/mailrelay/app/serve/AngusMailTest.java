package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.angus.mail.smtp.SMTPMessage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.listener.auth.UserFile;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;
import org.mailrelay.testkit.tls.TestCa;

/// Angus Mail, the Java mail client, sends through a relay over TLS and AUTH: DATA and chunks, STARTTLS and implicit TLS.
class AngusMailTest {

    private static final String TEXT = "From: Application <app@example.com>\r\nTo: user@example.org\r\nSubject: of Angus Mail\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n"
            + "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + ".\r\n..\r\n.leading\r\nFrom here\r\ntrailing  \r\nGr\u00fc\u00dfe\r\n" + "x".repeat(900) + "\r\n\r\n.\r\n";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"true, PLAIN, 0", "true, LOGIN, 200", "false, XOAUTH2 PLAIN, 0"})
    void whatItSendsArrivesOctetForOctetWithItsEnvelope(boolean startTls, String mechanisms, int chunk) throws Exception {
        try (FakeMx host = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("EHLO", new Effect.Say("250-mx.test\r\n250-8BITMIME\r\n250-SIZE\r\n250 DSN\r\n"))));
                TestRelay relay = relay(host.address().getPort(), !startTls)) {
            send(relay.address(), startTls, mechanisms, chunk);
            relay.awaitLines("Message finished MID 1 done");
            FakeMx.Received received = host.received().getFirst();
            assertThat(received.commands()).hasSize(2);
            assertThat(received.commands().getFirst()).startsWith("MAIL FROM:<app@example.com> ").contains(" RET=HDRS", " ENVID=QQ+2B1");
            assertThat(received.commands().get(1)).startsWith("RCPT TO:<user@example.org> NOTIFY=SUCCESS,FAILURE");
            String content = received.content().replace("\r\n..", "\r\n.");
            assertThat(content).startsWith("Received: from angus.example.com (unknown [127.0.0.1])\r\n\tby relay.example.net with ESMTPSA id ");
            // In chunks the client doubles dots too, where no dot means anything (RFC 3030 §2): what it sent is what arrives.
            String sent = chunk == 0 ? TEXT : TEXT.replace("\r\n.", "\r\n..");
            assertThat(content.substring(content.indexOf("From: "))).isEqualTo(new String(sent.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        }
    }

    private TestRelay relay(int hostPort, boolean implicit) throws IOException {
        TestCa authority = new TestCa(Instant.now());
        authority.write(folder);
        TestCa.PemFiles pem = authority.good("localhost").write(folder, "relay");
        UserFile.empty().with("app", "s3cret", List.of(), new SecureRandom()).write(folder.resolve("users"));
        return TestRelay.start(TestRelay.conf(folder, """
                hostname: relay.example.net
                listeners: [{name: submission, address: 127.0.0.1:0, tls: {certificate: %s, key: %s, implicit: %s}}]
                dns: {servers: [127.0.0.1], port: 9, timeout: 1s, validate: false}
                metrics: {address: 127.0.0.1:0}
                """.formatted(pem.chain(), pem.key(), implicit), "default: {tls: none}\n", "routes: {ALL: [{host: 127.0.0.1, port: %d}]}%n".formatted(hostPort), """
                authentication: {users: %s}
                sender_groups: [{name: ALL, match: [ALL], policy: authenticated}]
                mail_flow_policies: {authenticated: {access: RELAY, tls: required, auth: required}}
                """.formatted(folder.resolve("users"))));
    }

    private void send(InetSocketAddress listener, boolean startTls, String mechanisms, int chunk) throws Exception {
        String protocol = startTls ? "smtp" : "smtps";
        Properties wanted = new Properties();
        wanted.put("mail." + protocol + ".localhost", "angus.example.com");
        wanted.put("mail." + protocol + ".starttls.enable", startTls);
        wanted.put("mail." + protocol + ".starttls.required", startTls);
        wanted.put("mail." + protocol + ".ssl.checkserveridentity", "true");
        wanted.put("mail." + protocol + ".ssl.socketFactory", trusting(folder.resolve("ca.pem")));
        wanted.put("mail." + protocol + ".auth", "true");
        wanted.put("mail." + protocol + ".auth.mechanisms", mechanisms);
        wanted.put("mail." + protocol + ".chunksize", chunk);
        Session session = Session.getInstance(wanted);
        SMTPMessage message = new SMTPMessage(session, new ByteArrayInputStream(TEXT.getBytes(StandardCharsets.UTF_8))) {
            @Override
            protected void updateHeaders() throws MessagingException {
                // The fields stay as they were written.
            }
        };
        message.setEnvelopeFrom("app@example.com");
        message.setAllow8bitMIME(true);
        message.setNotifyOptions(SMTPMessage.NOTIFY_SUCCESS | SMTPMessage.NOTIFY_FAILURE);
        message.setReturnOption(SMTPMessage.RETURN_HDRS);
        message.setMailExtension("ENVID=QQ+2B1");
        try (Transport transport = session.getTransport(protocol)) {
            transport.connect("localhost", listener.getPort(), "app", "s3cret");
            transport.sendMessage(message, message.getRecipients(Message.RecipientType.TO));
        }
    }

    private static SSLSocketFactory trusting(Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authority)) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }
}
