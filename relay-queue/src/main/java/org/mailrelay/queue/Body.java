package org.mailrelay.queue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A body that has arrived whole, made by [BodyWriter].
public sealed interface Body {

    /// Octets of the wire form.
    long length();

    /// CRC-32C of the wire form.
    int checksum();

    /// @param chunks read-only; each use duplicates them
    record InMemory(List<ByteBuffer> chunks, long length, int checksum) implements Body {
        public InMemory {
            chunks = List.copyOf(chunks);
        }
    }

    /// In a file of its own, on its way there, and not yet synced: that happens before the record that names it is written.
    final class InFile implements Body {
        private final Path file;
        private final long length;
        private final int checksum;
        private final Optional<BodyFile> handle;

        InFile(Path file, long length, int checksum, Optional<BodyFile> handle) {
            this.file = file;
            this.length = length;
            this.checksum = checksum;
            this.handle = handle;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int checksum() {
            return checksum;
        }

        Path file() {
            return file;
        }

        /// The same under another name.
        InFile at(Path other) {
            return new InFile(other, length, checksum, handle);
        }

        /// The same, once it is synced and its handle closed.
        InFile synced() {
            return new InFile(file, length, checksum, Optional.empty());
        }

        /// The handle that wrote it: only there does a failed write-back show for sure. Empty once it is synced.
        Optional<BodyFile> handle() {
            return handle;
        }
    }
}
