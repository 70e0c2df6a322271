package org.mailrelay.core.dkim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailrelay.core.dkim.WholeMessage.octets;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.Domain;

class SignatureFieldTest {

    private static final Instant AT = Instant.ofEpochSecond(1_764_000_000);

    /// RFC 6376 §5.4.2: "signers choosing to sign an existing header field that occurs more than once in the message (such as Received) MUST sign
    /// the physically last instance of that header field in the header block."
    @Test
    void ofFieldsWithOneNameTheLastComesFirst() {
        HeaderBlock header = HeaderBlock.parse(octets("To: one\r\nX: y\r\nTO: two\r\nFrom: a\r\n"));
        assertThat(new String(FieldSelection.of(header, List.of("to", "To", "to", "from"), Form.SIMPLE).octets(), StandardCharsets.ISO_8859_1))
                .isEqualTo("TO: two\r\nTo: one\r\nFrom: a\r\n");
    }

    @Test
    void namesThatAreOversignedStandOnceMoreThanInTheHeader() {
        HeaderBlock header = HeaderBlock.parse(octets("From: a\r\nDate: d\r\nList-Id: l\r\nTo: t\r\nTo: u\r\n"));
        assertThat(FieldSelection.forSigning(header, DkimSettings.Style.DEFAULT).orElseThrow().names())
                .containsExactly("From", "From", "Reply-To", "Subject", "Date", "Date", "To", "To", "To", "Cc", "List-Id");
    }

    @Test
    void aHeaderWithTooManyFieldsIsNotSigned() {
        HeaderBlock header = HeaderBlock.parse(octets("From: a\r\n" + "To:\r\n".repeat(300)));
        assertThat(FieldSelection.forSigning(header, DkimSettings.Style.DEFAULT)).isEmpty();
    }

    @Test
    void theFieldSaysWhatTheStyleAsks() {
        DkimSettings.Style style = new DkimSettings.Style(Form.SIMPLE, Form.RELAXED, List.of("From"), Set.of(), Set.of(), Optional.of(Duration.ofDays(2)));
        String field = SignatureField.of(new SignatureField.Tags(Algorithm.RSA_SHA256, Domain.of("bank.example"), Domain.of("s1"), style, AT),
                new FieldSelection(List.of("From", "To"), new byte[0]), new byte[32]).signed(new byte[256]);
        assertThat(field).startsWith("DKIM-Signature: v=1; a=rsa-sha256; c=simple/relaxed;\r\n\td=bank.example; s=s1; t=1764000000; x=1764172800;\r\n\th=From:To;\r\n\tbh=AAA")
                .endsWith("==\r\n").doesNotContain("l=");
    }

    @Test
    void noLineIsLongerThanMailAllows() {
        String field = SignatureField.of(new SignatureField.Tags(Algorithm.RSA_SHA256, Domain.of("bank.example"), Domain.of("s1"), DkimSettings.Style.DEFAULT, AT),
                new FieldSelection(DkimSettings.Style.HEADERS, new byte[0]), new byte[32]).signed(new byte[512]);
        assertThat(field.split("\r\n")).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(78));   // RFC 5322 §2.1.1
    }

    /// What the field's reader takes for the signed octets is what was signed, in both forms.
    @Test
    void readingAFieldBackGivesTheSignedOctets() {
        FieldSelection fields = FieldSelection.forSigning(HeaderBlock.parse(octets("From: a\r\nSubject:  b \r\n c\r\n")), DkimSettings.Style.DEFAULT).orElseThrow();
        for (Form form : Form.values()) {
            DkimSettings.Style style = new DkimSettings.Style(form, form, DkimSettings.Style.HEADERS, Set.of(), Set.of(), Optional.empty());
            SignatureField field = SignatureField.of(new SignatureField.Tags(Algorithm.ED25519_SHA256, Domain.of("bank.example"), Domain.of("s1"), style, AT), fields, new byte[32]);
            byte[] whole = octets(field.signed(new byte[64]));
            PriorSignature read = PriorSignature.parse(HeaderField.of(Arrays.copyOf(whole, whole.length - 2))).orElseThrow();
            assertThat(SignatureField.data(fields, form, new String(read.unsigned(), StandardCharsets.US_ASCII))).isEqualTo(field.data());
            assertThat(read.octets("b")).hasValueSatisfying(signature -> assertThat(signature).hasSize(64));
            assertThat(read.keyName()).contains(Domain.of("s1._domainkey.bank.example"));
        }
    }

    @Test
    void relaxedFieldsAreWhatAnotherWayOfWritingItGives() {
        Random random = new Random(3_4_2);
        String[] parts = {" ", "\t", "\r\n ", "\r\n\t", "a", "B", ":", "\u00e9", "=?utf-8?q?x?="};
        for (int i = 0; i < 2_000; i++) {
            StringBuilder value = new StringBuilder();
            for (int k = random.nextInt(12); k > 0; k--) {
                value.append(parts[random.nextInt(parts.length)]);
            }
            String expected = "subject:" + value.toString().replace("\r\n", "").replaceAll("[ \t]+", " ").replaceAll("^ | \\z", "");
            assertThat(new String(Form.RELAXED.field(octets("SubJect \t:" + value)), StandardCharsets.ISO_8859_1)).isEqualTo(expected);
        }
    }
}
