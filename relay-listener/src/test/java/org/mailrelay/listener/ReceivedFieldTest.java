package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;

@Timeout(60)
class ReceivedFieldTest {

    private static final Instant AT = Instant.parse("2026-11-24T09:08:07Z");

    @TempDir
    Path folder;

    private static String field(String address, Optional<Mailbox> only) {
        return new String(ReceivedField.wire(new ReceivedField.Facts("app1.example.com", "unknown", address, Domain.of("relay.example.net"), "ESMTPSA", new Mid(6), only, AT),
                ZoneId.of("UTC")), StandardCharsets.UTF_8);
    }

    /// RFC 5321 §4.4: from, by, with, id, for, and the date; RFC 5321 §4.1.3 for an IPv6 address.
    @Test
    void R_TRC_1_saysWhoGaveItToWhomAndHow() {
        assertThat(field("192.0.2.1", Optional.of(Mailbox.of("b@example.org")))).isEqualTo("Received: from app1.example.com (unknown [192.0.2.1])\r\n\tby relay.example.net with ESMTPSA id 6\r\n"
                + "\tfor <b@example.org>;\r\n\tTue, 24 Nov 2026 09:08:07 +0000\r\n");
        assertThat(field("2001:db8::1", Optional.empty())).contains("[IPv6:2001:db8::1]").doesNotContain("for <");
    }

    /// One recipient is named; of several none is, or each would learn of the others. The way of the session is told by RFC 3848's word for it.
    @Test
    void R_TRC_1_namesARecipientWhereThereIsButOne() throws Exception {
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.greeted()) {
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            client.send("Subject: x\r\n\r\nx\r\n.\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n");
            client.send("Subject: x\r\n\r\nx\r\n.\r\n");
            assertThat(prologue(relay)).contains(" with ESMTP id ").contains("for <b@example.org>;");
            assertThat(prologue(relay)).doesNotContain("for <");
        }
    }

    /// RFC 5321 §4.4: Return-Path is written by whoever delivers for good: a relay adds none and leaves alone what is there; Received fields of others stay too.
    @Test
    void R_TRC_2_addsNoReturnPathAndLeavesTraceAlone() throws Exception {
        String content = "Return-Path: <x@example.com>\r\nReceived: from a by b; Tue, 24 Nov 2026 09:00:00 +0000\r\nReceived: by c\r\nSubject: x\r\n\r\nx\r\n";
        try (ListenerFixture relay = ListenerFixture.in(folder).open(); Client client = relay.greeted()) {
            client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            client.send(content + ".\r\n");
            var queued = relay.nextQueued();
            assertThat(new String(queued.prologue(), StandardCharsets.US_ASCII)).startsWith("Received: ").doesNotContain("Return-Path").containsOnlyOnce("Received:");
            assertThat(relay.stored(queued)).isEqualTo(content);
        }
    }

    private static String prologue(ListenerFixture relay) throws InterruptedException {
        return new String(relay.nextQueued().prologue(), StandardCharsets.US_ASCII);
    }
}
