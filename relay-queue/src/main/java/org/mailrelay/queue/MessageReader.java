package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// Reads a message's record back from its segment.
final class MessageReader {

    private MessageReader() {
    }

    /// The record without its body: what [Spool#load] needs.
    static QueuedMessage load(Entry entry) throws IOException {
        Record.Message message = record(entry, whole(entry));
        return new QueuedMessage(message.mid(), message.envelope(), message.origin(), message.content(), message.prologue(), message.bodyLength(), entry.states());
    }

    /// All of it, to be written again.
    static NewMessage read(Entry entry) throws IOException {
        ByteBuffer bytes = whole(entry);
        Record.Message message = record(entry, bytes);
        Body body = entry.bodyFile != null
                ? new Body.InFile(entry.bodyFile, entry.bodyLength, entry.bodyChecksum, Optional.empty())
                : new Body.InMemory(List.of(bytes.duplicate().position(entry.place().bodyOffset()).limit(bytes.limit()).slice()), entry.bodyLength, entry.bodyChecksum);
        return new NewMessage(message.mid(), message.envelope(), message.origin(), message.content(), message.prologue(), body);
    }

    private static ByteBuffer whole(Entry entry) throws IOException {
        Entry.Place place = entry.place();
        ByteBuffer bytes = ByteBuffer.allocate(place.recordLength());
        place.segment().read(bytes, place.offset());
        return bytes.flip();
    }

    private static Record.Message record(Entry entry, ByteBuffer bytes) throws IOException {
        int payload = bytes.limit() - RecordCodec.HEADER;
        if (bytes.getInt(0) != RecordCodec.MAGIC || bytes.getInt(9) != RecordCodec.checksum(bytes, 0, payload)) {
            throw new IOException("the record of MID " + entry.mid + " is damaged");
        }
        try {
            return switch (RecordCodec.decode(bytes.get(4), bytes.duplicate().position(RecordCodec.HEADER))) {
                case Record.Message message -> message;
                case Record.Change _, Record.Abandoned _, Record.Reserved _ -> throw new IOException("no message stands where MID " + entry.mid + " should");
            };
        } catch (IllegalArgumentException nonsense) {
            throw new IOException("the record of MID " + entry.mid + " makes no sense", nonsense);
        }
    }
}
