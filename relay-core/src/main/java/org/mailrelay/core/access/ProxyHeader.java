package org.mailrelay.core.access;

import java.util.Optional;
import org.mailrelay.core.mail.AddressText;

/// The header that a proxy sends before a connection's own octets, in both versions of HAProxy's PROXY protocol. It is believed of named
/// proxies only, and demanded of them.
public sealed interface ProxyHeader {

    /// The longest header that is read: version 2 with the extensions that proxies send.
    int MOST_OCTETS = 536;

    /// More octets are needed.
    record Incomplete() implements ProxyHeader {}

    /// @param address 4 or 16 octets
    /// @param length  octets of the header; what follows is the client's
    record Client(byte[] address, int port, int length) implements ProxyHeader {}

    /// The proxy speaks for itself (a health check), or does not know: the connection's own address counts.
    record Own(int length) implements ProxyHeader {}

    record Malformed() implements ProxyHeader {}

    byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

    /// @param octets what has come, from the connection's first octet on
    static ProxyHeader read(byte[] octets, int count) {
        if (count == 0) {
            return new Incomplete();
        }
        return octets[0] == SIGNATURE[0] ? second(octets, count) : first(octets, count);
    }

    /// `PROXY TCP4 192.0.2.1 198.51.100.1 56324 25` CRLF, at most 107 octets.
    private static ProxyHeader first(byte[] octets, int count) {
        byte[] start = {'P', 'R', 'O', 'X', 'Y', ' '};
        for (int i = 0; i < Math.min(count, start.length); i++) {
            if (octets[i] != start[i]) {
                return new Malformed();
            }
        }
        for (int i = start.length; i < Math.min(count, 107); i++) {
            if (octets[i] == '\n') {
                return octets[i - 1] == '\r' ? words(new String(octets, 0, i - 1, java.nio.charset.StandardCharsets.ISO_8859_1), i + 1) : new Malformed();
            }
        }
        return count < 107 ? new Incomplete() : new Malformed();
    }

    private static ProxyHeader words(String line, int length) {
        String[] words = line.split(" ", -1);
        if (words.length >= 2 && words[1].equals("UNKNOWN")) {
            return new Own(length);
        }
        if (words.length != 6 || !words[1].equals("TCP4") && !words[1].equals("TCP6") || !words[4].matches("[0-9]{1,5}") || !words[5].matches("[0-9]{1,5}")) {
            return new Malformed();
        }
        boolean four = words[1].equals("TCP4");
        Optional<byte[]> client = four ? AddressText.v4(words[2]) : AddressText.v6(words[2]);
        Optional<byte[]> server = four ? AddressText.v4(words[3]) : AddressText.v6(words[3]);
        int port = Integer.parseInt(words[4]);
        return client.isEmpty() || server.isEmpty() || port > 65_535 ? new Malformed() : new Client(client.get(), port, length);
    }

    private static ProxyHeader second(byte[] octets, int count) {
        for (int i = 0; i < Math.min(count, SIGNATURE.length); i++) {
            if (octets[i] != SIGNATURE[i]) {
                return new Malformed();
            }
        }
        if (count < 16) {
            return new Incomplete();
        }
        int command = octets[12] & 255;
        int family = octets[13] & 255;
        int length = 16 + ((octets[14] & 255) << 8 | octets[15] & 255);
        if (command != 0x20 && command != 0x21 || length > MOST_OCTETS) {
            return new Malformed();
        }
        if (count < length) {
            return new Incomplete();
        }
        if (command == 0x20 || family == 0) {
            return new Own(length);
        }
        int size = family == 0x11 ? 4 : family == 0x21 ? 16 : 0;   // TCP over IPv4, TCP over IPv6
        if (size == 0 || length < 16 + 2 * size + 4) {
            return new Malformed();
        }
        int port = (octets[16 + 2 * size] & 255) << 8 | octets[17 + 2 * size] & 255;
        return new Client(java.util.Arrays.copyOfRange(octets, 16, 16 + size), port, length);
    }
}
