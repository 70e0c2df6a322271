package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.access.MailFlowPolicy;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.DeliverBy;
import org.mailrelay.queue.QueuedMessage;

/// What extensions let a sender say is kept with the message, octet for octet.
class ExtensionsTest {

    private static final String JOERG = octets("j\u00f6rg@b\u00fccher.example");

    private static ListenerFixture relay;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        relay = ListenerFixture.in(folder).open();
    }

    @AfterAll
    static void stop() throws Exception {
        relay.close();
    }

    /// UTF-8 as the client sends it: one character an octet.
    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @Test
    void R_UTF8_1_addressesInUtf8WhereMailSaysSo() throws Exception {
        try (Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<" + JOERG + ">")).startsWith("553 5.6.7 ");
            assertThat(client.ask("MAIL FROM:<" + JOERG + "> SMTPUTF8")).isEqualTo("250 2.1.0 sender ok");
            assertThat(client.ask("RCPT TO:<" + octets("\u7528\u6237@example.org") + ">")).isEqualTo("250 2.1.5 recipient ok");
            client.ask("DATA");
            assertThat(client.ask("Subject: " + octets("gr\u00fc\u00dfe") + "\r\n\r\nx\r\n.")).startsWith("250 2.0.0 ok: Message ");
        }
        QueuedMessage message = relay.nextQueued();
        assertThat(message.envelope().sender().mailbox().orElseThrow().localPart()).isEqualTo("j\u00f6rg");
        assertThat(message.envelope().sender().mailbox().orElseThrow().domain().name()).isEqualTo("xn--bcher-kva.example");
        assertThat(message.envelope().mailbox(0).localPart()).isEqualTo("\u7528\u6237");
        assertThat(message.envelope().parameters().smtpUtf8()).isTrue();
        assertThat(new String(message.prologue(), StandardCharsets.UTF_8)).contains(" with UTF8SMTP id ").contains("for <\u7528\u6237@example.org>");
    }

    /// RFC 4865 §3.
    @Test
    void aMessageIsHeldAsLongAsThePolicyLets(@TempDir Path own) throws Exception {
        MailFlowPolicy.Limits week = new MailFlowPolicy.Limits(1 << 20, 100, 100, 100, Duration.ofDays(7));
        try (ListenerFixture holding = ListenerFixture.in(own).policy(ListenerFixture.relaying().withLimits(week)).open(); Client client = holding.connect()) {
            client.reply();
            assertThat(client.ask("EHLO c.example.com")).containsPattern("\n250-FUTURERELEASE 604800 20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z\n");
            Instant before = Instant.now();
            for (String bad : new String[] {"HOLDFOR=604801", "HOLDFOR=0", "HOLDFOR=-1", "HOLDFOR=+5", "HOLDFOR=1234567890", "HOLDFOR", "HOLDFOR=60 HOLDUNTIL=" + before.plusSeconds(60), "HOLDFOR=60 HOLDFOR=60",
                "HOLDUNTIL=" + before.plus(Duration.ofDays(8)), "HOLDUNTIL=2026-02-30T00:00:00Z", "HOLDUNTIL=tomorrow", "HOLDUNTIL=2026-11-24 00:00:00Z", "HOLDUNTIL=2026-11-24T00:00:00"}) {
                try (Client other = holding.greeted()) {
                    assertThat(other.ask("MAIL FROM:<a@example.com> " + bad)).as(bad).startsWith("501 5.5.");
                }
            }
            assertThat(held(holding, client, "HOLDFOR=3600")).isBetween(before.plusSeconds(3_600), Instant.now().plusSeconds(3_601));
            Instant until = before.plusSeconds(7_200).truncatedTo(ChronoUnit.SECONDS);
            assertThat(held(holding, client, "HOLDUNTIL=" + until)).isEqualTo(until);
            assertThat(held(holding, client, "holduntil=" + until.atOffset(ZoneOffset.ofHours(2)))).isEqualTo(until);
            assertThat(held(holding, client, "HOLDUNTIL=2001-01-01T00:00:00.5z")).as("what is past holds nothing").isBefore(before);
            held(holding, client, "HOLDFOR=3600 BY=60;R");
        }
        try (Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<a@example.com> HOLDFOR=60")).startsWith("555 5.5.4 ");
        }
    }

    private static Instant held(ListenerFixture relay, Client client, String parameters) throws Exception {
        assertThat(client.ask("MAIL FROM:<a@example.com> " + parameters)).startsWith("250 ");
        client.ask("RCPT TO:<b@example.org>");
        client.ask("DATA");
        assertThat(client.ask("x\r\n.")).startsWith("250 ");
        var said = relay.nextQueued().envelope().parameters();
        said.deliverBy().ifPresent(by -> assertThat(by.deadline()).as("counted from the release").isEqualTo(said.holdUntil().orElseThrow().plusSeconds(60)));
        return said.holdUntil().orElseThrow();
    }

    @Test
    void R_UTF8_1_aRecipientInUtf8NeedsAMailThatSaidSo() throws Exception {
        try (Client client = relay.greeted()) {
            client.ask("MAIL FROM:<a@example.com>");
            assertThat(client.ask("RCPT TO:<" + JOERG + ">")).startsWith("553 5.6.7 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"j\u00f6rg@example.com", "a\u00c3@example.com", "\u00c0\u0080@example.com", "a\u00c2\u0085b@example.com", "a\u00e2\u0080\u00aeb@example.com", "a\u00ed\u00a0\u0080@example.com"})
    void B_INJ_whatIsNoUtf8OrTurnsTextAroundIsNoAddress(String address) throws Exception {
        try (Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<" + address + "> SMTPUTF8")).startsWith("553 5.6.7 ");
        }
    }

    @Test
    void R_DBY_1_deliverByIsKeptAsATime() throws Exception {
        for (String bad : new String[] {"BY", "BY=", "BY=5", "BY=5;X", "BY=+5;R", "BY=1234567890;R", "BY=5;RX", "BY=--5;R", "BY=5 ;R"}) {
            try (Client client = relay.greeted()) {
                assertThat(client.ask("MAIL FROM:<a@example.com> " + bad)).as(bad).startsWith("501 ");
            }
        }
        try (Client client = relay.greeted()) {
            client.ask("MAIL FROM:<a@example.com> BY=120;RT");
            client.ask("RCPT TO:<b@example.org>");
            client.ask("DATA");
            client.ask("x\r\n.");
        }
        DeliverBy by = relay.nextQueued().envelope().parameters().deliverBy().orElseThrow();
        assertThat(by.mode()).isEqualTo(DeliverBy.Mode.RETURN);
        assertThat(by.trace()).isTrue();
        assertThat(Duration.between(Instant.now(), by.deadline())).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(121));
    }

    @Test
    void R_CHUNK_2_binaryContentIsKeptAsItIsAndNeedsBdat() throws Exception {
        String binary = "Subject: x\r\n\r\n\0\u00ff\n.\r\n.\r\n\rend";
        try (Client client = relay.greeted()) {
            client.ask("MAIL FROM:<a@example.com> BODY=BINARYMIME");
            client.ask("RCPT TO:<b@example.org>");
            assertThat(client.ask("DATA")).isEqualTo("503 5.5.1 BINARYMIME needs BDAT");
            client.send("BDAT " + binary.length() + " LAST\r\n" + binary);
            assertThat(client.reply()).startsWith("250 2.0.0 ok: Message ");
        }
        QueuedMessage message = relay.nextQueued();
        assertThat(relay.stored(message)).isEqualTo(binary);
        assertThat(message.envelope().bodyType()).isEqualTo(BodyType.BINARY_MIME);
        assertThat(message.content().stuffedDots()).isZero();
        assertThat(message.content().trueSize()).isEqualTo(binary.length() + message.prologue().length);
        assertThat(message.content().subject()).contains("x");
    }

    @Test
    void R_RTLS_1_requireTlsIsOfferedAndTakenInsideTlsOnly() throws Exception {
        try (Client client = relay.connect()) {
            client.reply();
            assertThat(client.ask("EHLO client.example.com")).doesNotContain("REQUIRETLS");
            assertThat(client.ask("MAIL FROM:<a@example.com> REQUIRETLS")).isEqualTo("530 5.7.0 REQUIRETLS is for connections with TLS");
            client.ask("STARTTLS");
            client.startTls();
            assertThat(client.ask("EHLO client.example.com")).contains("REQUIRETLS");
            assertThat(client.ask("MAIL FROM:<a@example.com> REQUIRETLS=yes")).startsWith("501 5.5.4 ");
            client.ask("MAIL FROM:<a@example.com> REQUIRETLS");
            client.ask("RCPT TO:<b@example.org>");
            client.ask("DATA");
            assertThat(client.ask("x\r\n.")).startsWith("250 2.0.0 ok: Message ");
        }
        assertThat(relay.nextQueued().envelope().parameters().requireTls()).isTrue();
    }

    @Test
    void R_AUTH_1_mailAuthIsNoParameterWhereThereIsNoAuth() throws Exception {
        try (Client client = relay.greeted()) {
            assertThat(client.ask("MAIL FROM:<a@example.com> AUTH=<>")).startsWith("555 5.5.4 ");
        }
    }
}
