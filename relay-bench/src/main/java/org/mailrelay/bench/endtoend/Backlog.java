package org.mailrelay.bench.endtoend;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.smtp.EnhancedCode;
import org.mailrelay.queue.BodyWriter;
import org.mailrelay.queue.Injection;
import org.mailrelay.queue.NewMessage;
import org.mailrelay.queue.Origin;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.Spool;
import org.mailrelay.queue.StateChange;
import org.mailrelay.queue.StoreCallback;
import org.mailrelay.queue.StoreRefusal;

/// A queue that waits for a relay to be started, written by the spool itself: message i goes to `d<i modulo domains>` of a domain.
final class Backlog {

    /// Stores under way at once.
    private static final int WINDOW = 8_000;
    private static final long ROOM = 200L << 30;

    private final int messages;
    private final int domains;
    private final String under;
    private final int reason;
    private final Message content;

    /// @param size   octets of a body
    /// @param under  the domain that all recipients' domains stand below
    /// @param reason octets of what a host said when it put each of them off; 0 for messages that were not tried
    Backlog(int messages, int size, int domains, String under, int reason) {
        this.messages = messages;
        this.domains = domains;
        this.under = under;
        this.reason = reason;
        this.content = new Message(size);
    }

    /// Writes it, or uses what was written before: a queue in `made` is never changed, the relay gets the same files by another name.
    ///
    /// @param spool  where the relay is to find it
    /// @param made   where it is kept for the next time; empty to write it in place
    /// @param cutOff without index files, as after a crash that came before any was written
    void put(Path spool, Optional<Path> made, boolean cutOff, PrintWriter out) throws IOException {
        Path source = made.orElse(spool);
        if (!Files.exists(source.resolve("format"))) {
            fill(source, out);
        }
        if (!source.equals(spool)) {
            link(source, spool);
        }
        if (cutOff) {
            try (Stream<Path> files = Files.list(spool)) {
                for (Path index : files.filter(file -> file.toString().endsWith(".index")).toList()) {
                    Files.delete(index);
                }
            }
        }
    }

    private static void link(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path name = to.resolve(String.valueOf(file.getFileName()));
                if (name.toString().endsWith(".log") || name.toString().endsWith(".index")) {
                    Files.createLink(name, file);
                } else {
                    Files.copy(file, name);
                }
            }
        }
    }

    private void fill(Path folder, PrintWriter out) throws IOException {
        long begun = System.nanoTime();
        Semaphore window = new Semaphore(WINDOW);
        AtomicInteger refused = new AtomicInteger();
        try (Spool spool = Spool.open(new RelaySettings.Spool(folder, ROOM, 0), problem -> out.println(problem))) {
            StoreCallback done = new StoreCallback() {
                @Override
                public void stored(QueuedMessage queued) {
                    if (reason == 0) {
                        window.release();
                    } else {
                        spool.change(List.of(new StateChange(queued.mid(), 0, putOff(queued.mid()))), window::release);
                    }
                }

                @Override
                public void refused(StoreRefusal why) {
                    refused.incrementAndGet();
                    window.release();
                }
            };
            for (int number = 0; number < messages; number++) {
                window.acquireUninterruptibly();
                spool.store(message(spool, number), done);
            }
            window.acquireUninterruptibly(WINDOW);
            double stored = (System.nanoTime() - begun) / 1e9;
            out.printf(Locale.ROOT, "%,d messages of %,d octets for %,d domains stored in %.1f s: %,.0f a second, %.2f GB%n", messages, content.wire(0).length, domains, stored,
                    messages / stored, spool.status().bytes() / 1e9);
            out.flush();
        }
        if (refused.get() > 0) {
            throw new IOException(refused.get() + " messages were refused by the spool");
        }
    }

    /// Each host has words of its own for each message.
    private RecipientState putOff(Mid mid) {
        String words = "4.7.1 message " + mid + " is greylisted, come back later. ";
        String text = words.repeat(1 + reason / words.length()).substring(0, reason);
        return new RecipientState.Waiting(1, Instant.now().plus(Duration.ofHours(6)), new WaitCause(text, EnhancedCode.of("4.7.1"), 451, Optional.empty(), List.of(new Dcid(mid.value()))).stored());
    }

    private NewMessage message(Spool spool, int number) throws IOException {
        Mid mid = spool.takeMid();
        byte[] wire = content.wire(number);
        BodyWriter body = spool.newBody(mid);
        body.write(ByteBuffer.wrap(wire, 0, wire.length - 3));
        Envelope envelope = Envelope.of(ReversePath.of("sender@bench.example"), List.of(Mailbox.of("recipient@d" + number % domains + "." + under)));
        return new NewMessage(mid, envelope, Origin.of(Instant.now(), Injection.of(spool.takeIcid(), "127.0.0.1")),
                new Content(wire.length - 3, 0, false, Optional.empty(), Optional.empty()), new byte[0], body.finish());
    }
}
