package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Notify;
import org.mailrelay.core.mail.OriginalRecipient;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReturnedPart;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.tls.TlsLevel;

final class RecordCodecTest {

    private static final String LOCAL = "l".repeat(64);
    private static final String DOMAIN = "d".repeat(63) + "." + "e".repeat(63) + "." + "f".repeat(63) + "." + "g".repeat(61);

    /// Written by the relay before records held RFC 3461's parameters.
    private static final String FIRST_INLINE = """
            f5a152c3010000010bc986da42000000000000004d0000001273656e646572406578616d706c652e636f6d01000000020000000522612062220000000b6578616d706c652e6e6574000000\
            01630000000f7375622e6578616d706c652e6e6574000000006b040ea0075bcd150000000000000007000000093139322e302e322e310000000000000005040100000004\
            62756c6b0000000000000023000000000000000201010000000648656c6cc3b601000000103c6964406578616d706c652e636f6d3e0000001052656365697665643a2068\
            6572650d0a0000000003000000006b041cb00000000000000009343231206c61746572010000000000000014b11628e8005375626a6563743a20780d0a0d0a626f64790d0a""";
    private static final String FIRST_FILE = """
            f5a152c30100000076aada7e6e000000000000004e00000000000000000100000001630000000f7375622e6578616d706c652e6e6574000000006b040ea00000000000000000\
            0000000000000000ffffffffffffffffff0000000000000493e00000000000000000000000000000000200000000000493e01234abcd01000000023738""";

    @Test
    void readsWhatTheFirstFormatHoldsInline() {
        Record.Message message = (Record.Message) decoded(HexFormat.of().parseHex(FIRST_INLINE));
        assertThat(message.mid()).isEqualTo(new Mid(77));
        assertThat(message.envelope()).isEqualTo(Envelope.of(ReversePath.of("sender@example.com"),
                List.of(Mailbox.of("\"a b\"@example.net"), Mailbox.of("c@sub.example.net")), BodyType.EIGHT_BIT_MIME));
        assertThat(message.origin()).isEqualTo(new Origin(Instant.parse("2026-11-23T10:00:00.123456789Z"), Injection.of(new Icid(7), "192.0.2.1"),
                Optional.of(new Mid(5)), Optional.of(TlsLevel.REQUIRED_VERIFY), Optional.of("bulk")));
        assertThat(message.content()).isEqualTo(new Content(35, 2, true, Optional.of("Hellö"), Optional.of("<id@example.com>")));
        assertThat(message.prologue()).asString(StandardCharsets.US_ASCII).isEqualTo("Received: here\r\n");
        assertThat(message.states()).containsExactly(new RecipientState.Waiting(3, Instant.parse("2026-11-23T11:00:00Z"), "421 later"), new RecipientState.Delivered());
        assertThat(message.bodyLength()).isEqualTo(20);
    }

    @Test
    void readsWhatTheFirstFormatHoldsOfABodyInItsOwnFile() {
        Record.Message message = (Record.Message) decoded(HexFormat.of().parseHex(FIRST_FILE));
        assertThat(message.envelope()).isEqualTo(Envelope.of(ReversePath.NULL, List.of(Mailbox.of("c@sub.example.net"))));
        assertThat(message.origin()).isEqualTo(Origin.of(Instant.parse("2026-11-23T10:00:00Z"), Injection.OURS));
        assertThat(message.states()).containsExactly(new RecipientState.Bounced());
        assertThat(message.bodyFile()).contains("78");
    }

    @Test
    void whatIsWrittenIsReadBackWithEveryParameter() {
        for (MailParameters said : parameters()) {
            for (Recipient recipient : recipients()) {
                NewMessage message = message(new Envelope(ReversePath.of("sender@example.com"), List.of(recipient, Recipient.of("b@example.org")), said));
                Record.Message read = (Record.Message) decoded(encoded(message));
                assertThat(read.envelope()).isEqualTo(message.envelope());
                assertThat(read.origin()).isEqualTo(message.origin());
                assertThat(read.content()).isEqualTo(message.content());
                assertThat(read.states()).isEqualTo(states(message));
            }
        }
    }

    @Test
    void theBoundCoversTheLongestEnvelope() {
        Recipient longest = new Recipient(Mailbox.of(LOCAL + "@" + DOMAIN), Notify.NEVER, Optional.of(new OriginalRecipient("utf-8", "ä".repeat(490))));
        NewMessage message = message(new Envelope(ReversePath.of(LOCAL + "@" + DOMAIN), java.util.Collections.nCopies(1_000, longest),
                MailParameters.NONE.withEnvelopeId("e".repeat(100))));
        assertThat(encoded(message)).hasSizeLessThanOrEqualTo(RecordCodec.bound(message, 48 * 1_000));
    }

    @Test
    void nothingInARecordMakesTheReaderThrowAnythingElse() {
        Random random = new Random(3464);
        List<byte[]> samples = List.of(encoded(message(new Envelope(ReversePath.of("s@example.com"), recipients(), parameters().getLast()))),
                HexFormat.of().parseHex(FIRST_INLINE), HexFormat.of().parseHex(FIRST_FILE));
        int refused = 0;
        for (int round = 0; round < 60_000; round++) {
            byte[] bytes = samples.get(round % samples.size()).clone();
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                bytes[RecordCodec.HEADER + random.nextInt(bytes.length - RecordCodec.HEADER)] = (byte) random.nextInt(256);
            }
            int end = random.nextInt(4) > 0 ? bytes.length : RecordCodec.HEADER + random.nextInt(bytes.length - RecordCodec.HEADER);
            try {
                decoded(java.util.Arrays.copyOf(bytes, end));
            } catch (IllegalArgumentException damage) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(10_000);
    }

    @Test
    void ordersAboutOrdersAreDamageHoweverDeepTheyGo() {
        ByteBuffer record = ByteBuffer.allocate(RecordCodec.MAX_PAYLOAD / 8);
        record.putLong(9).putInt(0);
        while (record.remaining() >= 3) {
            record.put(new byte[] {5, 0, 0});
        }
        assertThatThrownBy(() -> RecordCodec.decode((byte) 2, record.flip())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBodysFileThatIsNotInItsFolderIsDamage() {
        for (String name : List.of("../9", "/etc/passwd", "a\0b", "..", ".hidden", "")) {
            NewMessage message = new NewMessage(new Mid(9), new Envelope(ReversePath.NULL, recipients(), MailParameters.NONE), new Origin(Messages.RECEIVED, Injection.of(new Icid(7), "192.0.2.1"),
                    Optional.empty(), Optional.empty(), Optional.empty()), new Content(4, 0, false, Optional.empty(), Optional.empty()), new byte[0],
                    new Body.InFile(Path.of("/spool/bodies/9"), 300_000, 17, Optional.empty()));
            byte[] record = encoded(message);
            ByteBuffer changed = ByteBuffer.allocate(record.length + name.length());
            changed.put(record, 0, record.length - 5).putInt(name.length()).put(name.getBytes(java.nio.charset.StandardCharsets.US_ASCII));   // the name was `9`
            assertThatThrownBy(() -> decoded(java.util.Arrays.copyOf(changed.array(), changed.position()))).as(name.replace('\0', '0')).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("name");
        }
    }

    @Test
    void aDateNoCalendarKnowsIsDamage() {
        byte[] bytes = HexFormat.of().parseHex(FIRST_FILE);
        ByteBuffer.wrap(bytes).putLong(54, 300_000_000_000L);
        assertThatIllegalArgumentException().isThrownBy(() -> decoded(bytes)).withMessageContaining("a date of");
    }

    private static List<MailParameters> parameters() {
        List<MailParameters> all = new ArrayList<>(List.of(MailParameters.NONE, MailParameters.NONE.withSmtpUtf8(true), MailParameters.NONE.withRequireTls(true),
                MailParameters.NONE.withReturned(ReturnedPart.FULL), MailParameters.NONE.withReturned(ReturnedPart.HEADERS), MailParameters.NONE.withEnvelopeId("QQ314159"),
                MailParameters.NONE.withHoldUntil(Messages.RECEIVED)));
        for (BodyType body : BodyType.values()) {
            all.add(MailParameters.of(body));
        }
        for (DeliverBy.Mode mode : DeliverBy.Mode.values()) {
            all.add(MailParameters.NONE.withDeliverBy(new DeliverBy(Messages.RECEIVED, mode, mode == DeliverBy.Mode.NOTIFY)));
        }
        all.add(MailParameters.of(BodyType.BINARY_MIME).withSmtpUtf8(true).withRequireTls(true).withReturned(ReturnedPart.HEADERS).withEnvelopeId("a b+c=")
                .withDeliverBy(new DeliverBy(Messages.RECEIVED, DeliverBy.Mode.RETURN, true)).withHoldUntil(Messages.RECEIVED));
        return all;
    }

    private static List<Recipient> recipients() {
        List<Recipient> all = new ArrayList<>(List.of(Recipient.of("a@example.net"), Recipient.of("jürgen@example.net"),
                new Recipient(Mailbox.of("a@example.net"), Notify.UNSAID, Optional.of(new OriginalRecipient("rfc822", "Old+One=x@example.net")))));
        Notify.COMBINATIONS.forEach(notify -> all.add(new Recipient(Mailbox.of("a@example.net"), notify, Optional.of(new OriginalRecipient("utf-8", "ältere@example.net")))));
        return all;
    }

    private static NewMessage message(Envelope envelope) {
        Injection injection = new Injection(new Icid(7), "2001:db8::1", "[IPv6:2001:db8::1]", "private", "relayed", Optional.of("app1"));
        return new NewMessage(new Mid(9), envelope, new Origin(Messages.RECEIVED, injection, Optional.empty(), Optional.of(TlsLevel.REQUIRED_VERIFY_HOSTED), Optional.of("bulk")),
                new Content(4, 0, true, Optional.of("Hellö"), Optional.empty(), true), new byte[0],
                new Body.InFile(Path.of("/spool/bodies/9"), 300_000, 17, Optional.empty()));
    }

    private static List<RecipientState> states(NewMessage message) {
        return java.util.stream.IntStream.range(0, message.envelope().recipients().size())
                .<RecipientState>mapToObj(i -> new RecipientState.Waiting(i, Messages.RECEIVED, "4.4.1 später", i % 2 == 0)).toList();
    }

    private static byte[] encoded(NewMessage message) {
        ByteBuffer out = ByteBuffer.allocate(4 << 20);
        RecordCodec.putMessage(out, message, states(message));
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    private static Record decoded(byte[] record) {
        return RecordCodec.decode(record[4], ByteBuffer.wrap(record).position(RecordCodec.HEADER));
    }
}
