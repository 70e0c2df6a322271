package org.mailrelay.listener;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mime.SevenBit;
import org.mailrelay.core.mime.SevenBitPlan;
import org.mailrelay.queue.Body;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.BodyWriter;
import org.mailrelay.queue.Spool;

/// Converts messages that have come whole, on threads of its own: their content is read twice and written anew, which takes time and may wait for the disk.
/// Never more of them wait than there are connections: each has one message at a time.
final class Conversions implements AutoCloseable {

    private static final int PIECE = 64 * 1024;
    private static final long UNUSED_SECONDS = 60;

    private final Spool spool;
    private final ThreadPoolExecutor threads;

    Conversions(Spool spool) {
        this.spool = spool;
        int processors = Runtime.getRuntime().availableProcessors();
        this.threads = new ThreadPoolExecutor(processors, processors, UNUSED_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("convert-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /// What came of one; told on a thread of this class.
    sealed interface Result {

        /// It goes on as this.
        record Converted(Taken taken) implements Result {}

        /// It goes on as it was.
        record Kept(String hindrance) implements Result {}

        /// Its content can neither be read nor written; nothing is left of it.
        record Unwritable() implements Result {}
    }

    /// @param signing sees what becomes of it
    void convert(Taken message, SevenBitPlan.Target target, Supplier<Optional<MailSigning.Pass>> signing, Consumer<Result> then) {
        try {
            threads.execute(() -> then.accept(converted(message, target, signing)));
        } catch (RejectedExecutionException closing) {
            then.accept(givenUp(message.body()));
        }
    }

    private Result converted(Taken message, SevenBitPlan.Target target, Supplier<Optional<MailSigning.Pass>> signing) {
        Body old = message.body();
        try {
            SevenBitPlan.Search search = new SevenBitPlan.Search(target, message.parameters().body() != BodyType.BINARY_MIME);
            read(old, search::read);
            SevenBitPlan plan = search.end();
            if (plan.hindrance().isPresent()) {
                return new Result.Kept(plan.hindrance().get());
            }
            old = spool.moveAside(old);
            Taken written = written(message, old, plan, signing.get());
            spool.drop(old);
            return new Result.Converted(written);
        } catch (IOException unwritable) {
            return givenUp(old);
        }
    }

    private Result givenUp(Body body) {
        spool.drop(body);
        return new Result.Unwritable();
    }

    private Taken written(Taken message, Body old, SevenBitPlan plan, Optional<MailSigning.Pass> signing) throws IOException {
        SevenBit conversion = new SevenBit(plan);
        BodyWriter writer = spool.newBody(message.mid());
        try {
            read(old, piece -> write(conversion.convert(piece), writer, signing));
            write(conversion.end(), writer, signing);
            long dots = conversion.stuffedDots();
            Content before = message.content();
            Content content = new Content(conversion.written() - dots, dots, conversion.eightBit(), before.subject(), before.messageId(), before.tlsRequiredNo());
            BodyType type = conversion.eightBit() ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT;
            return new Taken(message.mid(), message.parameters().withBody(type), content, writer.finish(), signing);
        } catch (IOException unwritable) {
            writer.discard();
            throw unwritable;
        }
    }

    private static void write(byte[] octets, BodyWriter writer, Optional<MailSigning.Pass> signing) throws IOException {
        signing.ifPresent(pass -> pass.octets(octets, 0, octets.length));
        writer.write(ByteBuffer.wrap(octets));
        writer.awaitRoom();
    }

    /// Takes octets until the next call.
    private interface Reader {
        void take(ByteBuffer octets) throws IOException;
    }

    private void read(Body body, Reader reader) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, Math.max(1, body.length())));
        try (BodySource source = spool.arrived(body)) {
            while (source.read(piece.clear()) >= 0) {
                reader.take(piece.flip());
            }
            if (!source.intact()) {
                throw new IOException("a body that is not what was written");
            }
        }
    }

    /// Conversions under way end first.
    @Override
    public void close() {
        threads.close();
    }
}
