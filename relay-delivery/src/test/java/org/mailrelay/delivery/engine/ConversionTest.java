package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// 8-bit mail for hosts without 8BITMIME (RFC 6152 §3), from memory and from the disk.
class ConversionTest {

    private static final String OLD = "250-mx.example.com\r\n250 SIZE 90000000\r\n";
    private static final String OLD_PIPELINING = "250-mx.example.com\r\n250-PIPELINING\r\n250 SIZE 90000000\r\n";
    private static final String MODERN = "250-mx.example.com\r\n250 8BITMIME\r\n";
    private static final String MESSAGE = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n..K\u00f6ln\r\n";
    private static final String CONVERTED = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n..K=F6ln\r\n";

    @TempDir
    Path folder;

    private static FakeMx host(String offers) {
        return new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("EHLO", new Effect.Say(offers))));
    }

    @ParameterizedTest
    @ValueSource(strings = {OLD, OLD_PIPELINING})
    void R_8BIT_1_isConvertedAndItsSizeIsTheTrueOne(String offers) throws Exception {
        try (FakeMx mx = host(offers); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.start();
            for (int i = 0; i < 3; i++) {
                Mid mid = it.sendContent(MESSAGE, "a@example.org", "b@example.com");
                it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
                Mid plain = it.send("a@example.org", "b@example.com");
                it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(plain));
            }
            assertThat(mx.received()).hasSize(6);
            assertThat(mx.received().getFirst().content()).isEqualTo(CONVERTED);
            assertThat(mx.received().getFirst().commands()).anySatisfy(command -> assertThat(command).isEqualTo("MAIL FROM:<a@example.org> SIZE=" + (CONVERTED.length() - 1)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {OLD, OLD_PIPELINING})
    void R_8BIT_1_fromTheDiskInPieces(String offers) throws Exception {
        String body = "K\u00f6ln and a rest of a line that is long enough\r\n".repeat(20_000);
        try (FakeMx mx = host(offers); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.start();
            for (int i = 0; i < 2; i++) {
                Mid mid = it.sendContent("Subject: x\r\n\r\n" + body, "a@example.org", "b@example.com");
                it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
            }
            assertThat(mx.received()).hasSize(2).allSatisfy(received -> assertThat(received.content()).isEqualTo("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n"
                    + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + body.replace("\u00f6", "=F6")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {OLD, MODERN})
    void R_CHUNK_2_binaryContentIsConvertedForWhoeverDoesNotTakeIt(String offers) throws Exception {
        String binary = "MIME-Version: 1.0\r\nContent-Type: application/x-odd\r\nContent-Transfer-Encoding: binary\r\n\r\n.\r\n\0\n\u00ff";
        Envelope envelope = Envelope.of(ReversePath.of("a@example.org"), List.of(Mailbox.of("b@example.com")), BodyType.BINARY_MIME);
        try (FakeMx mx = host(offers); EngineFixture it = new EngineFixture(folder, List.of(mx), EngineFixture.Terms.PLAIN)) {
            it.engine.start();
            Mid mid = it.send(envelope, binary);
            it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
            assertThat(mx.received()).singleElement().satisfies(received -> {
                assertThat(received.content()).isEqualTo("MIME-Version: 1.0\r\nContent-Type: application/x-odd\r\nContent-Transfer-Encoding: base64\r\n\r\nLg0KAAr/\r\n");
                assertThat(received.commands()).noneMatch(command -> command.contains("BODY="));
            });
        }
    }

    @Test
    void R_8BIT_1_whatIsSignedIsReturnedWithTheReason() throws Exception {
        for (String padding : List.of("", "padding\r\n".repeat(60_000))) {
            try (FakeMx mx = host(OLD); EngineFixture it = new EngineFixture(folder.resolve("of" + padding.length()), List.of(mx), EngineFixture.Terms.PLAIN)) {
                it.engine.start();
                Mid mid = it.sendContent("DKIM-Signature: v=1\r\n" + MESSAGE + padding, "a@example.org", "b@example.com");
                DeliveryEvent.Bounced bounced = it.await(DeliveryEvent.Bounced.class, e -> e.verdict().mid().equals(mid));
                assertThat(bounced.verdict().status()).hasToString("5.6.3");
                assertThat(bounced.verdict().texts()).singleElement().asString().contains("8-bit content, and the host does not offer 8BITMIME; not converted: signed with DKIM");
                assertThat(mx.commands()).noneMatch(command -> command.startsWith("MAIL FROM:<a@"));
            }
        }
    }

    @Test
    void whereAnotherHostTakesItAsItIsNothingIsChanged() throws Exception {
        try (FakeMx old = host(OLD); FakeMx modern = host(MODERN); EngineFixture it = new EngineFixture(folder, List.of(old, modern), EngineFixture.Terms.PLAIN)) {
            it.engine.start();
            Mid mid = it.sendContent("DKIM-Signature: v=1\r\n" + MESSAGE, "a@example.org", "b@example.com");
            it.await(DeliveryEvent.Delivered.class, e -> e.mid().equals(mid));
            assertThat(modern.received()).singleElement().satisfies(received -> assertThat(received.commands()).contains("MAIL FROM:<a@example.org> BODY=8BITMIME"));
        }
    }
}
