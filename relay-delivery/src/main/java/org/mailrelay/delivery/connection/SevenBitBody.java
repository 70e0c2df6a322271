package org.mailrelay.delivery.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.BodyType;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mime.SevenBit;
import org.mailrelay.core.mime.SevenBitPlan;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.delivery.conversation.PeerOffer;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.WireBody;

/// An 8-bit or binary body as a host can take it that has not heard of 8BITMIME (RFC 6152 §3) or BINARYMIME (RFC 3030 §3). The content is read twice before it is sent, and converted while it is.
final class SevenBitBody implements WireBody {

    private static final int LEAST = 512;
    /// What an octet may become, and something for broken lines.
    private static final int GROWTH = 4;

    /// What came of looking at a message: it can be sent, as it is or converted, or it cannot, and why.
    ///
    /// @param transaction to be sent in its place
    record Prepared(Transaction transaction, Optional<String> hindrance) {}

    private final WireBody original;
    private final SevenBitPlan plan;
    private final SevenBit conversion;
    private final long length;
    private boolean ended;

    private SevenBitBody(WireBody original, SevenBitPlan plan, long length) {
        this.original = original;
        this.plan = plan;
        this.conversion = new SevenBit(plan);
        this.length = length;
    }

    static boolean needed(Transaction transaction, PeerOffer offer) {
        return isBinary(transaction) ? !(offer.offers(Keyword.BINARYMIME) && offer.offers(Keyword.CHUNKING))
                : transaction.content().eightBit() && !offer.offers(Keyword.EIGHTBITMIME);
    }

    private static boolean isBinary(Transaction transaction) {
        return transaction.parameters().body() == BodyType.BINARY_MIME;
    }

    /// Blocks where the body is not in memory.
    ///
    /// @throws IOException when the octets cannot be read or are not those that were stored
    static Prepared prepare(Transaction transaction) throws IOException {
        SevenBitPlan plan = plan(transaction);
        if (plan.hindrance().isPresent()) {
            return new Prepared(transaction, plan.hindrance());
        }
        SevenBit counted = count(transaction.body(), plan);
        Content before = transaction.content();
        Content content = new Content(counted.written() - counted.stuffedDots(), counted.stuffedDots(), false, before.subject(), before.messageId(), before.tlsRequiredNo());
        WireBody body = new SevenBitBody(transaction.body(), plan, counted.written());
        return new Prepared(new Transaction(transaction.mid(), transaction.sender(), transaction.parameters().withBody(BodyType.SEVEN_BIT), transaction.recipients(), content, transaction.begun(), body), Optional.empty());
    }

    private static SevenBitPlan plan(Transaction of) throws IOException {
        SevenBitPlan.Search search = new SevenBitPlan.Search(SevenBitPlan.Target.SEVEN_BIT, !isBinary(of));
        try (WireBody body = of.body().again()) {
            for (ByteBuffer piece = body.next(BodyReaders.LEAST); piece != null; piece = body.next(BodyReaders.LEAST)) {
                search.read(piece);
            }
        }
        return search.end();
    }

    private static SevenBit count(WireBody of, SevenBitPlan plan) throws IOException {
        SevenBit conversion = new SevenBit(plan);
        try (WireBody body = of.again()) {
            for (ByteBuffer piece = body.next(BodyReaders.LEAST); piece != null; piece = body.next(BodyReaders.LEAST)) {
                conversion.convert(piece);
            }
        }
        conversion.end();
        return conversion;
    }

    @Override
    public boolean inMemory() {
        return original.inMemory();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public @Nullable ByteBuffer next(int most) throws IOException {
        while (!ended) {
            ByteBuffer piece = original.next(Math.max(LEAST, most / GROWTH));
            ended = piece == null;
            byte[] converted = piece == null ? conversion.end() : conversion.convert(piece);
            if (converted.length > 0) {
                return ByteBuffer.wrap(converted);
            }
        }
        return null;
    }

    @Override
    public WireBody again() {
        return new SevenBitBody(original.again(), plan, length);
    }

    @Override
    public void close() {
        original.close();
    }
}
