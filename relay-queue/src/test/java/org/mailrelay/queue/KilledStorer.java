package org.mailrelay.queue;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/// Stores messages as fast as it can and prints the MID of each that was acknowledged, until it is killed. Run as a process of its own.
public final class KilledStorer {

    private static final int PRODUCERS = 8;

    private KilledStorer() {
    }

    public static void main(String[] arguments) throws IOException {
        Spool spool = Spool.open(Messages.settings(Path.of(arguments[0])), _ -> { });
        PrintStream acknowledged = System.out;
        for (int i = 0; i < PRODUCERS; i++) {
            int producer = i;
            Thread.ofPlatform().start(() -> produce(spool, producer, acknowledged));
        }
    }

    private static void produce(Spool spool, int producer, PrintStream acknowledged) {
        try {
            for (int n = 0; ; n++) {
                // Every sixteenth body is large enough for a file of its own.
                String body = ("message " + producer + " " + n + "\r\n").repeat(n % 16 == 0 ? 20_000 : 400);
                NewMessage message = Messages.message(spool, body, 1);
                if (Messages.store(spool, message).join() instanceof Messages.Answer.Stored) {
                    synchronized (acknowledged) {
                        acknowledged.println(message.mid() + " " + body.hashCode());
                        acknowledged.flush();
                    }
                }
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
