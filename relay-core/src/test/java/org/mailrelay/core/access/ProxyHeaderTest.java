package org.mailrelay.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProxyHeaderTest {

    private static ProxyHeader read(String octets) {
        byte[] all = octets.getBytes(StandardCharsets.ISO_8859_1);
        return ProxyHeader.read(all, all.length);
    }

    private static final String SECOND = "\r\n\r\n\0\r\nQUIT\n";

    @Test
    void versionOneNamesTheClient() {
        ProxyHeader.Client four = (ProxyHeader.Client) read("PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\nEHLO x\r\n");
        assertThat(four.address()).containsExactly(192, 0, 2, 1);
        assertThat(four.port()).isEqualTo(56_324);
        assertThat(four.length()).isEqualTo(44);
        assertThat(((ProxyHeader.Client) read("PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n")).address()).hasSize(16);
        assertThat(read("PROXY UNKNOWN\r\n")).isEqualTo(new ProxyHeader.Own(15));
        assertThat(read("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")).isInstanceOf(ProxyHeader.Own.class);
    }

    @Test
    void versionTwoNamesTheClient() {
        String addresses = "\u00c0\0\u0002\u0001\u00c6\u0033\u0064\u0001\u00dc\u0004\0\u0019";
        ProxyHeader.Client four = (ProxyHeader.Client) read(SECOND + "\u0021\u0011\0\u000c" + addresses + "EHLO");
        assertThat(four.address()).containsExactly(192, 0, 2, 1);
        assertThat(four.port()).isEqualTo(0xdc04);
        assertThat(four.length()).isEqualTo(28);
        assertThat(((ProxyHeader.Client) read(SECOND + "\u0021\u0011\0\u0010" + addresses + "ext.")).length()).isEqualTo(32);
        assertThat(((ProxyHeader.Client) read(SECOND + "\u0021\u0021\0\u0024" + "x".repeat(36))).address()).hasSize(16);
        assertThat(read(SECOND + "\u0020\0\0\0")).isEqualTo(new ProxyHeader.Own(16));
    }

    @Test
    void B_RELAY_whatIsNoHeaderIsNone() {
        for (String bad : List.of("EHLO x\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n", "PROXY TCP4 127.1 198.51.100.1 1 25\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 99999 25\r\n",
                "PROXY TCP6 192.0.2.1 198.51.100.1 1 25\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 1 25\n", "PROXY TCP4 192.0.2.1  198.51.100.1 1 25\r\n", "PROXY UDP4 192.0.2.1 198.51.100.1 1 25\r\n",
                "PROXY TCP4 " + "1".repeat(100) + "\r\n", SECOND + "\u0011\u0011\0\u000c" + "x".repeat(12), SECOND + "\u0021\u0011\0\u0004" + "x".repeat(4), SECOND + "\u0021\u0031\0\u00d8" + "x".repeat(216),
                SECOND + "\u0021\u0011\u00ff\u00ff", "\r\n\r\n\0\r\nQUOT\n", "proxy TCP4 192.0.2.1 198.51.100.1 1 25\r\n")) {
            assertThat(read(bad)).as(bad).isInstanceOf(ProxyHeader.Malformed.class);
        }
    }

    @Test
    void aPartOfAHeaderIsAwaited() {
        for (String whole : List.of("PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\n", SECOND + "\u0021\u0011\0\u000c" + "x".repeat(12))) {
            for (int cut = 0; cut < whole.length(); cut++) {
                assertThat(read(whole.substring(0, cut))).as("%d octets", cut).isInstanceOf(ProxyHeader.Incomplete.class);
            }
        }
    }

    @Test
    void noOctetsMakeItFail() {
        Random random = new Random(11);
        for (int round = 0; round < 50_000; round++) {
            byte[] octets = (random.nextBoolean() ? "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" : SECOND + "\u0021\u0011\0\u000cabcdabcdabcd").getBytes(StandardCharsets.ISO_8859_1);
            for (int i = random.nextInt(4); i >= 0; i--) {
                octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
            }
            assertThat(ProxyHeader.read(octets, random.nextInt(octets.length + 1))).isNotNull();
        }
    }
}
