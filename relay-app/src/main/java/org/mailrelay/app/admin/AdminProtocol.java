package org.mailrelay.app.admin;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The bytes on the admin socket. A request is a count of words and the words; an answer is any number of lines and then the
/// exit status. Every text is UTF-8 behind its length (4 octets, big-endian).
final class AdminProtocol {

    static final int MAX_WORDS = 1_000;
    static final int MAX_TEXT = 1 << 20;
    private static final byte LINE = 1;
    private static final byte EXIT = 2;

    private AdminProtocol() {
    }

    static void writeRequest(DataOutputStream out, List<String> words) throws IOException {
        out.writeInt(words.size());
        for (String word : words) {
            writeText(out, word);
        }
        out.flush();
    }

    /// @throws IOException also for a request beyond the limits: the socket is ours, so it is a bug or a stranger
    static List<String> readRequest(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 1 || count > MAX_WORDS) {
            throw new IOException("a request of " + count + " words");
        }
        List<String> words = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            words.add(readText(in));
        }
        return words;
    }

    static void writeLine(DataOutputStream out, String line) throws IOException {
        out.writeByte(LINE);
        writeText(out, line);
    }

    static void writeExit(DataOutputStream out, int status) throws IOException {
        out.writeByte(EXIT);
        out.writeInt(status);
        out.flush();
    }

    /// Hands every line on and returns the exit status.
    static int readAnswer(DataInputStream in, AdminCommand.Output lines) throws IOException {
        while (true) {
            byte kind = in.readByte();
            if (kind == EXIT) {
                return in.readInt();
            }
            lines.line(readText(in));
        }
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_TEXT) {
            throw new IOException("a text of " + length + " octets");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
