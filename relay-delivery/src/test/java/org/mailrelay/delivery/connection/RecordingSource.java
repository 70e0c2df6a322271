package org.mailrelay.delivery.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Content;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.Recipient;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.TransactionResult;
import org.mailrelay.delivery.conversation.WireBody;

/// Gives a list of messages, finishes the connection behind the last, and keeps what came of it.
final class RecordingSource implements TransactionSource {

    private final Queue<Transaction> waiting = new ConcurrentLinkedQueue<>();
    private boolean stays;
    volatile int given;
    volatile int readies;
    volatile int closings;
    final List<TransactionResult> results = new java.util.concurrent.CopyOnWriteArrayList<>();
    final CompletableFuture<HostFailure> failure = new CompletableFuture<>();
    final CompletableFuture<RecordingSource> closed = new CompletableFuture<>();

    RecordingSource(int messages) {
        for (int i = 0; i < messages; i++) {
            waiting.add(message(i + 1, true, "Subject: " + i + "\r\n\r\n..stuffed\r\n"));
        }
    }

    /// Leaves the connection open when there is no message.
    RecordingSource staying() {
        stays = true;
        return this;
    }

    /// Signed, so that it cannot be converted.
    static Transaction eightBit(long mid) {
        Transaction seven = message(mid, true, "DKIM-Signature: v=1\r\n\r\n\u00fc\r\n");
        return new Transaction(seven.mid(), seven.sender(), seven.parameters(), seven.recipients(), content(seven.content().trueSize(), 0, true), seven.begun(), seven.body());
    }

    /// One good piece, and then octets that are not those that were stored.
    static Transaction damaged(long mid, boolean inMemory) {
        Transaction whole = message(mid, inMemory, "Subject: x\r\n");
        WireBody body = new WireBody() {
            @Override
            public boolean inMemory() {
                return inMemory;
            }

            @Override
            public long length() {
                return whole.body().length();
            }

            @Override
            public ByteBuffer next(int most) throws IOException {
                ByteBuffer piece = whole.body().next(most);
                if (piece == null) {
                    throw new IOException("checksum");
                }
                return piece;
            }

            @Override
            public WireBody again() {
                return this;
            }

            @Override
            public void close() {
            }
        };
        return new Transaction(whole.mid(), whole.sender(), whole.parameters(), whole.recipients(), whole.content(), whole.begun(), body);
    }

    /// Announces one octet more than it has.
    static Transaction shorterThanItSays(long mid) {
        Transaction whole = message(mid, true, "x\r\n");
        WireBody body = new WireBody() {
            @Override
            public boolean inMemory() {
                return true;
            }

            @Override
            public long length() {
                return whole.body().length() + 1;
            }

            @Override
            public @Nullable ByteBuffer next(int most) throws IOException {
                return whole.body().next(most);
            }

            @Override
            public WireBody again() {
                return this;
            }

            @Override
            public void close() {
            }
        };
        return new Transaction(whole.mid(), whole.sender(), whole.parameters(), whole.recipients(), whole.content(), whole.begun(), body);
    }

    static Transaction message(long mid, boolean inMemory, String content) {
        Queue<ByteBuffer> pieces = new ArrayDeque<>(content.lines().map(l -> ByteBuffer.wrap((l + "\r\n").getBytes(StandardCharsets.ISO_8859_1))).toList());
        WireBody body = new WireBody() {
            @Override
            public boolean inMemory() {
                return inMemory;
            }

            @Override
            public long length() {
                return content.length();
            }

            @Override
            public @Nullable ByteBuffer next(int most) {
                return pieces.poll();
            }

            @Override
            public WireBody again() {
                return message(mid, inMemory, content).body();
            }

            @Override
            public void close() {
            }
        };
        return new Transaction(new Mid(mid), ReversePath.of("a@example.net"), MailParameters.NONE, List.of(new Transaction.Addressee(0, Recipient.of("b@example.com"))),
                content(content.length(), content.lines().filter(line -> line.startsWith("..")).count(), false), Instant.EPOCH, body);
    }

    static Content content(long size, long stuffedDots, boolean eightBit) {
        return new Content(size, stuffedDots, eightBit, Optional.empty(), Optional.empty());
    }

    void add(Transaction transaction) {
        waiting.add(transaction);
    }

    RecordingSource awaitClosed() throws Exception {
        return closed.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void ready(OutboundConnection connection) {
        readies++;
    }

    @Override
    public Optional<Transaction> next(OutboundConnection connection) {
        Optional<Transaction> next = poll();
        if (next.isEmpty() && !stays) {
            connection.finish();
        }
        return next;
    }

    @Override
    public Optional<Transaction> following(OutboundConnection connection) {
        return poll();
    }

    private Optional<Transaction> poll() {
        Optional<Transaction> next = Optional.ofNullable(waiting.poll());
        given += next.isPresent() ? 1 : 0;
        return next;
    }

    @Override
    public void settled(OutboundConnection connection, Transaction transaction, TransactionResult result) {
        results.add(result);
    }

    @Override
    public void failed(OutboundConnection connection, HostFailure why) {
        failure.complete(why);
    }

    @Override
    public void closed(OutboundConnection connection, Runnable log) {
        log.run();
        closings++;
        closed.complete(this);
    }
}
