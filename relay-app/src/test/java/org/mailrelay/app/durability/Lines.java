package org.mailrelay.app.durability;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// SMTP lines over a socket, for both ends of the harness. What is written goes out when something has to be waited for. One thread.
final class Lines implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream(1 << 10);
    private final byte[] buffer = new byte[1 << 16];
    private int from;
    private int to;

    Lines(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    private void fill() throws IOException {
        flush();
        from = 0;
        to = in.read(buffer);
        if (to < 0) {
            to = 0;
            throw new EOFException();
        }
    }

    /// @throws EOFException when the other side has closed
    String read() throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (true) {
            if (from == to) {
                fill();
            }
            int end = from;
            while (end < to && buffer[end] != '\n') {
                end++;
            }
            line.append(new String(buffer, from, end - from, StandardCharsets.ISO_8859_1));
            from = Math.min(end + 1, to);
            if (end < to) {
                int length = line.length();
                return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
            }
        }
    }

    /// @return the code of a reply of one or more lines
    int reply() throws IOException {
        String line = read();
        while (line.length() > 3 && line.charAt(3) == '-') {
            line = read();
        }
        return Integer.parseInt(line.substring(0, 3));
    }

    /// The content as it stands on the wire, up to the final dot.
    byte[] content() throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream(1 << 14);
        // How much of CRLF . CRLF stands behind us; the content begins a line.
        int matched = 2;
        while (true) {
            if (from == to) {
                fill();
            }
            int at = from;
            while (at < to && matched < 5) {
                byte octet = buffer[at++];
                matched = switch (octet) {
                    case '\r' -> matched == 3 ? 4 : 1;
                    case '\n' -> matched == 1 ? 2 : matched == 4 ? 5 : 0;
                    case '.' -> matched == 2 ? 3 : 0;
                    default -> 0;
                };
            }
            content.write(buffer, from, at - from);
            from = at;
            if (matched == 5) {
                byte[] all = content.toByteArray();
                return java.util.Arrays.copyOf(all, all.length - 3);
            }
        }
    }

    void write(String line) {
        unsent.writeBytes((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    void write(byte[] bytes) {
        unsent.writeBytes(bytes);
    }

    void flush() throws IOException {
        if (unsent.size() > 0) {
            unsent.writeTo(out);
            unsent.reset();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
