package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads a message's record back from its segment.
final class MessageReader {

    /// Before an inline body stand its length (8), its CRC-32C (4) and the flag of an own file (1).
    private static final int TAIL = 13;

    private MessageReader() {
    }

    /// The record without its body: what [Spool#load] needs.
    static QueuedMessage load(Entry entry) throws IOException {
        Entry.Place place = entry.place();
        ByteBuffer head = bytes(place, place.head());
        Record record = RecordCodec.soundOrNull(RecordCodec.headIsApart(head) ? head : bytes(place, place.length()), false);
        if (!(record instanceof Record.Message message) || message.mid().value() != entry.mid) {
            throw new IOException("the record of MID " + entry.mid + " is damaged");
        }
        return queued(message, entry);
    }

    static QueuedMessage queued(Record.Message message, Entry entry) {
        return new QueuedMessage(message.mid(), message.envelope(), message.origin(), message.content(), message.prologue(), message.bodyLength(),
                States.over(entry.states(), message.states()));
    }

    /// The record as it stands, checked to its last octet, to be written again.
    static ByteBuffer whole(Entry entry) throws IOException {
        Entry.Place place = entry.place();
        ByteBuffer bytes = bytes(place, place.length());
        if (!(RecordCodec.soundOrNull(bytes.duplicate(), true) instanceof Record.Message message) || message.mid().value() != entry.mid) {
            throw new IOException("the record of MID " + entry.mid + " is damaged");
        }
        return bytes;
    }

    /// The inline body; the caller has retained its segment, and closing the source releases it.
    static BodySource.Stored body(Entry.Place place) throws IOException {
        Segment segment = place.segment();
        long start = (long) place.offset() + place.head();
        try {
            ByteBuffer tail = ByteBuffer.allocate(TAIL);
            segment.read(tail, start - TAIL);
            return new BodySource.Stored(segment.name(), segment.file(), start, tail.getInt(8), segment::release);
        } catch (IOException unreadable) {
            segment.release();
            throw unreadable;
        }
    }

    private static ByteBuffer bytes(Entry.Place place, int octets) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(octets);
        place.segment().read(bytes, place.offset());
        return bytes.flip();
    }
}
