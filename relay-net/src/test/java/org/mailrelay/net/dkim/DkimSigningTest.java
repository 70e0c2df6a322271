package org.mailrelay.net.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.DkimSettings.Key;
import org.mailrelay.core.dkim.DkimSettings.Style;
import org.mailrelay.core.dkim.DkimSettings.WhenSigningFails;
import org.mailrelay.core.dkim.Form;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.dkim.SigningRules;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.testkit.dkim.DkimVerifier;

/// Signatures that are made while a message passes, read by a verifier that has nothing in common with them.
class DkimSigningTest {

    private static final SigningKey RSA = generated("RSA", 2048);
    private static final SigningKey ED = generated("Ed25519", 255);
    private static final Domain BANK = Domain.of("bank.example");
    private static final String PROLOGUE = "Received: from x by y;\r\n\tMon, 1 Jan 2026 00:00:00 +0000\r\nDate: Mon, 1 Jan 2026 00:00:00 +0000\r\n";
    private static final DkimVerifier VERIFIER = new DkimVerifier(Map.of(
            "r1._domainkey.bank.example", KeyRecord.of(RSA.algorithm(), PublicKeys.of(RSA), Set.of("*")).text(),
            "e1._domainkey.bank.example", KeyRecord.of(ED.algorithm(), PublicKeys.of(ED), Set.of("*")).text()));

    @ParameterizedTest
    @ValueSource(strings = {
        "From: a@bank.example\r\nTo: b@c.example\r\nSubject: x\r\n\r\nHello.\r\n", "From: a@bank.example\r\n\r\n", "From: a@bank.example\r\n", "From: a@bank.example",
        "FROM : a@bank.example\r\nSubject:\r\n \t folded\r\n\tand again \r\n\r\n..dots\r\n...\r\n.\r\nno end",
        "From: \u00c3\u00a9 <a@bank.example>\r\nSubject: \u00e9\u00ff\r\nTo: \r\nTO: second\r\n\r\n\u00e9 \t\u00e9\r\n\r\n\r\n \r\n", "..X: dotted\r\nFrom: a@bank.example\r\n\r\n\r\n\r\n",
        "From: a@bank.example\r\nno field\r\n\r\nbody\r\n", "From: a@bank.example\r\nDate: other\r\nMessage-ID: <x@y>\r\n\r\n\t\r\n", "From:a@bank.example\r\nX-Empty:\r\n:\r\n\r\nx\r\n"})
    void bothSignaturesHoldInEveryForm(String wire) throws Exception {
        for (Form header : Form.values()) {
            for (Form body : Form.values()) {
                for (int size : new int[] {1, 2, 3, 7, 10_000}) {
                    assertThat(verified(signed(wire, true, style(header, body), size), wire, true)).as("%s/%s cut at %d", header, body, size)
                            .containsExactly("pass r1 bank.example", "pass e1 bank.example");
                }
            }
        }
    }

    @Test
    void anyMessageThatIsSignedVerifiesAndNoChangeOfItDoes() throws Exception {
        Random random = new Random(2026);
        String[] parts = {"\r\n", "\r\n", " ", "\t", ".", "a", "Subject: ", "To: x", "\u00e9", "word", "Cc: y\r\n", "\r\n\r\n", "X: z\r\n\t"};
        Style style = new Style(Form.RELAXED, Form.SIMPLE, Style.HEADERS, Style.OVERSIGN, Style.OVERSIGN_PRESENT, Optional.of(Duration.ofDays(1)));
        try (DkimSigning signing = signing(style, List.of(ed()), WhenSigningFails.DEFER, Signers.best())) {
            for (int i = 0; i < 500; i++) {
                StringBuilder built = new StringBuilder("From: <a@bank.example>\r\n");
                for (int k = random.nextInt(40); k > 0; k--) {
                    built.append(parts[random.nextInt(parts.length)]);
                }
                boolean stuffed = random.nextBoolean();
                String wire = built.toString();
                MailSigning.Result result = signed(signing, wire, stuffed, 1 + random.nextInt(20));
                assertThat(verified(result, wire, stuffed)).as("%s", wire).containsExactly("pass e1 bank.example");
                assertThat(verified(result, wire.contains("\r\n\r\n") ? wire + "x" : wire + "\r\n\r\nx", stuffed)).as("%s and more", wire).doesNotContain("pass e1 bank.example");
                assertThat(verified(result, "To: added\r\n" + wire, stuffed)).as("%s under another field", wire).doesNotContain("pass e1 bank.example");
            }
        }
    }

    @Test
    void binaryContentIsSignedAsItIsKept() throws Exception {
        String wire = "From: a@bank.example\r\n\r\n.\r\n..\r\n\u0000\r\n.\n\r.";
        assertThat(verified(signed(wire, false, Style.DEFAULT, 3), wire, false)).containsExactly("pass r1 bank.example", "pass e1 bank.example");
    }

    @Test
    void aLargeBodyIsSignedInPieces() throws Exception {
        String wire = "From: a@bank.example\r\n\r\n" + "..line  of text \r\n\r\n".repeat(60_000);
        assertThat(verified(signed(wire, true, Style.DEFAULT, 65_536), wire, true)).containsExactly("pass r1 bank.example", "pass e1 bank.example");
    }

    @Test
    void whatCannotBeSignedSaysWhy() throws Exception {
        assertThat(signed("From: a@bank.example\r\n" + "X: y\r\n".repeat(60_000) + "\r\n", true, Style.DEFAULT, 1_000)).isEqualTo(new MailSigning.Unsignable(Unsigned.HEADER_TOO_LONG, ""));
        assertThat(signed("From: a@bank.example\r\n" + "To:\r\n".repeat(1_000) + "\r\n", true, Style.DEFAULT, 1_000)).isEqualTo(new MailSigning.Unsignable(Unsigned.TOO_MANY_FIELDS, ""));
        assertThat(signed("From: a@bank.example\r\nFrom: a@bank.example\r\n\r\n", true, Style.DEFAULT, 7)).isEqualTo(new MailSigning.Unsignable(Unsigned.SEVERAL_FROM, ""));
        assertThat(signed("From: a@other.example\r\n\r\n", true, Style.DEFAULT, 7)).isEqualTo(new MailSigning.NoKey());
    }

    @Test
    void aKeyThatDoesNotSignHoldsTheMessageOrLetsItGoAsIsAsked() throws Exception {
        Signers broken = new Signers(_ -> _ -> {
            throw new SignatureException("out of order");
        });
        String wire = "From: a@bank.example\r\n\r\n";
        try (DkimSigning deferring = signing(Style.DEFAULT, List.of(rsa()), WhenSigningFails.DEFER, broken);
                DkimSigning sending = signing(Style.DEFAULT, List.of(rsa()), WhenSigningFails.SEND_UNSIGNED, broken)) {
            assertThat(signed(deferring, wire, true, 9)).isEqualTo(new MailSigning.Deferred("r1._domainkey.bank.example: out of order"));
            assertThat(signed(sending, wire, true, 9)).isEqualTo(new MailSigning.Unsignable(Unsigned.SIGNING_FAILED, "r1._domainkey.bank.example: out of order"));
        }
    }

    @Test
    void rsaSignsOnAThreadOfItsOwnAndEd25519WhereItIsCalled() throws Exception {
        String wire = "From: a@bank.example\r\n\r\n";
        for (Key key : List.of(rsa(), ed())) {
            try (DkimSigning signing = signing(Style.DEFAULT, List.of(key), WhenSigningFails.DEFER, Signers.best())) {
                CompletableFuture<String> thread = new CompletableFuture<>();
                MailSigning.Pass pass = signing.begin(message(true)).orElseThrow();
                pass.octets(octets(wire), 0, wire.length());
                pass.end(new byte[0], _ -> thread.complete(Thread.currentThread().getName()));
                assertThat(thread.get(10, TimeUnit.SECONDS).startsWith("dkim-")).isEqualTo(key.selector().equals(Domain.of("r1")));
            }
        }
    }

    @Test
    void withoutKeysNothingIsWatched() {
        try (DkimSigning signing = new DkimSigning(() -> DkimSettings.NONE, InstantSource.system())) {
            assertThat(signing.begin(message(true))).isEmpty();
        }
    }

    private static Style style(Form header, Form body) {
        return new Style(header, body, Style.HEADERS, Style.OVERSIGN, Style.OVERSIGN_PRESENT, Optional.empty());
    }

    private static Key rsa() {
        return new Key(Domain.of("r1"), RSA, Path.of("r1.pem"), Set.of(Key.ALL));
    }

    private static Key ed() {
        return new Key(Domain.of("e1"), ED, Path.of("e1.pem"), Set.of(Key.ALL));
    }

    private static DkimSigning signing(Style style, List<Key> keys, WhenSigningFails failing, Signers signers) {
        DkimSettings settings = new DkimSettings(Map.of(BANK, new DkimSettings.Signer("bank.example", Optional.empty(), keys, Set.of(), style)), Map.of(), Optional.empty(),
                DkimSettings.Identity.FROM, failing);
        return new DkimSigning(() -> settings, InstantSource.fixed(Instant.ofEpochSecond(1_764_000_000)), signers);
    }

    private static MailSigning.Result signed(String wire, boolean stuffed, Style style, int size) throws Exception {
        try (DkimSigning signing = signing(style, List.of(rsa(), ed()), WhenSigningFails.DEFER, Signers.best())) {
            return signed(signing, wire, stuffed, size);
        }
    }

    private static MailSigning.Result signed(DkimSigning signing, String wire, boolean stuffed, int size) throws Exception {
        MailSigning.Pass pass = signing.begin(message(stuffed)).orElseThrow();
        byte[] octets = octets(wire);
        for (int at = 0; at < octets.length; at += size) {
            pass.octets(octets, at, Math.min(octets.length, at + size));
        }
        CompletableFuture<MailSigning.Result> result = new CompletableFuture<>();
        pass.end(octets(PROLOGUE), result::complete);
        return result.get(20, TimeUnit.SECONDS);
    }

    private static MailSigning.Message message(boolean stuffed) {
        return new MailSigning.Message(new SigningRules.Sender(Optional.empty(), Optional.of("RELAYLIST"), Key.MAIL), stuffed);
    }

    private static List<String> verified(MailSigning.Result result, String wire, boolean stuffed) {
        String content = stuffed ? wire.replaceAll("(?:(?<=\r\n)|\\A)\\.", "") : wire;
        assertThat(result).isInstanceOf(MailSigning.Signed.class);
        return VERIFIER.verify(new String(((MailSigning.Signed) result).fields(), StandardCharsets.US_ASCII) + PROLOGUE + content);
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static SigningKey generated(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return VectorsTest.key(generator.generateKeyPair().getPrivate().getEncoded());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
