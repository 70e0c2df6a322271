package org.mailrelay.app.serve;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A mail host that keeps every octet of commands and content as it came on the wire, stuffing included, one character an octet.
final class WireRecorder implements AutoCloseable {

    private final ServerSocket server;
    private final boolean chunking;
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<String> contents = new CopyOnWriteArrayList<>();

    /// @param chunking offers CHUNKING, so that content comes by BDAT
    WireRecorder(boolean chunking) throws IOException {
        this.chunking = chunking;
        server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// Without their line ends.
    List<String> commands() {
        return List.copyOf(commands);
    }

    /// By DATA: with stuffing, without the final dot. By BDAT: as counted.
    List<String> contents() {
        return List.copyOf(contents);
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
        try (socket; InputStream in = new BufferedInputStream(socket.getInputStream()); OutputStream out = socket.getOutputStream()) {
            say(out, "220 recorder.example");
            StringBuilder chunks = new StringBuilder();
            while (true) {
                String command = until(in, "\r\n");
                commands.add(command);
                switch (command.length() < 4 ? "" : command.substring(0, 4)) {
                    case "EHLO" -> say(out, "250-recorder.example\r\n250-8BITMIME\r\n250-PIPELINING\r\n" + (chunking ? "250-CHUNKING\r\n" : "") + "250 DSN");
                    case "DATA" -> {
                        say(out, "354 go on");
                        // The CRLF before the dot may be that of DATA itself.
                        String content = until(in, "\r\n.\r\n", "\r\n");
                        contents.add(content.isEmpty() ? "" : content + "\r\n");
                        say(out, "250 2.0.0 taken");
                    }
                    case "BDAT" -> {
                        String[] words = command.split(" ");
                        chunks.append(new String(in.readNBytes(Integer.parseInt(words[1])), StandardCharsets.ISO_8859_1));
                        if (words.length > 2) {
                            contents.add(chunks.toString());
                            chunks.setLength(0);
                        }
                        say(out, "250 2.0.0 taken");
                    }
                    case "QUIT" -> {
                        say(out, "221 2.0.0 bye");
                        return;
                    }
                    default -> say(out, "250 2.0.0 ok");
                }
            }
        } catch (IOException gone) {
            // the relay has left
        }
    }

    private static void say(OutputStream out, String reply) throws IOException {
        out.write((reply + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String until(InputStream in, String end) throws IOException {
        return until(in, end, "");
    }

    /// @param before what counts as already read
    private static String until(InputStream in, String end, String before) throws IOException {
        StringBuilder all = new StringBuilder(before);
        while (all.length() < end.length() || !all.substring(all.length() - end.length()).equals(end)) {
            int octet = in.read();
            if (octet < 0) {
                throw new EOFException();
            }
            all.append((char) octet);
        }
        return all.substring(Math.min(before.length(), all.length() - end.length()), all.length() - end.length());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
