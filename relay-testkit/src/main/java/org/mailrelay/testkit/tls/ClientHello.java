package org.mailrelay.testkit.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The first message of a TLS client, taken apart (RFC 8446 §4.1.2).
///
/// @param ciphers      numbers of the suites, in the client's order
/// @param compressions numbers of the methods
/// @param extensions   content by number
public record ClientHello(List<Integer> ciphers, List<Integer> compressions, Map<Integer, byte[]> extensions) {

    public static final int SERVER_NAME = 0;
    public static final int EARLY_DATA = 42;
    public static final int RENEGOTIATION_INFO = 0xff01;

    private static final int SUPPORTED_VERSIONS = 43;

    /// Reads as many records as it takes.
    ///
    /// @throws IOException also where what comes is no such message
    public static ClientHello read(InputStream in) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(1 << 16);
        do {
            byte[] header = in.readNBytes(5);
            if (header.length < 5 || header[0] != 22) {
                throw new IOException("no handshake");
            }
            message.put(in.readNBytes((header[3] & 255) << 8 | header[4] & 255));
        } while (message.position() < 4 || message.position() < 4 + (message.getInt(0) & 0xffffff));
        message.flip();
        if (message.get() != 1) {
            throw new IOException("no ClientHello");
        }
        message.position(4 + 2 + 32);
        message.position(message.position() + 1 + message.get(message.position()));
        List<Integer> ciphers = new ArrayList<>();
        for (int left = message.getShort(); left > 0; left -= 2) {
            ciphers.add(message.getShort() & 0xffff);
        }
        List<Integer> compressions = new ArrayList<>();
        for (int left = message.get(); left > 0; left--) {
            compressions.add((int) message.get());
        }
        Map<Integer, byte[]> extensions = new LinkedHashMap<>();
        for (int end = message.getShort() + message.position(); message.position() < end;) {
            int type = message.getShort() & 0xffff;
            byte[] content = new byte[message.getShort() & 0xffff];
            message.get(content);
            extensions.put(type, content);
        }
        return new ClientHello(ciphers, compressions, extensions);
    }

    /// The host that the client asks for (RFC 6066 §3).
    public Optional<String> serverName() {
        return Optional.ofNullable(extensions.get(SERVER_NAME)).map(content -> new String(content, 5, content.length - 5, StandardCharsets.US_ASCII));
    }

    /// `0x0304` for TLS 1.3; those that grease the list are left out (RFC 8701 §2).
    public List<Integer> versions() {
        ByteBuffer content = ByteBuffer.wrap(extensions.getOrDefault(SUPPORTED_VERSIONS, new byte[1]));
        List<Integer> versions = new ArrayList<>();
        for (int left = content.get(); left > 0; left -= 2) {
            versions.add(content.getShort() & 0xffff);
        }
        return versions.stream().filter(version -> !greases(version)).toList();
    }

    /// A number that stands for nothing and keeps servers used to numbers that they do not know (RFC 8701 §2).
    public static boolean greases(int number) {
        return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
    }
}
