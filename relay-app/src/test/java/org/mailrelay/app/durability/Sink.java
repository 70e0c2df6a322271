package org.mailrelay.app.durability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/// The destination: takes mail as it is told to, tells the oracle before it answers.
final class Sink implements AutoCloseable {

    enum Mode {
        ACCEPT,
        /// Closes each connection at once.
        HANG_UP,
        /// 451 to each recipient.
        DEFER,
        /// 451 to one recipient in ten.
        DEFER_SOME,
        /// Takes each third message whole and closes without an answer.
        CUT_AFTER_DOT
    }

    private final ServerSocket server;
    private final Oracle oracle;
    private final AtomicInteger dots = new AtomicInteger();
    private volatile Mode mode = Mode.ACCEPT;
    private volatile IntConsumer beforeAnswer = _ -> { };
    private volatile IntConsumer afterAnswer = _ -> { };

    Sink(Oracle oracle) throws IOException {
        this.oracle = oracle;
        server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void mode(Mode now) {
        mode = now;
    }

    /// Told with the number of the message whose final dot has come, before and after it is answered.
    void hooks(IntConsumer before, IntConsumer after) {
        dots.set(0);
        beforeAnswer = before;
        afterAnswer = after;
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
        try (Lines lines = new Lines(socket)) {
            if (mode == Mode.HANG_UP) {
                return;
            }
            lines.write("220 sink.example.net");
            boolean report = false;
            boolean deferred = false;
            while (true) {
                String command = lines.read();
                String verb = command.substring(0, Math.min(4, command.length()));
                switch (verb) {
                    case "EHLO" -> lines.write("250-sink.example.net\r\n250-PIPELINING\r\n250 8BITMIME");
                    case "MAIL" -> {
                        report = command.startsWith("MAIL FROM:<>");
                        lines.write("250 2.1.0 ok");
                    }
                    case "RCPT" -> {
                        deferred = defers();
                        lines.write(deferred ? "451 4.3.0 later" : "250 2.1.5 ok");
                    }
                    case "DATA" -> {
                        if (deferred) {
                            lines.write("554 5.5.1 no recipients");
                        } else if (!took(lines, report)) {
                            return;
                        }
                    }
                    case "QUIT" -> {
                        lines.write("221 2.0.0 bye");
                        return;
                    }
                    default -> lines.write("250 2.0.0 ok");
                }
            }
        } catch (IOException lost) {
            // The relay was crashed.
        }
    }

    private boolean defers() {
        return switch (mode) {
            case DEFER -> true;
            case DEFER_SOME -> ThreadLocalRandom.current().nextInt(10) == 0;
            case ACCEPT, HANG_UP, CUT_AFTER_DOT -> false;
        };
    }

    /// @return false when the connection is to be cut
    private boolean took(Lines lines, boolean report) throws IOException {
        lines.write("354 go on");
        String content = lines.content();
        int number = dots.incrementAndGet();
        if (mode == Mode.CUT_AFTER_DOT && number % 3 == 0 && !report) {
            oracle.inDoubt(content);
            oracle.arrived(content);
            return false;
        }
        beforeAnswer.accept(number);
        if (report) {
            oracle.report(content);
        } else {
            oracle.arrived(content);
        }
        lines.write("250 2.0.0 taken");
        afterAnswer.accept(number);
        return true;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
