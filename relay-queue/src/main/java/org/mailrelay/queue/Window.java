package org.mailrelay.queue;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads a file front to back in large steps; looks back only within the present step. Not thread-safe.
final class Window {

    private final Disk.DiskFile file;
    private final String name;
    private ByteBuffer bytes;
    private long start;

    /// @param size octets a step
    Window(Disk.DiskFile file, String name, int size) {
        this.file = file;
        this.name = name;
        this.bytes = ByteBuffer.allocate(size).limit(0);
    }

    /// `count` octets from `at`: valid until the next call.
    ///
    /// @throws IOException when the file ends before them
    ByteBuffer at(long at, int count) throws IOException {
        if (count < 0) {
            throw new IllegalArgumentException(count + " octets");
        }
        if (at < start || at + count > start + bytes.limit()) {
            load(at, count);
        }
        int from = (int) (at - start);
        return bytes.duplicate().limit(from + count).position(from);
    }

    /// Where in the buffers of [#at] an offset of the file stands.
    int start(long at) {
        return (int) (at - start);
    }

    private void load(long at, int count) throws IOException {
        if (bytes.capacity() < count) {
            bytes = ByteBuffer.allocate(count);
        }
        bytes.clear();
        start = at;
        while (bytes.position() < count) {
            if (file.read(bytes, at + bytes.position()) < 0) {
                int read = bytes.position();
                bytes.flip();
                throw new IOException(name + " ends at " + (at + read));
            }
        }
        bytes.flip();
    }
}
