package org.mailrelay.delivery.connection;

import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailrelay.delivery.conversation.WireBody;

/// Writes one body in its framing, no faster than the host takes it. Runs on the event loop; a body that is not in
/// memory is read by the [BodyReaders], the next piece while the host takes the last.
final class BodySender {

    private final ChannelHandlerContext context;
    private final Link link;
    private final BodyReaders readers;
    private final WireBody body;
    private final Framing framing;
    private final Runnable added;
    private final Consumer<IOException> damaged;
    /// Read, and not yet in the framing.
    private @Nullable Piece ready;
    private long unread;
    private boolean begun;
    private boolean reading;
    private boolean ended;
    private boolean closed;
    /// Room that was taken and not given back; of that, what belongs to pieces that the framing has, and what is with the socket.
    private int room;
    private int framed;
    private int onItsWay;

    /// @param octets null at the end: nothing followed, and all of the body was good
    /// @param last   the end was read with it
    private record Piece(@Nullable ByteBuffer octets, int room, boolean last) {}

    /// @param added called behind the end of the content and before the flush: what it adds goes out with it
    BodySender(Link link, WireBody body, Framing framing, Runnable added, Consumer<IOException> damaged) {
        this.context = link.context();
        this.link = link;
        this.readers = link.around().readers();
        this.body = body;
        this.unread = body.length();
        this.framing = framing;
        this.added = added;
        this.damaged = damaged;
    }

    /// Goes on as far as the channel and the framing take it, then flushes; called again when they take more.
    void pump() {
        try {
            if (body.inMemory()) {
                writeAll();
            } else {
                writeReady();
            }
        } catch (IOException unreadable) {
            fail(unreadable);
        }
        if (!ended && !body.inMemory() && !reading && ready == null) {
            readNext();
        }
        link.out().flush();
    }

    private void writeAll() throws IOException {
        if (!begun) {
            begun = true;
            framing.promise(unread);
        }
        while (!ended && takesMore()) {
            ByteBuffer piece = body.next(BodyReaders.PIECE);
            if (piece == null) {
                end();
            } else {
                framing.add(piece, link.out());
            }
        }
    }

    private boolean takesMore() {
        return context.channel().isWritable() && framing.mayAdd();
    }

    private void writeReady() throws IOException {
        while (!ended && ready != null && takesMore()) {
            write(ready);
        }
    }

    /// The end may have to wait for the host's answer to the last chunk.
    private void write(Piece piece) throws IOException {
        framed += piece.room();
        if (piece.octets() == null) {
            ready = null;
            end();
        } else {
            ready = piece.last() ? new Piece(null, 0, true) : null;
            framing.add(piece.octets(), link.out());
        }
        if (framed > 0 && link.out().gathers()) {
            // What a framing holds back counts with the piece behind it.
            int leaving = framed;
            framed = 0;
            onItsWay += leaving;
            link.out().whenLeft(() -> {
                onItsWay -= leaving;
                giveBack(leaving);
                if (!ended) {
                    pump();
                }
            });
        }
    }

    private void end() throws IOException {
        framing.end(link.out());
        ended = true;
        close();
        added.run();
    }

    /// Nothing is written any more. A read that is under way elsewhere still ends; it closes the body then.
    void stop() {
        ended = true;
        ready = null;
        if (!reading) {
            close();
        }
        giveBack(room);
    }

    private void fail(IOException unreadable) {
        ended = true;
        close();
        link.out().release();
        damaged.accept(unreadable);
    }

    /// To close a file may wait for the disk.
    private void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (body.inMemory()) {
            body.close();
        } else {
            readers.execute(body::close);
        }
    }

    /// What a stopped body gave back in one go it does not give back again.
    private void giveBack(int octets) {
        int back = Math.min(octets, room);
        room -= back;
        readers.giveBack(back);
    }

    private void readNext() {
        int octets = onItsWay == 0 ? readers.take(unread) : readers.takeAhead(unread);
        if (octets == 0 && unread > 0) {
            return;   // what is on its way makes room, and comes back here
        }
        room += octets;
        reading = true;
        long left = unread;
        readers.execute(() -> {
            try {
                ByteBuffer piece = body.next(octets);
                boolean last = piece == null || piece.remaining() >= left && body.next(octets) == null;
                context.executor().execute(() -> resume(new Piece(piece, octets, last), null));
            } catch (IOException unreadable) {
                context.executor().execute(() -> resume(null, unreadable));
            }
        });
    }

    private void resume(@Nullable Piece read, @Nullable IOException unreadable) {
        reading = false;
        if (ended) {
            close();
            giveBack(room);
            return;
        }
        if (unreadable != null) {
            fail(unreadable);
            return;
        }
        ready = read;
        if (read != null && read.octets() != null) {
            unread -= read.octets().remaining();
        }
        pump();
    }
}
