package org.mailrelay.net.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.dkim.ArcChain.Validity;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.DkimSettings.Key;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.dkim.SigningRules;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.net.dns.TextLookup;
import org.mailrelay.testkit.dkim.DkimKeys;

/// Seals on seals, and what breaks them. That others read them as we do is shown by mailauth in `.ci/dkim-interop`.
class ArcSealingTest {

    private static final SigningKey KEY = ((SigningKey.Usable) SigningKey.parse(DkimKeys.rsa(2_048))).key();
    private static final String MESSAGE = "From: a@elsewhere.example\r\nTo: list@example.net\r\nSubject: x\r\n\r\nbody  of text\r\n";

    private final Map<Domain, TextLookup> dns = new HashMap<>();

    ArcSealingTest() {
        for (String hop : new String[] {"one.example", "two.example", "three.example"}) {
            dns.put(Domain.of("s._domainkey." + hop), new TextLookup.Found(List.of(KeyRecord.of(KEY.algorithm(), PublicKeys.of(KEY), Set.of("*")).text())));
        }
    }

    @Test
    void eachHopFindsTheChainOfThoseBefore() throws Exception {
        String once = through("one.example", MESSAGE, Validity.NONE);
        assertThat(once).startsWith("ARC-Seal: i=1; a=rsa-sha256; t=1764000000; cv=none;").contains("ARC-Authentication-Results: i=1; one.example;\r\n\tauth=pass smtp.auth=\"us\\\"er\";"
                + "\r\n\tiprev=pass policy.iprev=\"2001:db8::1\";\r\n\tarc=none\r\n");
        String twice = through("two.example", once, Validity.PASS);
        assertThat(twice).startsWith("ARC-Seal: i=2; a=rsa-sha256; t=1764000000; cv=pass;");
        assertThat(through("three.example", twice, Validity.PASS)).startsWith("ARC-Seal: i=3;");
    }

    @Test
    void whatWasChangedOnTheWayBreaksTheChainForGood() throws Exception {
        String once = through("one.example", MESSAGE, Validity.NONE);
        for (String changed : new String[] {once.replace("body", "b0dy"), once.replace("Subject: x", "Subject: y"), once.replace("arc=none", "arc=pass"),
                once.replace("cv=none", "cv=pass"), once.replace("ARC-Seal: i=1", "ARC-Seal: i=2"), once.replace("ARC-Message-Signature: i=1", "X: i=1"),
                "ARC-Seal: i=1; cv=none\r\n" + once, once.replace(";\r\n\tbh=", "; l=1;\r\n\tbh="), once.replaceFirst("d=one.example", "d=none.example")}) {
            assertThat(changed).isNotEqualTo(once);
            String broken = through("two.example", changed, Validity.FAIL);
            assertThat(broken).contains("cv=fail;");
            assertThat(result("three.example", broken)).isEqualTo(new MailSigning.Unsignable(Unsigned.NOT_SEALED, "a hop before has ended the chain"));
        }
    }

    @Test
    void aKeyThatCannotBeLookedUpNowLeavesTheChainAsItIs() throws Exception {
        String once = through("one.example", MESSAGE, Validity.NONE);
        dns.put(Domain.of("s._domainkey.one.example"), new TextLookup.Failed(DnsFailure.SERVFAIL));
        assertThat(result("two.example", once)).isEqualTo(new MailSigning.Unsignable(Unsigned.NOT_SEALED,
                "the key s._domainkey.one.example cannot be looked up: " + DnsFailure.SERVFAIL.words()));
        dns.put(Domain.of("s._domainkey.one.example"), new TextLookup.Found(List.of()));
        through("two.example", once, Validity.FAIL);
    }

    @Test
    void hostileChainsAreBrokenAndNothingMore() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 60; i > 0; i--) {
            many.append("ARC-Seal: i=").append(i).append("; cv=pass\r\nARC-Message-Signature: i=").append(i).append("\r\nARC-Authentication-Results: i=").append(i).append("; x\r\n");
        }
        for (String header : new String[] {"ARC-Seal: \r\n", "ARC-Seal: i=0; cv=none\r\n", "ARC-Seal: i=99999999999\r\n", "ARC-Seal: i=1; i=1; cv=none\r\n", many.toString(),
                "ARC-Seal: i=1; cv=none; a=rsa-sha256; d=x; s=y; b=!\r\nARC-Message-Signature: i=1; h=:::; c=a/b/c; bh=%; b=\r\nARC-Authentication-Results: i=1\r\n"}) {
            assertThat(result("two.example", header + MESSAGE)).isInstanceOfAny(MailSigning.Sealed.class, MailSigning.Unsignable.class)
                    .satisfies(result -> assertThat(result instanceof MailSigning.Sealed sealed ? sealed.chain() : Validity.FAIL).isEqualTo(Validity.FAIL));
        }
    }

    @Test
    void mailOfOurOwnAndOfOtherGroupsIsNotSealed() throws Exception {
        assertThat(result("one.example", MESSAGE, Optional.empty(), "GUESTS")).isEqualTo(new MailSigning.NoKey());
        assertThat(result("one.example", MESSAGE, Optional.of(client()), "OTHERS")).isEqualTo(new MailSigning.NoKey());
    }

    private String through(String hop, String message, Validity chain) throws Exception {
        MailSigning.Result result = result(hop, message);
        assertThat(result).isInstanceOfSatisfying(MailSigning.Sealed.class, sealed -> assertThat(sealed.chain()).isEqualTo(chain));
        return new String(((MailSigning.Sealed) result).fields(), StandardCharsets.US_ASCII) + message;
    }

    private MailSigning.Result result(String hop, String message) throws Exception {
        return result(hop, message, Optional.of(client()), "GUESTS");
    }

    private static MailSigning.Client client() {
        return new MailSigning.Client("2001:db8::1", true, Optional.of("us\"er"));
    }

    private MailSigning.Result result(String hop, String message, Optional<MailSigning.Client> client, String group) throws Exception {
        DkimSettings settings = new DkimSettings(Map.of(), Map.of(), Optional.empty(), DkimSettings.Identity.FROM, DkimSettings.WhenSigningFails.DEFER,
                Optional.of(new DkimSettings.Arc(Domain.of(hop), new Key(Domain.of("s"), KEY, Path.of("s.pem"), Set.of(Key.ALL)), Set.of("GUESTS"))));
        try (DkimSigning signing = new DkimSigning(() -> settings, InstantSource.fixed(Instant.ofEpochSecond(1_764_000_000)),
                name -> dns.getOrDefault(name, new TextLookup.Found(List.of())))) {
            MailSigning.Pass pass = signing.begin(new MailSigning.Message(new SigningRules.Sender(Optional.empty(), Optional.of(group), Key.MAIL), true, client)).orElseThrow();
            byte[] octets = message.getBytes(StandardCharsets.ISO_8859_1);
            for (int at = 0; at < octets.length; at += 5) {
                pass.octets(octets, at, Math.min(octets.length, at + 5));
            }
            CompletableFuture<MailSigning.Result> result = new CompletableFuture<>();
            pass.end(new byte[0], result::complete);
            return result.get(20, TimeUnit.SECONDS);
        }
    }
}
