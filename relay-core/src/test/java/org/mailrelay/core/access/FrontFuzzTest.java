package org.mailrelay.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What proxies and front servers say of their clients (targets for a fuzzer).
class FrontFuzzTest {

    private static final Pattern FIRST = Pattern.compile("PROXY TCP([46]) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) ([0-9]{1,5}) ([0-9]{1,5})\\r\\n.*", Pattern.DOTALL);

    /// More octets never change what fewer have decided; a header's length lies within what came, and an address is 4 or 16 octets.
    @FuzzTest(maxDuration = "1m")
    void proxy(byte[] octets) {
        ProxyHeader before = new ProxyHeader.Incomplete();
        for (int count = 0; count <= Math.min(octets.length, 600); count++) {
            ProxyHeader now = ProxyHeader.read(octets, count);
            if (!(before instanceof ProxyHeader.Incomplete)) {
                assertThat(said(now)).as("%d octets", count).isEqualTo(said(before));
            }
            switch (now) {
                case ProxyHeader.Client(byte[] address, int port, int length) -> {
                    assertThat(address.length).isIn(4, 16);
                    assertThat(port).isBetween(0, 65_535);
                    assertThat(length).isBetween(16, Math.min(count, ProxyHeader.MOST_OCTETS));
                }
                case ProxyHeader.Own(int length) -> assertThat(length).isBetween(15, Math.min(count, ProxyHeader.MOST_OCTETS));
                case ProxyHeader.Incomplete _ -> assertThat(count).isLessThan(ProxyHeader.MOST_OCTETS);
                case ProxyHeader.Malformed _ -> { }
            }
            before = now;
        }
        Matcher first = FIRST.matcher(new String(octets, StandardCharsets.ISO_8859_1));
        if (before instanceof ProxyHeader.Client(byte[] address, int port, int length) && octets[0] == 'P') {
            assertThat(first.matches()).isTrue();
            assertThat(address.length).isEqualTo(first.group(1).equals("4") ? 4 : 16);
            assertThat(port).isEqualTo(Integer.parseInt(first.group(4)));
            assertThat(length).isEqualTo(first.start(5) + first.group(5).length() + 2);
        }
    }

    private static String said(ProxyHeader header) {
        return header instanceof ProxyHeader.Client(byte[] address, int port, int length) ? Arrays.toString(address) + " " + port + " " + length : header.toString();
    }

    /// XCLIENT: nobody or somebody, and somebody has an address, a port and at most a domain for a name.
    @FuzzTest(maxDuration = "1m")
    void claimed(byte[] octets) {
        String argument = new String(octets, StandardCharsets.ISO_8859_1);
        if (ClaimedClient.read(argument) instanceof ClaimedClient.Client(byte[] address, int port, var name)) {
            assertThat(address.length).isIn(4, 16);
            assertThat(port).isBetween(0, 65_535);
            assertThat(argument.split(" ", -1)).allMatch(word -> word.matches("(?i)(ADDR|NAME|PORT)=[!-~]*"));
            name.ifPresent(domain -> assertThat(domain.name()).matches("[a-z0-9_.-]+"));
        }
    }

    /// A block of addresses holds its own first address, and reads as the same again.
    @FuzzTest(maxDuration = "1m")
    void block(byte[] octets) {
        AddressBlock.parse(new String(octets, StandardCharsets.ISO_8859_1)).ifPresent(block -> assertThat(AddressBlock.parse(block.toString())).contains(block));
    }
}
