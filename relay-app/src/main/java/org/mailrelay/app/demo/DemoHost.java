package org.mailrelay.app.demo;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// A destination of the demo: answers EHLO with exactly the given lines, takes every message, counts how it came.
final class DemoHost implements AutoCloseable {

    private static final int MAX_LINE = 4_096;

    private final String name;
    private final List<String> ehloInClear;
    private final Optional<SSLContext> tls;
    private final ServerSocket server;
    private final AtomicInteger inClear = new AtomicInteger();
    private final AtomicInteger encrypted = new AtomicInteger();

    private DemoHost(String name, List<String> ehloInClear, Optional<SSLContext> tls, ServerSocket server) {
        this.name = name;
        this.ehloInClear = List.copyOf(ehloInClear);
        this.tls = tls;
        this.server = server;
    }

    /// @param ehloInClear the lines of the reply to EHLO before TLS, codes and separators included
    static DemoHost start(String name, InetAddress address, int port, List<String> ehloInClear, Optional<SSLContext> tls) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(address, port));
        DemoHost host = new DemoHost(name, ehloInClear, tls, server);
        Thread.ofVirtual().name("demo-host-" + name).start(host::accept);
        return host;
    }

    int receivedInClear() {
        return inClear.get();
    }

    int receivedEncrypted() {
        return encrypted.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> converse(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void converse(Socket plain) {
        try (plain) {
            if (!talk(plain, false)) {
                return;
            }
            SSLSocket secure = (SSLSocket) tls.orElseThrow().getSocketFactory().createSocket(plain, name, plain.getPort(), true);
            secure.setUseClientMode(false);
            try (secure) {
                secure.startHandshake();
                talk(secure, true);
            }
        } catch (IOException _) {
            // The relay may close a connection at any moment (it does, where TLS is required and not offered): mail_logs tell of it.
        }
    }

    /// @return true when the next thing on this socket is a TLS handshake
    private boolean talk(Socket socket, boolean secure) throws IOException {
        InputStream in = secure ? new BufferedInputStream(socket.getInputStream()) : socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        if (!secure) {
            say(out, "220 " + name + " ESMTP");
        }
        while (true) {
            String line = line(in);
            String verb = line.length() < 4 ? line : line.substring(0, 4);
            switch (verb) {
                case "EHLO" -> say(out, secure ? List.of("250-" + name, "250-PIPELINING", "250-8BITMIME", "250 SIZE 30000000") : ehloInClear);
                case "STAR" -> {
                    if (tls.isPresent() && !secure) {
                        say(out, "220 2.0.0 go ahead");
                        return true;
                    }
                    say(out, "502 5.5.1 not here");
                }
                case "DATA" -> {
                    say(out, "354 go on");
                    while (!line(in).equals(".")) {
                        // The demo's messages are a few lines; only their end matters.
                    }
                    (secure ? encrypted : inClear).incrementAndGet();
                    say(out, "250 2.0.0 OK");
                }
                case "QUIT" -> {
                    say(out, "221 2.0.0 bye");
                    return false;
                }
                default -> say(out, "250 2.1.0 OK");
            }
        }
    }

    private static void say(OutputStream out, String line) throws IOException {
        say(out, List.of(line));
    }

    private static void say(OutputStream out, List<String> lines) throws IOException {
        out.write((String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < MAX_LINE) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("closed");
            }
            if (octet == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(octet);
        }
        throw new IOException("a line of more than " + MAX_LINE + " octets");
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
