package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mailrelay.core.access.ProxyHeader;
import org.mailrelay.core.mail.Domain;

/// Whatever a client sends, its readers answer and never throw, and what they let pass holds no line end. The inputs are those of
/// `src/test/resources/fuzz` (a line each, escaped as Java writes strings), changed at random from a fixed seed; a longer run:
/// `-Dfuzz.rounds=10000000 -Dfuzz.seed=…`.
class DecoderFuzzTest {

    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 100_000);
    private static final long SEED = Long.getLong("fuzz.seed", 42);
    private static final Domain OURS = Domain.of("relay.example.net");

    private static List<String> commands;
    private static List<String> contents;

    @BeforeAll
    static void corpus() throws IOException {
        commands = read("commands");
        contents = read("contents");
    }

    private static List<String> read(String name) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("src", "test", "resources", "fuzz", name), StandardCharsets.US_ASCII).stream().map(String::translateEscapes).toList();
        assertThat(lines).hasSizeGreaterThan(10);
        return lines;
    }

    /// One to four changes: an octet replaced, taken out, doubled, or a piece of another input put in.
    private static byte[] changed(List<String> corpus, Random random) {
        StringBuilder text = new StringBuilder(corpus.get(random.nextInt(corpus.size())));
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(text.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, (char) random.nextInt(256));
                case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(3)));
                case 2 -> text.insert(at, "\r\n.<>@:\"\\= \0\u00ff".charAt(random.nextInt(13)));
                default -> {
                    String other = corpus.get(random.nextInt(corpus.size()));
                    int from = random.nextInt(other.length() + 1);
                    text.insert(at, other, from, from + random.nextInt(other.length() - from + 1));
                }
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void commandsAndTheirArguments() {
        Random random = new Random(SEED);
        PathCommand.Place place = new PathCommand.Place(OURS, true, true, Instant.EPOCH, Duration.ofDays(1));
        for (int round = 0; round < ROUNDS; round++) {
            byte[] line = changed(commands, random);
            switch (CommandLine.parse(line, 0, line.length)) {
                case CommandLine.Command(Verb verb, String argument) -> {
                    assertThat(argument).doesNotContain("\r", "\n", "\0");
                    argument(verb, argument, place);
                }
                case CommandLine.Refused refused -> assertThat(refused.text()).satisfies(DecoderFuzzTest::isOneLine);
                case CommandLine.NotSmtp foreign -> assertThat(foreign.text()).satisfies(DecoderFuzzTest::isOneLine);
            }
        }
    }

    private static void isOneLine(String text) {
        assertThat(text.codePoints()).noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 || c >= 0x202a && c <= 0x202e);
    }

    private static void argument(Verb verb, String argument, PathCommand.Place place) {
        EhloArgument.parse(argument);
        ChunkCommand.parse(argument);
        if (verb == Verb.MAIL && PathCommand.mail(argument, place) instanceof PathCommand.Mail mail) {
            assertThat(mail.sender().toString().chars()).noneMatch(c -> c < 0x20 || c == 0x7f);
            assertThat(OurReplies.senderOk(mail.sender()).wire()).endsWith((byte) '\r', (byte) '\n');
        }
        if (verb == Verb.RCPT && PathCommand.rcpt(argument, OURS, true) instanceof PathCommand.Rcpt rcpt) {
            assertThat(rcpt.recipient().toString().chars()).noneMatch(c -> c < 0x20 || c == 0x7f);
            assertThat(OurReplies.recipientOk(rcpt.recipient().mailbox()).wire()).endsWith((byte) '\r', (byte) '\n');
        }
    }

    /// However content is cut, the end that is found is the first CRLF . CRLF (or one at the very beginning), and no other.
    @Test
    void contentIsFoundToEndWhereItEnds() {
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] octets = changed(contents, random);
            String text = "\r\n" + new String(octets, StandardCharsets.ISO_8859_1);
            int expected = text.indexOf("\r\n.\r\n");
            DataScanner scanner = new DataScanner();
            int at = 0;
            int shown = 0;
            while (!scanner.ended() && shown < octets.length) {
                shown = Math.min(octets.length, shown + 1 + random.nextInt(7));
                at = scanner.scan(octets, at, shown);
            }
            assertThat(scanner.ended()).as(Escape.octets(text, 500)).isEqualTo(expected >= 0);
            if (expected >= 0) {
                assertThat(at).isEqualTo(expected);
            }
        }
    }

    /// What came in chunks, stuffed, never holds an end of data, and is clean or refused.
    @Test
    void chunksNeverMakeAnEndOfData() {
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] octets = changed(contents, random);
            DotStuffer stuffer = new DotStuffer();
            DataScanner scanner = new DataScanner();
            ByteArrayOutputStream kept = new ByteArrayOutputStream();
            int at = 0;
            while (at < octets.length) {
                int to = Math.min(octets.length, at + 1 + random.nextInt(9));
                take(stuffer.stuff(octets, at, to), scanner, kept);
                at = to;
            }
            take(stuffer.lineEnd(), scanner, kept);
            scanner.end();
            String text = "\r\n" + kept.toString(StandardCharsets.ISO_8859_1);
            assertThat(text).doesNotContain("\r\n.\r\n");
            boolean clean = !text.replace("\r\n", "").contains("\r") && !text.replace("\r\n", "").contains("\n") && text.indexOf(0) < 0;
            assertThat(scanner.refusal().isEmpty()).as(Escape.octets(text, 500)).isEqualTo(clean);
        }
    }

    private static void take(ByteBuffer stuffed, DataScanner scanner, ByteArrayOutputStream kept) {
        if (stuffed.hasRemaining()) {
            int end = scanner.scan(stuffed.array(), stuffed.position(), stuffed.limit());
            assertThat(end).isEqualTo(stuffed.limit());
            kept.write(stuffed.array(), stuffed.position(), stuffed.remaining());
        }
    }

    @Test
    void proxyHeaders() {
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] octets = changed(commands, random);
            assertThat(ProxyHeader.read(octets, octets.length)).isNotNull();
        }
    }
}
