package org.mailrelay.delivery.conversation;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The octets of one message as they go over the wire: CRLF, dot-stuffed, our own fields first, without the final dot.
public interface WireBody extends AutoCloseable {

    /// True when [#next] never blocks; else it and [#close] are called on threads that may wait for the disk.
    boolean inMemory();

    /// Octets of all pieces together.
    long length();

    /// The next piece, not empty; null at the end, which also says that the checksum held.
    ///
    /// @param most octets of a piece that has to be read; what is in memory comes in the pieces that it has
    /// @throws IOException when the octets cannot be read or are not those that were stored; the final dot is then withheld
    @Nullable ByteBuffer next(int most) throws IOException;

    /// The same octets from their beginning, to be read and closed apart from these.
    WireBody again();

    @Override
    void close();
}
