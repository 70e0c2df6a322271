package org.mailrelay.bench.endtoend;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// The destination: accepts everything, says so as late as it is told to, and keeps the books.
final class Sink implements AutoCloseable {

    private final ServerSocket server;
    private final Supplier<Books> books;
    private final Duration delay;
    private final @Nullable SSLContext tls;

    /// @param books those of the run that is under way
    /// @param delay before each group of replies: the round trip of a far host
    /// @param tls   offers STARTTLS with it
    Sink(Supplier<Books> books, Duration delay, @Nullable SSLContext tls) throws IOException {
        this.books = books;
        this.delay = delay;
        this.tls = tls;
        this.server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("sink").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            converse(socket, new Wire(socket));
        } catch (IOException _) {
            // The relay went away: what it had not finished is missing from the books.
        }
    }

    private void converse(Socket socket, Wire wire) throws IOException {
        StringBuilder replies = new StringBuilder("220 sink.bench.example ESMTP\r\n");
        boolean encrypted = false;
        while (true) {
            if (!wire.hasBuffered()) {
                LockSupport.parkNanos(delay.toNanos());
                wire.write(replies.toString());
                replies.setLength(0);
            }
            String line = wire.line();
            switch (line.length() < 4 ? line : line.substring(0, 4)) {
                case "EHLO" -> replies.append("250-sink.bench.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n").append(tls != null && !encrypted ? "250-STARTTLS\r\n" : "")
                        .append("250 SIZE 100000000\r\n");
                case "STAR" -> {
                    wire.write("220 2.0.0 go ahead\r\n");
                    SSLSocket inside = (SSLSocket) java.util.Objects.requireNonNull(tls).getSocketFactory().createSocket(socket, null, socket.getPort(), true);
                    inside.setUseClientMode(false);
                    wire.upgrade(inside);
                    encrypted = true;
                }
                case "DATA" -> {
                    LockSupport.parkNanos(delay.toNanos());
                    wire.write(replies.append("354 go ahead\r\n").toString());
                    replies.setLength(0);
                    take(wire);
                    replies.append("250 2.0.0 taken\r\n");
                }
                case "QUIT" -> {
                    wire.write("221 2.0.0 bye\r\n");
                    return;
                }
                default -> replies.append("250 2.0.0 ok\r\n");
            }
        }
    }

    private void take(Wire wire) throws IOException {
        int number = -1;
        long sum = -1;
        for (String line = wire.line(); !line.isEmpty(); line = wire.line()) {
            if (line.startsWith(Message.NUMBER)) {
                number = Integer.parseInt(line, Message.NUMBER.length(), line.length(), 10);
            } else if (line.startsWith(Message.SUM)) {
                sum = Long.parseLong(line, Message.SUM.length(), line.length(), 10);
            }
        }
        byte[] body = body(wire);
        if (number < 0 || Message.sum(body, body.length) != sum) {
            books.get().damaged();
        } else {
            books.get().arrived(number);
        }
    }

    /// Up to CRLF `.` CRLF; the generator's bodies hold no line that begins with a dot.
    private static byte[] body(Wire wire) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(16 * 1024);
        byte[] end = "\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);
        int matched = 2;
        while (matched < end.length) {
            int octet = wire.read();
            body.write(octet);
            matched = octet == end[matched] ? matched + 1 : octet == '\r' ? 1 : 0;
        }
        return java.util.Arrays.copyOf(body.toByteArray(), body.size() - 3);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
