package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.Envelope;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.tls.TlsLevel;

/// Messages for tests, and the callback as a future.
final class Messages {

    static final Instant RECEIVED = Instant.parse("2026-11-23T10:00:00Z");

    private Messages() {
    }

    sealed interface Answer {
        record Stored(QueuedMessage message) implements Answer {}
        record Refused(StoreRefusal why) implements Answer {}
    }

    static RelaySettings.Spool settings(Path folder) {
        return new RelaySettings.Spool(folder, 1L << 30, 1 << 20);
    }

    static NewMessage message(Spool spool, String text, int recipients) throws IOException {
        Mid mid = spool.takeMid();
        BodyWriter writer = spool.newBody(mid);
        writer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
        List<Mailbox> to = java.util.stream.IntStream.range(0, recipients).mapToObj(i -> Mailbox.of("rcpt" + i + "@example.net")).toList();
        return new NewMessage(mid, Envelope.of(ReversePath.of("sender@example.com"), to, BodyType.EIGHT_BIT_MIME),
                new Origin(RECEIVED, Injection.of(new Icid(7), "192.0.2.1"), Optional.empty(), Optional.of(TlsLevel.REQUIRED), Optional.empty()),
                new Content(text.length(), 0, false, Optional.of("Hellö"), Optional.of("<id@example.com>")),
                "Received: here\r\n".getBytes(StandardCharsets.US_ASCII), writer.finish());
    }

    static CompletableFuture<Answer> store(Spool spool, NewMessage message) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        spool.store(message, new StoreCallback() {
            @Override
            public void stored(QueuedMessage queued) {
                answer.complete(new Answer.Stored(queued));
            }

            @Override
            public void refused(StoreRefusal why) {
                answer.complete(new Answer.Refused(why));
            }
        });
        return answer;
    }

    static Mid stored(Spool spool, String text, int recipients) throws IOException {
        return switch (store(spool, message(spool, text, recipients)).join()) {
            case Answer.Stored(QueuedMessage queued) -> queued.mid();
            case Answer.Refused(StoreRefusal why) -> throw new AssertionError("refused: " + why);
        };
    }

    static void change(Spool spool, Mid mid, int recipient, RecipientState state) {
        CompletableFuture<Void> durable = new CompletableFuture<>();
        spool.change(List.of(new StateChange(mid, recipient, state)), () -> durable.complete(null));
        durable.join();
    }

    /// The first recipients of all of these are delivered, in one group.
    static void finish(Spool spool, List<Mid> mids) {
        CompletableFuture<Void> durable = new CompletableFuture<>();
        spool.change(mids.stream().map(mid -> new StateChange(mid, 0, new RecipientState.Delivered())).toList(), () -> durable.complete(null));
        durable.join();
    }

    static String body(Spool spool, Mid mid) throws IOException {
        try (BodySource source = spool.body(mid).orElseThrow()) {
            ByteBuffer bytes = ByteBuffer.allocate((int) source.length() + 1);
            while (source.read(bytes) >= 0) {
                continue;
            }
            if (!source.intact()) {
                throw new AssertionError("the body of MID " + mid + " is not what was stored");
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
        }
    }

    /// As a crash leaves a spool that came before any index was written: an orderly end writes them.
    static void removeIndexes(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path index : files.filter(file -> file.toString().endsWith(".index")).toList()) {
                Files.delete(index);
            }
        }
    }

    static List<QueuedMessage> replayed(Spool spool) {
        List<QueuedMessage> all = new ArrayList<>();
        try (Replay replay = spool.replay()) {
            for (Optional<QueuedMessage> message = replay.next(); message.isPresent(); message = replay.next()) {
                all.add(message.get());
            }
        }
        return all;
    }
}
