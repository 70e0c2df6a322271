package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class InboxTest {

    private static void keep(Inbox inbox, String text) {
        inbox.keep(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    @Test
    void holdsNoArrayBeforeAnythingComesAndNoneWhileItRests() {
        Inbox inbox = new Inbox();
        assertThat(inbox.octets).isEmpty();
        keep(inbox, "NOOP\r\n");
        inbox.start = inbox.end;
        inbox.rest(true);
        assertThat(inbox.octets).as("more comes soon").hasSize(4_096);
        inbox.rest(false);
        assertThat(inbox.octets).isEmpty();
        keep(inbox, "QUIT\r\n");
        assertThat(inbox.lineFeed(100)).isEqualTo(5);
    }

    @Test
    void givesBackWhatHasGrownEvenWhenBusy() {
        Inbox inbox = new Inbox();
        keep(inbox, "x".repeat(100_000));
        inbox.start = inbox.end;
        inbox.rest(true);
        assertThat(inbox.octets).isEmpty();
    }

    @Test
    void whatWasNotDealtWithStays() {
        Inbox inbox = new Inbox();
        keep(inbox, "x".repeat(10_000));
        inbox.start = 9_999;
        inbox.rest(false);
        keep(inbox, "y");
        assertThat(new String(inbox.octets, inbox.start, inbox.count(), StandardCharsets.US_ASCII)).isEqualTo("xy");
    }
}
