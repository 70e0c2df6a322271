package org.mailrelay.observe.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/// Keeps lines of text for a time and a size, and finds them again by time and by number.
///
/// Appending copies to memory; a block is written when it is full, and a second after its first line. What the disk refuses is lost and
/// counted: what is kept for later never holds up what happens now.
public final class LineStore implements AutoCloseable {

    private static final int BLOCK = 256 * 1024;
    private static final Duration OPEN_BLOCK = Duration.ofSeconds(1);
    /// A file may have this part of all: then deleting the oldest takes little.
    private static final int FILES = 16;
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS").withZone(ZoneOffset.UTC);

    /// Reads lines, in the order in which they were written. May throw nothing but what its own work throws.
    @FunctionalInterface
    public interface LineReader {
        void line(String line) throws IOException;
    }

    /// @param keep lines older than this are deleted, a file at a time
    /// @param most octets on disk
    public record Bounds(Duration keep, long most) {}

    private final Path folder;
    private final String name;
    private final Bounds bounds;
    private final InstantSource clock;
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private byte[] lines = new byte[BLOCK + 64 * 1024];
    private int length;
    private int count;
    private Reach reach = Reach.NOTHING;
    private Instant blockBegan = Instant.MAX;
    private Instant dayEnds = Instant.MIN;
    private long lost;
    private long fileSize;
    private @Nullable FileChannel file;

    /// @param name begins the files' names
    public LineStore(Path folder, String name, Bounds bounds, InstantSource clock) {
        this.folder = folder;
        this.name = name;
        this.bounds = bounds;
        this.clock = clock;
    }

    /// @param mid and `icid` and `dcid`: what the line speaks of; 0 for nothing
    public synchronized void append(Instant at, long mid, long icid, long dcid, String line) {
        byte[] octets = line.getBytes(StandardCharsets.UTF_8);
        if (length + octets.length + 1 > lines.length) {
            writeBlock();
            if (octets.length + 1 > lines.length) {
                lines = new byte[octets.length + 1];
            }
        }
        if (count == 0) {
            blockBegan = at;
        }
        System.arraycopy(octets, 0, lines, length, octets.length);
        length += octets.length;
        lines[length++] = '\n';
        count++;
        reach = reach.with(at.toEpochMilli(), mid, icid, dcid);
        if (length >= BLOCK) {
            writeBlock();
        }
    }

    /// Called now and then by whoever appends: writes what has waited a second.
    public synchronized void look() {
        if (count > 0 && !clock.instant().isBefore(blockBegan.plus(OPEN_BLOCK))) {
            writeBlock();
        }
    }

    /// Lines that the disk refused.
    public synchronized long lost() {
        return lost;
    }

    private synchronized void writeBlock() {
        if (count == 0) {
            return;
        }
        try {
            ByteBuffer block = Block.of(lines, length, reach, deflater);
            FileChannel current = current();
            fileSize += block.remaining();
            while (block.hasRemaining()) {
                current.write(block);
            }
        } catch (IOException refused) {
            lost += count;
            closeFile();
        }
        length = 0;
        count = 0;
        reach = Reach.NOTHING;
    }

    /// A file ends with its day (UTC) and at its share of the size.
    private FileChannel current() throws IOException {
        Instant now = clock.instant();
        if (file != null && (!now.isBefore(dayEnds) || fileSize >= bounds.most() / FILES)) {
            closeFile();
        }
        if (file == null) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            prune(now);
            Path path = folder.resolve(name + ".@" + STAMP.format(now));
            for (int again = 1; Files.exists(path); again++) {
                path = folder.resolve(name + ".@" + STAMP.format(now) + "-" + again);
            }
            file = FileChannel.open(path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            fileSize = 0;
            dayEnds = now.atZone(ZoneOffset.UTC).toLocalDate().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        return file;
    }

    private void prune(Instant now) throws IOException {
        List<Path> old = files();
        long total = 0;
        List<Long> sizes = new ArrayList<>();
        for (Path each : old) {
            sizes.add(Files.size(each));
            total += sizes.getLast();
        }
        long most = bounds.most() - bounds.most() / FILES;
        for (int i = 0; i < old.size(); i++) {
            if (total <= most && Files.getLastModifiedTime(old.get(i)).toInstant().isAfter(now.minus(bounds.keep()))) {
                return;
            }
            Files.deleteIfExists(old.get(i));
            total -= sizes.get(i);
        }
    }

    /// Oldest first.
    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> path.getFileName().toString().startsWith(name + ".@")).sorted().toList();
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    /// Reads what blocks hold that may answer the question; more than that, so the reader looks at each line. What was appended before the
    /// call is among it. Reads from disk: not on an event loop, nor on the thread that appends.
    public void read(Reach question, LineReader reader) throws IOException {
        writeBlock();
        for (Path path : files()) {
            try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
                read(in, question, reader);
            } catch (NoSuchFileException deleted) {
                continue;   // its time was over meanwhile
            }
        }
    }

    private static void read(FileChannel in, Reach question, LineReader reader) throws IOException {
        Optional<Block.Found> found = Block.header(in, 0);
        while (found.isPresent()) {
            if (found.get().reach().mayAnswer(question)) {
                Optional<byte[]> lines = Block.lines(in, found.get());
                if (lines.isEmpty()) {
                    return;
                }
                read(lines.get(), reader);
            }
            found = Block.header(in, found.get().end());
        }
    }

    private static void read(byte[] lines, LineReader reader) throws IOException {
        int start = 0;
        for (int i = 0; i < lines.length; i++) {
            if (lines[i] == '\n') {
                reader.line(new String(lines, start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
    }

    private void closeFile() {
        FileChannel open = file;
        file = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException unwritten) {
                lost++;
            }
        }
    }

    @Override
    public synchronized void close() {
        writeBlock();
        closeFile();
        deflater.close();
    }
}
