package org.mailrelay.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.mail.AddressText;

class AddressBlockTest {

    @Test
    void holdsExactlyTheAddressesOfItsPrefix() {
        assertThat(contains("10.0.0.0/8", "10.255.255.255")).isTrue();
        assertThat(contains("10.0.0.0/8", "11.0.0.0")).isFalse();
        assertThat(contains("192.0.2.7", "192.0.2.7")).isTrue();
        assertThat(contains("192.0.2.7", "192.0.2.6")).isFalse();
        assertThat(contains("192.0.2.128/25", "192.0.2.127")).isFalse();
        assertThat(contains("2001:db8::/32", "2001:db8:ffff::1")).isTrue();
        assertThat(contains("2001:db8::/32", "2001:db9::")).isFalse();
        assertThat(contains("2001:db8:0:0:1::/65", "2001:db8::8000:0:0:1")).isFalse();
        assertThat(contains("::1", "::1")).isTrue();
        assertThat(contains("0.0.0.0/0", "255.1.2.3")).isTrue();
    }

    @Test
    void mappedAddressIsTheIpv4AddressThatItMaps() {
        assertThat(contains("127.0.0.0/8", "::ffff:127.0.0.1")).isTrue();
        assertThat(contains("::ffff:127.0.0.0/104", "127.0.0.1")).isTrue();
        assertThat(contains("::/0", "127.0.0.1")).isFalse();
        assertThat(contains("::/0", "::ffff:127.0.0.1")).isFalse();
        assertThat(contains("0.0.0.0/0", "::1")).isFalse();
    }

    @Test
    void refusesWhatIsNotPlainlyAnAddress() {
        for (String text : List.of("", "127.1", "2130706433", "0", "010.0.0.1", "1.2.3.256", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1.2.3.4 ",
                "+1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/08", "1.2.3.4/-1", "1.2.3.4/255.0.0.0", "::/129", ":::", "1::2::3", "1:2:3",
                "::1%eth0", "[::1]", "12345::", "::g", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:", ":1", "٢.2.3.4", "example.com", "::1.2.3")) {
            assertThat(AddressBlock.parse(text)).as(text).isEmpty();
        }
    }

    @Test
    void printsTheShortForm() {
        for (String text : List.of("10.0.0.0/8", "0.0.0.0/0", "192.0.2.7", "::1", "::", "::/0", "2001:db8::/32", "1:2:3:4:5:6:7:8", "1:0:2:3:4:5:6:7",
                "1::2:0:0:3", "fe80::")) {
            assertThat(AddressBlock.parse(text)).as(text).map(AddressBlock::toString).contains(text);
        }
        assertThat(AddressBlock.parse("10.1.1.7/24")).map(AddressBlock::toString).contains("10.1.1.0/24");
        assertThat(AddressBlock.parse("::ffff:10.0.0.1")).map(AddressBlock::toString).contains("10.0.0.1");
    }

    private static boolean contains(String block, String address) {
        return AddressBlock.parse(block).orElseThrow().contains(AddressText.parse(address).orElseThrow());
    }

    @Test
    void oneClientIsAnAddressOrTheNetworkThatAHostOfIpv6Has() throws Exception {
        assertThat(AddressBlock.ofClient(java.net.InetAddress.getByName("192.0.2.1").getAddress())).hasToString("192.0.2.1");
        assertThat(AddressBlock.ofClient(java.net.InetAddress.getByName("2001:db8:1:2:3:4:5:6").getAddress())).hasToString("2001:db8:1:2::/64");
        assertThat(AddressBlock.ofClient(AddressBlockTest.mapped())).as("IPv4 however it is shown").hasToString("192.0.2.1");
    }

    private static byte[] mapped() {
        byte[] octets = new byte[16];
        octets[10] = -1;
        octets[11] = -1;
        octets[12] = (byte) 192;
        octets[14] = 2;
        octets[15] = 1;
        return octets;
    }
}
