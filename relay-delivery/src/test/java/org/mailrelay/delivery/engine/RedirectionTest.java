package org.mailrelay.delivery.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RedirectionTest {

    @Test
    void aHostWithOrWithoutAPortIsReadAndSaidAlike() {
        assertThat(Redirection.parse("mx.example", 25)).contains(new Redirection("mx.example", 25));
        assertThat(Redirection.parse("mx.example:587", 25)).contains(new Redirection("mx.example", 587));
        assertThat(Redirection.parse("192.0.2.7:2525", 25)).contains(new Redirection("192.0.2.7", 2525));
        assertThat(Redirection.parse("[2001:db8::7]:26", 25)).contains(new Redirection("2001:db8::7", 26));
        assertThat(Redirection.parse("2001:db8::7", 25)).contains(new Redirection("2001:db8::7", 25));
        for (String text : List.of("mx.example:587", "192.0.2.7:25", "[2001:db8::7]:26")) {
            Redirection way = Redirection.parse(text, 1).orElseThrow();
            assertThat(way).hasToString(text);
            assertThat(Redirection.parse(way.toString(), 1)).contains(way);
        }
    }

    @Test
    void whatIsNoHostIsRefused() {
        for (String text : List.of("", ":25", "mx.example:", "mx.example:0", "mx.example:65536", "mx.example:99999999999", "mx example", "mx..example", "[::1", "a\r\nb", "mx.example:2x")) {
            assertThat(Redirection.parse(text, 25)).as(text).isEmpty();
        }
    }
}
