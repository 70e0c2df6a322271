package org.mailrelay.net.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mailrelay.core.smtp.Ascii;

/// One answer of a web server to one request, read with hard limits (RFC 9112 §2). Knows what our few questions need and no more: no
/// redirects, no compression, no second request.
///
/// @param status 100 to 599
/// @param fields names in lower case; of a repeated one the first
/// @param body   empty for any status but 200
public record HttpReply(int status, Map<String, String> fields, byte[] body) {

    private static final int MOST_HEAD = 16 << 10;

    /// What a server may not do. The text is for the operator.
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String why) {
            super(why, null);
        }
    }

    /// @param mostBody octets of the body, chunks undone
    /// @throws Refused where the answer breaks the protocol or a limit
    static HttpReply read(InputStream in, int mostBody) throws IOException {
        Head head = new Head(in);
        int status = status(head.line());
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line = head.line(); !line.isEmpty(); line = head.line()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new Refused("a header line without a name");
            }
            fields.putIfAbsent(Ascii.lower(line.substring(0, colon)), line.substring(colon + 1).strip());
        }
        return new HttpReply(status, fields, status == 200 ? body(in, fields, mostBody) : new byte[0]);
    }

    private static int status(String line) throws Refused {
        boolean shaped = line.length() >= 12 && (line.startsWith("HTTP/1.1 ") || line.startsWith("HTTP/1.0 ")) && (line.length() == 12 || line.charAt(12) == ' ');
        int code = 0;
        for (int i = 9; shaped && i < 12; i++) {
            shaped = line.charAt(i) >= '0' && line.charAt(i) <= '9';
            code = code * 10 + line.charAt(i) - '0';
        }
        if (!shaped || code < 100 || code > 599) {
            throw new Refused("no HTTP status line");
        }
        return code;
    }

    private static byte[] body(InputStream in, Map<String, String> fields, int most) throws IOException {
        String coding = fields.getOrDefault("transfer-encoding", "");
        if (Ascii.equals(coding, "CHUNKED")) {
            return chunks(in, most);
        }
        if (!coding.isEmpty()) {
            throw new Refused("transfer coding " + coding);
        }
        String length = fields.get("content-length");
        if (length == null) {
            return whole(in.readNBytes(most + 1), most);
        }
        if (length.isEmpty() || length.length() > 9 || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new Refused("content length " + length);
        }
        int octets = Integer.parseInt(length);
        if (octets > most) {
            throw new Refused("more than " + most + " octets");
        }
        byte[] body = in.readNBytes(octets);
        if (body.length < octets) {
            throw new Refused("ends early");
        }
        return body;
    }

    private static byte[] whole(byte[] body, int most) throws Refused {
        if (body.length > most) {
            throw new Refused("more than " + most + " octets");
        }
        return body;
    }

    /// RFC 9112 §7.1. Trailers are not looked at.
    private static byte[] chunks(InputStream in, int most) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Head lines = new Head(in);
        for (int size = size(lines.line()); size > 0; size = size(lines.line())) {
            if (body.size() + size > most) {
                throw new Refused("more than " + most + " octets");
            }
            byte[] chunk = in.readNBytes(size);
            if (chunk.length < size) {
                throw new Refused("ends early");
            }
            body.writeBytes(chunk);
            if (!lines.line().isEmpty()) {
                throw new Refused("a chunk that does not end");
            }
        }
        return body.toByteArray();
    }

    private static int size(String line) throws Refused {
        int end = line.indexOf(';');
        String hex = (end < 0 ? line : line.substring(0, end)).strip();
        if (hex.isEmpty() || hex.length() > 7 || !hex.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')) {
            throw new Refused("a chunk without a size");
        }
        return Integer.parseInt(hex, 16);
    }

    /// Lines, all together no longer than a head may be. CR LF, or LF alone (RFC 9112 §2.2).
    private static final class Head {
        private final InputStream in;
        private int read;

        Head(InputStream in) {
            this.in = in;
        }

        String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (true) {
                int octet = in.read();
                if (octet < 0) {
                    throw new Refused("ends early");
                }
                if (++read > MOST_HEAD) {
                    throw new Refused("more than " + MOST_HEAD + " octets of header");
                }
                if (octet == '\n') {
                    String text = line.toString(StandardCharsets.ISO_8859_1);
                    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
                }
                line.write(octet);
            }
        }
    }
}
