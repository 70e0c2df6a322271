package org.mailrelay.observe.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.settings.RelaySettings;

/// `mail_logs/mail.current`, rolled by size or time to `mail.@20260117T000000.s`. The writer thread's own.
final class MailLogFile implements AutoCloseable {

    private final String current;
    private final String rolledPrefix;

    private final Path folder;
    private final RelaySettings.Log settings;
    private final ZoneId zone;
    private final List<String> openingTexts;
    private @Nullable FileChannel channel;
    private Instant opened = Instant.EPOCH;
    private long size;

    /// @param name         `mail` for `mail.current`
    /// @param openingTexts the lines that open a file, without the date; the one of the time offset is added. None: nothing opens it
    MailLogFile(RelaySettings.Log settings, ZoneId zone, String name, List<String> openingTexts) {
        this.current = name + ".current";
        this.rolledPrefix = name + ".@";
        this.folder = settings.directory().resolve("mail_logs");
        this.settings = settings;
        this.zone = zone;
        this.openingTexts = List.copyOf(openingTexts);
    }

    /// @throws IOException when the disk refuses; the next call tries a fresh file handle
    void append(ByteBuffer lines, Instant now) throws IOException {
        try {
            FileChannel file = current(now);
            size += lines.remaining();
            while (lines.hasRemaining()) {
                file.write(lines);
            }
        } catch (IOException failed) {
            close();
            throw failed;
        }
    }

    private FileChannel current(Instant now) throws IOException {
        if (channel != null && (size >= settings.rollSize() || !now.isBefore(opened.plus(settings.rollEvery())))) {
            close();
            roll(now);
        }
        if (channel == null) {
            channel = open(now);
        }
        return channel;
    }

    private FileChannel open(Instant now) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
        FileChannel file = FileChannel.open(folder.resolve(current), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
        size = file.size();
        opened = now;
        StringBuilder opening = new StringBuilder();
        openingTexts.forEach(text -> opening.append(LogTime.asctime(now, zone)).append(" Info: ").append(text).append('\n'));
        // of this moment: summer time comes and goes between two files
        if (!openingTexts.isEmpty()) {
            opening.append(LogTime.asctime(now, zone)).append(" Info: Time offset from UTC: ").append(zone.getRules().getOffset(now).getTotalSeconds()).append(" seconds\n");
        }
        byte[] bytes = opening.toString().getBytes(StandardCharsets.UTF_8);
        file.write(ByteBuffer.wrap(bytes));
        size += bytes.length;
        return file;
    }

    private void roll(Instant now) throws IOException {
        ZonedDateTime time = now.atZone(zone);
        String stamp = "%04d%02d%02dT%02d%02d%02d".formatted(time.getYear(), time.getMonthValue(), time.getDayOfMonth(), time.getHour(), time.getMinute(), time.getSecond());
        Path rolled = folder.resolve(rolledPrefix + stamp + ".s");
        for (int again = 1; Files.exists(rolled); again++) {
            rolled = folder.resolve(rolledPrefix + stamp + "-" + again + ".s");
        }
        Files.move(folder.resolve(current), rolled, StandardCopyOption.ATOMIC_MOVE);
        deleteOldest();
    }

    private void deleteOldest() throws IOException {
        List<Path> rolled;
        try (Stream<Path> files = Files.list(folder)) {
            rolled = files.filter(file -> file.getFileName().toString().startsWith(rolledPrefix)).sorted().toList();
        }
        for (Path old : rolled.subList(0, Math.max(0, rolled.size() - settings.keep()))) {
            Files.deleteIfExists(old);
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
