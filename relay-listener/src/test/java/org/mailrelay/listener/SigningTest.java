package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.access.MailFlowPolicy.BareLineEndings;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.DkimSettings.EightBit;
import org.mailrelay.core.dkim.DkimSettings.Key;
import org.mailrelay.core.dkim.DkimSettings.Style;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.header.Hygiene;
import org.mailrelay.core.header.Masquerade;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.net.dkim.DkimSigning;
import org.mailrelay.net.dkim.PublicKeys;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.testkit.dkim.DkimVerifier;

/// Mail is signed as it is taken: what is in the spool verifies, whatever way it came.
class SigningTest {

    private static final SigningKey RSA = key("RSA", 2048);
    private static final SigningKey ED = key("Ed25519", 255);
    private static final String BOTH = "pass r1 example.com, pass e1 example.com";
    private static final DkimVerifier VERIFIER = new DkimVerifier(Map.of(
            "r1._domainkey.example.com", KeyRecord.of(RSA.algorithm(), PublicKeys.of(RSA), Set.of("*")).text(),
            "e1._domainkey.example.com", KeyRecord.of(ED.algorithm(), PublicKeys.of(ED), Set.of("*")).text()));

    @TempDir
    Path folder;

    private ListenerFixture relay(MailFlowPolicy policy, DkimSigning signing) throws Exception {
        return ListenerFixture.in(folder).policy(policy).signing(signing).open();
    }

    @Test
    void aMessageByDataIsSignedBeforeItIsAnsweredAndItsSizeIsOfWhatLeaves() throws Exception {
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send("From: Ann <a@example.com>\r\nSub");
            client.send("ject: x\r\n\r\n..dots\r\nend \r\n\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(verified(relay, message)).isEqualTo(BOTH);
            assertThat(message.content().trueSize()).isEqualTo(content(relay, message).length());
            assertThat(relay.seen(MessageEvent.DkimSigned.class)).singleElement().satisfies(event ->
                    assertThat(event.signatures()).containsExactly("r1 (rsa-sha256)", "e1 (ed25519-sha256)"));
        }
    }

    @Test
    void chunksAndBinaryContentAreSignedToo() throws Exception {
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.greeted()) {
            for (String body : new String[] {"", " BODY=BINARYMIME"}) {
                client.ask("MAIL FROM:<a@example.com>" + body);
                client.ask("RCPT TO:<b@example.org>");
                String first = "From: a@example.com\r\n\r";
                String rest = "\n.\r\n..x\r\n.";
                client.send("BDAT " + first.length() + "\r\n" + first);
                client.reply();
                client.send("BDAT " + rest.length() + " LAST\r\n" + rest);
                assertThat(client.reply()).startsWith("250 ");
                assertThat(verified(relay, relay.nextQueued())).isEqualTo(BOTH);
            }
        }
    }

    @Test
    void aBodyInAFileOfItsOwnIsSigned() throws Exception {
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send("From: a@example.com\r\n\r\n" + "..a line of some  length\r\n".repeat(30_000) + ".\r\n");
            assertThat(client.reply()).startsWith("250 ");
            assertThat(verified(relay, relay.nextQueued())).isEqualTo(BOTH);
        }
    }

    /// RFC 6376 §5.3: "Signers SHOULD convert the message to a suitable MIME content-transfer encoding such as quoted-printable or base64 [...] before signing."
    @Test
    void eightBitContentIsConvertedBeforeItIsSigned() throws Exception {
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send("From: a@example.com\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n..K\u00f6ln\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(content(relay, message)).endsWith("Content-Transfer-Encoding: quoted-printable\r\n\r\n.K=F6ln\r\n");
            assertThat(verified(relay, message)).isEqualTo(BOTH);
            assertThat(message.content().eightBit()).isFalse();
            assertThat(message.content().trueSize()).isEqualTo(content(relay, message).length());
            assertThat(message.envelope().bodyType()).isEqualTo(BodyType.SEVEN_BIT);
            assertThat(relay.seen(MessageEvent.ContentConverted.class)).singleElement().satisfies(event -> assertThat(event.hindrance()).isEmpty());
        }
    }

    @Test
    void binaryContentBecomesSevenBitAndItsSignatureHolds() throws Exception {
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.greeted()) {
            client.ask("MAIL FROM:<a@example.com> BODY=BINARYMIME");
            client.ask("RCPT TO:<b@example.org>");
            String all = "From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: application/x-odd\r\nContent-Transfer-Encoding: binary\r\n\r\n.\r\n\0\n\u00ff";
            client.send("BDAT " + all.length() + " LAST\r\n" + all);
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(content(relay, message)).endsWith("Content-Transfer-Encoding: base64\r\n\r\nLg0KAAr/\r\n");
            assertThat(verified(relay, message)).isEqualTo(BOTH);
            assertThat(message.envelope().bodyType()).isEqualTo(BodyType.SEVEN_BIT);
        }
    }

    @Test
    void aLargeBodyIsConvertedInAFileOfItsOwnAndTheOldOneIsGone() throws Exception {
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send("From: a@example.com\r\n\r\n" + "..a line of some length \u00fc\r\n".repeat(30_000) + ".\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(verified(relay, message)).isEqualTo(BOTH);
            assertThat(message.content().eightBit()).isFalse();
            try (Stream<Path> bodies = Files.list(folder.resolve("spool/bodies"))) {
                assertThat(bodies).containsExactly(folder.resolve("spool/bodies/body-" + message.mid().value()));
            }
        }
    }

    @Test
    void whatOthersHaveSignedIsSignedAsItIsAndSoIsAllWhereTheSettingSaysSo() throws Exception {
        String eightBit = "From: a@example.com\r\nDKIM-Signature: v=1; of another\r\n\r\nK\u00f6ln\r\n.\r\n";
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send(eightBit);
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(content(relay, message)).endsWith("\r\n\r\nK\u00f6ln\r\n");
            assertThat(message.content().eightBit()).isTrue();
            assertThat(relay.seen(MessageEvent.DkimSigned.class)).hasSize(1);
            assertThat(relay.seen(MessageEvent.ContentConverted.class)).singleElement().satisfies(event -> assertThat(event.hindrance()).contains("signed with DKIM"));
        }
        try (DkimSigning signing = signing(EightBit.PASS, rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send("From: a@example.com\r\n\r\nK\u00f6ln\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(content(relay, message)).endsWith("\r\n\r\nK\u00f6ln\r\n");
            assertThat(verified(relay, message)).isEqualTo(BOTH);
        }
    }

    @Test
    void linesThatAreTooLongAreEncodedBeforeTheMessageIsSigned() throws Exception {
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send("From: a@example.com\r\n\r\n" + "x".repeat(5_000) + "\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(content(relay, message).lines()).allMatch(line -> line.length() <= 998);
            assertThat(verified(relay, message)).isEqualTo(BOTH);
        }
    }

    /// A signature comes after every change of ours.
    @Test
    void whatAPolicyChangesIsChangedBeforeItIsSigned() throws Exception {
        Masquerade outward = new Masquerade("outward", Map.of(), Map.of(Domain.of("inside.example"), Domain.of("example.com")), Map.of());
        MailFlowPolicy policy = ListenerFixture.relaying().withBareLineEndings(BareLineEndings.NORMALISE)
                .withHygiene(Hygiene.NONE.withRemoveBcc(true).withMasquerade(outward).withAddMissingFields(true));
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(policy, signing); Client client = relay.inData()) {
            client.send("From: a@inside.example\nBcc: secret@example.org\nSubject: x\n\nbody\n.\nmore \r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            QueuedMessage message = relay.nextQueued();
            assertThat(content(relay, message)).contains("From: a@example.com\r\nSubject", "Message-ID: <", "\r\n.\r\nmore");
            assertThat(verified(relay, message)).isEqualTo(BOTH);
        }
    }

    @Test
    void mailOfOthersIsTakenUnsignedAndSilently() throws Exception {
        try (DkimSigning signing = signing(rsa()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send("From: a@other.example\r\n\r\nx\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            assertThat(new String(relay.nextQueued().prologue(), StandardCharsets.US_ASCII)).startsWith("Received: ");
            assertThat(relay.seen(MessageEvent.DkimSigned.class)).isEmpty();
            assertThat(relay.seen(MessageEvent.DkimNotSigned.class)).isEmpty();
        }
    }

    @Test
    void mailThatNobodyCanVouchForIsTakenUnsignedAndToldOf() throws Exception {
        try (DkimSigning signing = signing(rsa()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.inData()) {
            client.send("From: a@example.com\r\nFrom: b@example.com\r\n\r\nx\r\n.\r\n");
            assertThat(client.reply()).startsWith("250 ");
            relay.nextQueued();
            assertThat(relay.seen(MessageEvent.DkimNotSigned.class)).singleElement().satisfies(event -> assertThat(event.why()).isEqualTo(Unsigned.SEVERAL_FROM));
        }
    }

    @Test
    void aMessageThatCannotBeSignedNowIsLeftToTheClientAndNothingIsQueued() throws Exception {
        MailSigning broken = _ -> Optional.of(new MailSigning.Pass() {
            @Override
            public void octets(byte[] octets, int from, int to) {
            }

            @Override
            public void end(byte[] prologue, Consumer<MailSigning.Result> then) {
                Thread.ofPlatform().start(() -> then.accept(new MailSigning.Deferred("no key")));
            }
        });
        try (ListenerFixture relay = ListenerFixture.in(folder).signing(broken).open(); Client client = relay.inData()) {
            client.send("From: a@example.com\r\n\r\nx\r\n.\r\n");
            assertThat(client.reply()).isEqualTo("451 4.7.5 the message cannot be signed now, try again later");
            assertThat(client.ask("NOOP")).startsWith("250 ");
            assertThat(relay.queued).isEmpty();
            assertThat(relay.seen(MessageEvent.Queued.class)).isEmpty();
            assertThat(relay.seen(MessageEvent.Finished.class)).singleElement().satisfies(event -> assertThat(event.done()).isFalse());
            assertThat(relay.seen(InjectionEvent.ReceivingFailed.class)).singleElement()
                    .satisfies(event -> assertThat(event.why()).isEqualTo(InjectionEvent.ReceivingFailure.NOT_SIGNED));
        }
    }

    @Test
    void messagesOfOneConnectionAreAnsweredInTheirOrder() throws Exception {
        try (DkimSigning signing = signing(rsa(), ed()); ListenerFixture relay = relay(ListenerFixture.relaying(), signing); Client client = relay.greeted()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                all.append("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nBDAT 33 LAST\r\nFrom: a@example.com\r\nX: ").append(10 + i).append("\r\n\r\ny\r\n");
            }
            client.send(all.toString());
            for (int i = 0; i < 20; i++) {
                client.reply();
                client.reply();
                assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
                QueuedMessage message = relay.nextQueued();
                assertThat(relay.stored(message)).contains("X: " + (10 + i));
                assertThat(verified(relay, message)).isEqualTo(BOTH);
            }
        }
    }

    private static String content(ListenerFixture relay, QueuedMessage message) throws Exception {
        String wire = relay.stored(message);
        boolean stuffed = message.envelope().bodyType() != BodyType.BINARY_MIME;
        return new String(message.prologue(), StandardCharsets.ISO_8859_1) + (stuffed ? wire.replaceAll("(?:(?<=\r\n)|\\A)\\.", "") : wire);
    }

    private static String verified(ListenerFixture relay, QueuedMessage message) throws Exception {
        return String.join(", ", VERIFIER.verify(content(relay, message)));
    }

    private static Key rsa() {
        return new Key(Domain.of("r1"), RSA, Path.of("r1.pem"), Set.of(Key.ALL));
    }

    private static Key ed() {
        return new Key(Domain.of("e1"), ED, Path.of("e1.pem"), Set.of(Key.ALL));
    }

    private static DkimSigning signing(Key... keys) {
        return signing(EightBit.CONVERT, keys);
    }

    private static DkimSigning signing(EightBit eightBit, Key... keys) {
        DkimSettings settings = new DkimSettings(Map.of(Domain.of("example.com"), new DkimSettings.Signer("example.com", Optional.empty(), List.of(keys), Set.of(), Style.DEFAULT)),
                Map.of(), Optional.empty(), DkimSettings.Identity.FROM, DkimSettings.WhenSigningFails.DEFER, Optional.empty(), eightBit);
        return new DkimSigning(() -> settings, InstantSource.system());
    }

    private static SigningKey key(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            String pem = "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(generator.generateKeyPair().getPrivate().getEncoded()) + "\n-----END PRIVATE KEY-----\n";
            return ((SigningKey.Usable) SigningKey.parse(pem)).key();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
