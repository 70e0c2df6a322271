package org.mailrelay.app.durability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
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
        /// 451 to one recipient in ten, and to every second of those that are taken later.
        DEFER_SOME,
        /// Takes each third message whole and closes without an answer.
        CUT_AFTER_DOT
    }

    private final ServerSocket server;
    private final Oracle oracle;
    private final AtomicInteger dots = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile Mode mode = Mode.ACCEPT;
    private volatile IntConsumer beforeAnswer = _ -> { };
    private volatile IntConsumer afterAnswer = _ -> { };
    private volatile IntConsumer onRefusal = _ -> { };
    private volatile boolean hooked;

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
        hooked = true;
    }

    /// Told with the number of the recipient that is refused for good, before the relay hears of it.
    void onRefusal(IntConsumer told) {
        refusals.set(0);
        onRefusal = told;
    }

    void noHooks() {
        hooked = false;
        beforeAnswer = _ -> { };
        afterAnswer = _ -> { };
        onRefusal = _ -> { };
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
            Letter letter = new Letter("");
            List<Letter.Recipient> taken = new ArrayList<>(2);
            while (true) {
                String command = lines.read();
                String verb = command.substring(0, Math.min(4, command.length()));
                switch (verb) {
                    case "EHLO" -> lines.write("250-sink.example.net\r\n250-PIPELINING\r\n250 8BITMIME");
                    case "MAIL" -> {
                        letter = new Letter(command.substring("MAIL FROM:<".length(), Math.max(command.indexOf('@'), "MAIL FROM:<".length())));
                        taken.clear();
                        lines.write("250 2.1.0 ok");
                    }
                    case "RCPT" -> lines.write(answer(letter, command, taken));
                    case "DATA" -> {
                        if (taken.isEmpty() && !letter.name().isEmpty()) {
                            lines.write("554 5.5.1 no recipients");
                        } else if (!took(lines, letter.name().isEmpty(), List.copyOf(taken))) {
                            return;
                        }
                    }
                    case "QUIT" -> {
                        lines.write("221 2.0.0 bye");
                        lines.flush();
                        return;
                    }
                    default -> lines.write("250 2.0.0 ok");
                }
            }
        } catch (IOException lost) {
            // The relay was crashed.
        }
    }

    /// A report is always taken: it names its message only in its content.
    private String answer(Letter letter, String command, List<Letter.Recipient> taken) {
        if (letter.name().isEmpty() && mode != Mode.DEFER) {
            return "250 2.1.5 ok";
        }
        if (mode == Mode.DEFER) {
            return "451 4.3.0 later";
        }
        Letter.Recipient recipient = Letter.Recipient.of(command);
        return switch (recipient) {
            case REFUSED -> {
                oracle.refusedByDestination(letter, recipient);
                onRefusal.accept(refusals.incrementAndGet());
                yield "550 5.1.1 never heard of";
            }
            case LATER -> mode == Mode.DEFER_SOME && ThreadLocalRandom.current().nextBoolean() ? "451 4.3.0 later" : taken(recipient, taken);
            case TAKEN -> mode == Mode.DEFER_SOME && ThreadLocalRandom.current().nextInt(10) == 0 ? "451 4.3.0 later" : taken(recipient, taken);
        };
    }

    private static String taken(Letter.Recipient recipient, List<Letter.Recipient> taken) {
        taken.add(recipient);
        return "250 2.1.5 ok";
    }

    /// @return false when the connection is to be cut
    private boolean took(Lines lines, boolean report, List<Letter.Recipient> recipients) throws IOException {
        lines.write("354 go on");
        byte[] content = lines.content();
        int number = dots.incrementAndGet();
        if (mode == Mode.CUT_AFTER_DOT && number % 3 == 0 && !report) {
            oracle.inDoubt(content, recipients);
            oracle.arrived(content, recipients);
            return false;
        }
        beforeAnswer.accept(number);
        if (report) {
            oracle.report(content);
        } else {
            oracle.arrived(content, recipients);
        }
        lines.write("250 2.0.0 taken");
        if (hooked) {
            lines.flush();
            afterAnswer.accept(number);
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
