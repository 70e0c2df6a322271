package org.mailrelay.bench.endtoend;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Lines and octets over a blocking socket; one virtual thread owns it.
final class Wire {

    private static final int BUFFER = 64 * 1024;

    private InputStream in;
    private OutputStream out;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;

    Wire(Socket socket) throws IOException {
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /// What was read in the clear must not be read as encrypted.
    void upgrade(Socket encrypted) throws IOException {
        in = encrypted.getInputStream();
        out = encrypted.getOutputStream();
        position = 0;
        limit = 0;
    }

    boolean hasBuffered() {
        return position < limit;
    }

    int read() throws IOException {
        if (position == limit) {
            limit = in.read(buffer);
            position = 0;
            if (limit <= 0) {
                limit = 0;
                throw new EOFException("the connection ended");
            }
        }
        return buffer[position++];
    }

    /// A line without its end. Both ends are ours or the relay's: it is ASCII and short.
    String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int octet = read(); octet != '\n'; octet = read()) {
            if (octet != '\r') {
                line.append((char) (octet & 0xff));
            }
        }
        return line.toString();
    }

    /// The last line of a reply.
    String reply() throws IOException {
        String line = line();
        while (line.length() > 3 && line.charAt(3) == '-') {
            line = line();
        }
        return line;
    }

    void expect(int code) throws IOException {
        String reply = reply();
        if (!reply.startsWith(Integer.toString(code))) {
            throw new IOException("expected " + code + ", got " + reply);
        }
    }

    void write(String lines) throws IOException {
        out.write(lines.getBytes(StandardCharsets.US_ASCII));
    }

    void write(byte[] octets) throws IOException {
        out.write(octets);
    }
}
