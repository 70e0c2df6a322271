package org.mailrelay.core.smtp;

import java.io.ByteArrayOutputStream;

/// The transparency of DATA (RFC 5321 §4.5.2) for content that is whole in memory and whose lines end in CRLF.
public final class DotStuffing {

    private DotStuffing() {
    }

    /// @param dots how many were added
    public record Stuffed(byte[] octets, int dots) {}

    public static Stuffed stuff(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 64);
        int dots = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '.' && atLineStart(content, i)) {
                out.write('.');
                dots++;
            }
            out.write(content[i]);
        }
        return new Stuffed(out.toByteArray(), dots);
    }

    /// Takes out the dots that [#stuff] puts in.
    ///
    /// @param content in wire form, from a line's beginning
    public static byte[] unstuff(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length);
        for (int i = 0; i < content.length; i++) {
            if (content[i] != '.' || !atLineStart(content, i)) {
                out.write(content[i]);
            }
        }
        return out.toByteArray();
    }

    private static boolean atLineStart(byte[] content, int at) {
        return at == 0 || at >= 2 && content[at - 1] == '\n' && content[at - 2] == '\r';
    }
}
