package org.mailrelay.net.kept;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/// Lines of text in a file that is replaced as a whole, durably, and ends in the sum of all of it: half a file, or a damaged one, counts as none.
public final class SummedFile {

    private static final String SUM = "sum ";

    private SummedFile() {
    }

    /// @param lines of Latin-1, each with its end
    public static void write(Path file, String lines) throws IOException {
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer octets = ByteBuffer.wrap(summed(lines).getBytes(StandardCharsets.ISO_8859_1));
            while (octets.hasRemaining()) {
                channel.write(octets);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /// @param most octets; a longer file is none of ours
    /// @return the lines; empty where they are not what was written
    /// @throws IOException also where there is no file
    public static Optional<String> read(Path file, long most) throws IOException {
        return Files.size(file) > most ? Optional.empty() : checked(Files.readString(file, StandardCharsets.ISO_8859_1));
    }

    static String summed(String lines) {
        return lines + SUM + digest(lines) + "\n";
    }

    static Optional<String> checked(String text) {
        int end = text.lastIndexOf(SUM);
        return end >= 0 && text.equals(summed(text.substring(0, end))) ? Optional.of(text.substring(0, end)) : Optional.empty();
    }

    /// SHA-256, 64 lower-case hexadecimal digits.
    public static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
