package org.mailrelay.app.durability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// Sends messages over some connections, one after the other on each, until it is told to stop; goes on after a lost connection once the relay listens again.
final class Injector implements AutoCloseable {

    private final Relay relay;
    private final Oracle oracle;
    private final IntConsumer onAcknowledged;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;
    private int acknowledged;

    /// @param onAcknowledged told with each 250, before the next message is begun
    Injector(Relay relay, Oracle oracle, int connections, IntConsumer onAcknowledged) {
        this.relay = relay;
        this.oracle = oracle;
        this.onAcknowledged = onAcknowledged;
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofVirtual().start(this::run));
        }
    }

    private void run() {
        try {
            while (!stopped) {
                int start = relay.starts();
                try (Lines lines = new Lines(new Socket(InetAddress.getLoopbackAddress(), relay.port()))) {
                    session(lines);
                } catch (IOException lost) {
                    // The relay was crashed, or does not listen yet.
                    oracle.await(1, () -> stopped || relay.starts() > start);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void session(Lines lines) throws IOException, InterruptedException {
        lines.reply();
        lines.write("EHLO injector.example.com");
        lines.reply();
        while (!stopped) {
            Letter letter = oracle.attempt();
            if (sent(lines, letter)) {
                oracle.acknowledged(letter);
                synchronized (this) {
                    acknowledged++;
                    onAcknowledged.accept(acknowledged);
                }
            } else {
                oracle.refused();
                lines.write("RSET");
                lines.reply();
                // Out of room: what leaves the queue makes some.
                oracle.await(0.02, () -> stopped);
            }
        }
    }

    /// @return whether 250 came for its end
    static boolean sent(Lines lines, Letter letter) throws IOException {
        lines.write("MAIL FROM:<" + letter.name() + "@example.com>");
        letter.recipients().forEach(recipient -> lines.write("RCPT TO:<" + recipient.address() + ">"));
        lines.write("DATA");
        boolean wanted = true;
        for (int replies = letter.recipients().size() + 2; replies > 0; replies--) {
            wanted &= lines.reply() < 400;
        }
        if (!wanted) {
            return false;
        }
        lines.write(letter.content());
        lines.write(".");
        return lines.reply() == 250;
    }

    /// How often it has read 250 for a message.
    synchronized int acknowledged() {
        return acknowledged;
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        oracle.changed();
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
