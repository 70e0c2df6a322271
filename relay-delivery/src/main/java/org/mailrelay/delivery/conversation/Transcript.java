package org.mailrelay.delivery.conversation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.smtp.ReplyResult;
import org.mailrelay.net.tls.TlsChannel;

/// What was said on one connection, but for content and credentials. Bounded: the first entries are kept, since it is the
/// opening that explains a connection. One event loop writes it; read it after the connection has closed.
public final class Transcript {

    private static final int ENTRIES = 64;
    private static final int OPENING = 32;
    private static final int OCTETS = 128 * 1024;
    private static final Transcript NONE = new Transcript(0);

    public sealed interface Entry {
        /// Ours: one command line, escaped.
        record Said(boolean encrypted, String line) implements Entry {}
        /// The host's, at `stage`.
        record Heard(boolean encrypted, Stage stage, Reply reply) implements Entry {}
        /// Octets that are no reply.
        record Broke(boolean encrypted, Stage stage, ReplyResult.Broken what) implements Entry {}
        /// From here on inside TLS.
        record Encrypted(TlsChannel channel) implements Entry {}
    }

    private final int most;
    private final List<Entry> entries = new ArrayList<>();
    private int octets;

    private Transcript(int most) {
        this.most = most;
    }

    /// Keeps nothing.
    public static Transcript none() {
        return NONE;
    }

    public static Transcript keep() {
        return new Transcript(ENTRIES);
    }

    /// Of a connection that carries mail: the opening, and a message or two.
    public static Transcript opening() {
        return new Transcript(OPENING);
    }

    /// False for [#none] and once it is full: then nothing need be told.
    public boolean keeps() {
        return entries.size() < most;
    }

    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    public void said(boolean encrypted, byte[] line) {
        int end = line.length >= 2 ? line.length - 2 : line.length;
        add(new Entry.Said(encrypted, Escape.bytes(line, 0, end, Escape.LOG_LIMIT)), line.length);
    }

    public void saidSecret(boolean encrypted) {
        said(encrypted, "(credentials)\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    public void heard(boolean encrypted, Stage stage, Reply reply) {
        add(new Entry.Heard(encrypted, stage, reply), reply.lines().stream().mapToInt(String::length).sum());
    }

    public void broke(boolean encrypted, Stage stage, ReplyResult.Broken what) {
        add(new Entry.Broke(encrypted, stage, what), what.detail().length());
    }

    public void encrypted(TlsChannel channel) {
        add(new Entry.Encrypted(channel), 0);
    }

    /// As lines for reading: `C: EHLO relay.example.net`, `S: 250-STARTTLS`, `-- TLSv1.3 TLS_AES_256_GCM_SHA384`; escaped.
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.Said(_, String line) -> lines.add("C: " + line);
                case Entry.Heard(_, _, Reply reply) -> {
                    for (int i = 0; i < reply.lines().size(); i++) {
                        lines.add("S: " + shown(reply, i));
                    }
                }
                case Entry.Broke(_, _, var what) -> lines.add("S: " + what.detail() + " [" + what.error().words() + "]");
                case Entry.Encrypted(var channel) -> lines.add("-- " + channel.protocol() + " " + channel.cipher());
            }
        }
        return lines;
    }

    /// Line `index` of a reply as it stood on the wire, escaped.
    public static String shown(Reply reply, int index) {
        boolean last = index == reply.lines().size() - 1;
        return reply.code() + (last ? " " : "-") + Escape.octets(reply.lines().get(index), Escape.LOG_LIMIT);
    }

    private void add(Entry entry, int size) {
        if (entries.size() < most && octets + size <= OCTETS) {
            entries.add(entry);
            octets += size;
        }
    }
}
