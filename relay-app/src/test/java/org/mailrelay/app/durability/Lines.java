package org.mailrelay.app.durability;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// SMTP lines over a socket, for both ends of the harness. One thread.
final class Lines implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    Lines(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        out = socket.getOutputStream();
    }

    /// @throws EOFException when the other side has closed
    String read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException();
            }
            line.write(octet);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /// @return the code of a reply of one or more lines
    int reply() throws IOException {
        String line = read();
        while (line.length() > 3 && line.charAt(3) == '-') {
            line = read();
        }
        return Integer.parseInt(line.substring(0, 3));
    }

    /// The content up to the final dot, unstuffed.
    String content() throws IOException {
        StringBuilder content = new StringBuilder();
        for (String line = read(); !line.equals("."); line = read()) {
            content.append(line, line.startsWith(".") ? 1 : 0, line.length()).append("\r\n");
        }
        return content.toString();
    }

    void write(String line) throws IOException {
        write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
