package org.mailrelay.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// An application that hands mail to the relay.
final class DemoSender {

    private static final int ANSWER_LIMIT_MILLIS = 10_000;

    private DemoSender() {
    }

    /// Sends one short message.
    ///
    /// @throws IOException also when the relay does not take it
    static void send(InetSocketAddress relay, String sender, String recipient) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(relay, ANSWER_LIMIT_MILLIS);
            socket.setSoTimeout(ANSWER_LIMIT_MILLIS);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            expect(in, '2');
            say(out, in, "EHLO app.demo.test", '2');
            say(out, in, "MAIL FROM:<" + sender + ">", '2');
            say(out, in, "RCPT TO:<" + recipient + ">", '2');
            say(out, in, "DATA", '3');
            say(out, in, "From: <" + sender + ">\r\nTo: <" + recipient + ">\r\nSubject: a demo message\r\n\r\nHello.\r\n.", '2');
            say(out, in, "QUIT", '2');
        }
    }

    private static void say(OutputStream out, InputStream in, String line, char expected) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        expect(in, expected);
    }

    /// Reads a reply to its last line.
    private static void expect(InputStream in, char expected) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("the relay closed the connection");
            }
            if (octet != '\n') {
                line.append((char) octet);
                continue;
            }
            if (line.charAt(0) != expected) {
                throw new IOException("the relay answered: " + line);
            }
            if (line.charAt(3) == ' ') {
                return;
            }
            line.setLength(0);
        }
    }
}
