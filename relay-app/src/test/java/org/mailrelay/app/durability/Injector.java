package org.mailrelay.app.durability;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// Sends messages over some connections, one after the other on each, until it is told to stop; goes on after a lost connection.
final class Injector implements AutoCloseable {

    private final int port;
    private final Oracle oracle;
    private final IntConsumer onAcknowledged;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;
    private int acknowledged;

    /// @param onAcknowledged told with each 250, before the next message is begun
    Injector(int port, Oracle oracle, int connections, IntConsumer onAcknowledged) {
        this.port = port;
        this.oracle = oracle;
        this.onAcknowledged = onAcknowledged;
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofVirtual().start(this::run));
        }
    }

    private void run() {
        while (!stopped) {
            try (Lines lines = new Lines(new Socket(InetAddress.getLoopbackAddress(), port))) {
                session(lines);
            } catch (IOException lost) {
                // The relay was crashed, or is not there yet.
                pause();
            }
        }
    }

    private void session(Lines lines) throws IOException {
        lines.reply();
        lines.write("EHLO injector.example.com");
        lines.reply();
        while (!stopped) {
            String id = oracle.attempt();
            if (sent(lines, id)) {
                oracle.acknowledged(id);
                synchronized (this) {
                    acknowledged++;
                    onAcknowledged.accept(acknowledged);
                }
            } else {
                oracle.refused();
                lines.write("RSET");
                lines.reply();
                pause();
            }
        }
    }

    /// @return whether 250 came for its end
    static boolean sent(Lines lines, String id) throws IOException {
        for (String command : List.of("MAIL FROM:<sender@example.com>", "RCPT TO:<rcpt@example.net>", "DATA")) {
            lines.write(command);
            if (lines.reply() >= 400) {
                return false;
            }
        }
        lines.write(stuffed(Oracle.content(id)));
        return lines.reply() == 250;
    }

    private static byte[] stuffed(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 100);
        boolean start = true;
        for (byte octet : content) {
            if (start && octet == '.') {
                out.write('.');
            }
            out.write(octet);
            start = octet == '\n';
        }
        out.writeBytes(new byte[] {'.', '\r', '\n'});
        return out.toByteArray();
    }

    /// How often it has read 250 for a message.
    synchronized int acknowledged() {
        return acknowledged;
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
