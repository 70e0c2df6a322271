package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.ReversePath;

/// What clients and hosts send, octet by octet (targets for a fuzzer; seeds in the folder of resources of this class's name). The first octet of an input says how the rest is cut.
class SmtpFuzzTest {

    private static final Domain OURS = Domain.of("relay.example.net");
    private static final PathCommand.Place INSIDE = new PathCommand.Place(OURS, true, true, Instant.EPOCH, Duration.ofDays(1));

    /// Lengths of pieces, from the octet: 1, 2, 3, …; 0 keeps the rest whole.
    private static int piece(byte[] input, int at) {
        int by = input.length == 0 ? 0 : input[0] & 0x0f;
        return by == 0 ? Integer.MAX_VALUE : 1 + (at * 7 + by) % by;
    }

    private static byte[] rest(byte[] input) {
        return input.length == 0 ? input : java.util.Arrays.copyOfRange(input, 1, input.length);
    }

    /// A command is taken apart without a throw; what is told of it is one line; a path that is accepted says the same when it is read again.
    @FuzzTest(maxDuration = "1m")
    void commands(byte[] line) {
        for (byte octet : line) {
            if (octet == '\r' || octet == '\n') {
                return;   // the decoder ends lines there
            }
        }
        switch (CommandLine.parse(line, 0, line.length)) {
            case CommandLine.Refused(OurReply reply, String text) -> oneLine(reply, text);
            case CommandLine.NotSmtp(OurReply reply, String text) -> oneLine(reply, text);
            case CommandLine.Command(Verb verb, String argument) -> {
                assertThat(verb).isNotNull();
                everyArgument(argument);
            }
        }
    }

    private static void oneLine(OurReply reply, String text) {
        assertThat(text.codePoints()).noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 || c >= 0x202a && c <= 0x202e);
        assertThat(new String(reply.wire(), StandardCharsets.ISO_8859_1)).matches("[245][0-9][0-9] [^\\r\\n]*\\r\\n");
    }

    private static void everyArgument(String argument) {
        EhloArgument.parse(argument);
        ChunkCommand.parse(argument);
        if (PathCommand.mail(argument, INSIDE) instanceof PathCommand.Mail mail) {
            assertThat(mail.sender().toString().chars()).noneMatch(c -> c < 0x20 || c == 0x7f);
            if (mail.sender().mailbox().isPresent()) {
                sameAgain(mail.sender());
            }
        }
        if (PathCommand.rcpt(argument, OURS, true) instanceof PathCommand.Rcpt rcpt) {
            assertThat(rcpt.recipient().toString().chars()).noneMatch(c -> c < 0x20 || c == 0x7f);
            assertThat(OurReplies.recipientOk(rcpt.recipient().mailbox()).wire()).endsWith((byte) '\r', (byte) '\n');
        }
    }

    private static void sameAgain(ReversePath path) {
        String octets = new String(path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(PathCommand.mail("FROM:" + octets + " SMTPUTF8", INSIDE)).as(octets).isInstanceOfSatisfying(PathCommand.Mail.class, again -> assertThat(again.sender()).isEqualTo(path));
    }

    /// The end of content is the first CRLF . CRLF however it is cut, and what is found on the way is the same.
    @FuzzTest(maxDuration = "1m")
    void content(byte[] input) {
        byte[] octets = rest(input);
        String text = "\r\n" + new String(octets, StandardCharsets.ISO_8859_1);
        int expected = text.indexOf("\r\n.\r\n");
        DataScanner whole = new DataScanner();
        int end = whole.scan(octets, 0, octets.length);
        DataScanner cut = new DataScanner();
        int at = 0;
        for (int shown = 0; !cut.ended() && shown < octets.length;) {
            shown = (int) Math.min(octets.length, (long) shown + piece(input, shown));
            at = cut.scan(octets, at, shown);
        }
        assertThat(whole.ended()).isEqualTo(expected >= 0);
        if (expected >= 0) {
            assertThat(end).isEqualTo(expected);
        }
        assertThat(found(cut, at)).isEqualTo(found(whole, end));
        String seen = text.substring(0, end + 2);
        assertThat(whole.bareCr()).isEqualTo(seen.matches("(?s).*\r[^\n].*"));
        assertThat(whole.bareLf()).isEqualTo(seen.matches("(?s).*[^\r]\n.*|.*\r\n\n.*"));
        assertThat(whole.nul()).isEqualTo(seen.indexOf(0) >= 0);
        assertThat(whole.eightBit()).isEqualTo(seen.chars().anyMatch(c -> c > 0x7f));
        long dots = seen.split("\r\n\\.", -1).length - 1;
        assertThat(whole.stuffedDots()).isEqualTo(dots);
        assertThat(whole.trueSize()).isEqualTo(end - dots);
    }

    private static List<Object> found(DataScanner scanner, int end) {
        return List.of(scanner.ended(), end, scanner.bareCr(), scanner.bareLf(), scanner.nul(), scanner.eightBit(), scanner.trueSize(), scanner.stuffedDots(), scanner.longestLine(),
                scanner.receivedFields(), scanner.headerOctets(), scanner.subject(), scanner.messageId(), scanner.dated());
    }

    /// Chunks, stuffed, are the whole, stuffed; they hold no end of data, and without their stuffing they are what came.
    @FuzzTest(maxDuration = "1m")
    void chunks(byte[] input) {
        byte[] octets = rest(input);
        String whole = stuffed(octets, Integer.MAX_VALUE, input);
        assertThat(stuffed(octets, 0, input)).isEqualTo(whole);
        assertThat("\r\n" + whole).doesNotContain("\r\n.\r\n");
        String came = new String(octets, StandardCharsets.ISO_8859_1);
        assertThat(("\r\n" + whole).replace("\r\n..", "\r\n.").substring(2)).isEqualTo(came.isEmpty() || came.endsWith("\r\n") ? came : came + "\r\n");
        DataScanner scanner = new DataScanner();
        byte[] again = whole.getBytes(StandardCharsets.ISO_8859_1);
        assertThat(scanner.scan(again, 0, again.length)).isEqualTo(again.length);
        assertThat(scanner.ended()).isFalse();
    }

    private static String stuffed(byte[] octets, int fixed, byte[] input) {
        DotStuffer stuffer = new DotStuffer();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < octets.length;) {
            int to = (int) Math.min(octets.length, (long) at + (fixed == 0 ? piece(input, at) : fixed));
            ByteBuffer piece = stuffer.stuff(octets, at, to);
            out.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
            at = to;
        }
        ByteBuffer end = stuffer.lineEnd();
        out.write(end.array(), end.arrayOffset() + end.position(), end.remaining());
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    /// A host's replies are the same however they were cut; none is longer than the limits, and what is broken stays so.
    @FuzzTest(maxDuration = "1m")
    void replies(byte[] input) {
        byte[] octets = rest(input);
        boolean strict = input.length > 0 && (input[0] & 0x10) != 0;
        List<ReplyResult> whole = read(octets, strict, input, false);
        assertThat(read(octets, strict, input, true)).isEqualTo(whole);
        assertThat(whole.stream().map(each -> each instanceof ReplyResult.Complete(Reply reply) ? coded(reply) : "broken").toList())
                .isEqualTo(SlowReading.replies(new String(octets, StandardCharsets.ISO_8859_1), strict));
        for (ReplyResult each : whole) {
            if (each instanceof ReplyResult.Complete(Reply reply)) {
                assertThat(reply.code()).isBetween(200, 599);
                assertThat(reply.lines().size()).isBetween(1, ReplyReader.MAX_LINES);
                assertThat(reply.text()).hasSizeLessThanOrEqualTo(Reply.TEXT_LIMIT);
                assertThat(reply.text().codePoints()).noneMatch(Character::isISOControl);
            }
        }
    }

    private static String coded(Reply reply) {
        return reply.lines().stream().map(line -> reply.code() + " " + line).collect(java.util.stream.Collectors.joining("\n"));
    }

    private static List<ReplyResult> read(byte[] octets, boolean strict, byte[] input, boolean cut) {
        ReplyReader reader = new ReplyReader(strict);
        List<ReplyResult> results = new ArrayList<>();
        for (int at = 0; at < octets.length;) {
            int to = cut ? (int) Math.min(octets.length, (long) at + piece(input, at)) : octets.length;
            ByteBuffer in = ByteBuffer.wrap(octets, at, to - at);
            while (in.hasRemaining()) {
                ReplyResult result = reader.read(in);
                if (!(result instanceof ReplyResult.NeedMore)) {
                    results.add(result);
                }
                if (result instanceof ReplyResult.Broken) {
                    return results;
                }
            }
            at = to;
        }
        return results;
    }

    /// The first line offers nothing whatever it says, another reading finds no less, and nothing shown can end a line.
    @FuzzTest(maxDuration = "1m")
    void ehlo(byte[] input) {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        String[] lines = new String(input, StandardCharsets.ISO_8859_1).split("\n", ReplyReader.MAX_LINES);
        for (int i = 0; i < lines.length; i++) {
            reply.writeBytes((i < lines.length - 1 ? "250-" : "250 ").getBytes(StandardCharsets.US_ASCII));
            reply.writeBytes(lines[i].getBytes(StandardCharsets.ISO_8859_1));
            reply.writeBytes(new byte[] {'\r', '\n'});
        }
        if (!(new ReplyReader(false).read(ByteBuffer.wrap(reply.toByteArray())) instanceof ReplyResult.Complete(Reply complete))) {
            return;
        }
        EhloReply strict = EhloReply.parse(complete, EhloReading.STRICT);
        assertThat(strict.domain().codePoints()).noneMatch(Character::isISOControl);
        assertThat(strict.greeting().codePoints()).noneMatch(Character::isISOControl);
        List<String> others = new ArrayList<>(complete.lines());
        others.set(0, "mx.example.net");
        EhloReply plain = EhloReply.parse(new Reply(250, others, 0), EhloReading.STRICT);
        assertThat(strict.keywords()).isEqualTo(plain.keywords());
        assertThat(strict.keywords()).isEqualTo(SlowReading.keywords(complete.lines()));
        boolean named = complete.lines().stream().anyMatch(line -> line.matches("(?s)(?i).*starttls.*"));
        assertThat(strict.nearMiss() || strict.has(Keyword.STARTTLS) || !named).as("a STARTTLS that is not offered is told").isTrue();
        assertThat(strict.nearMiss() && strict.has(Keyword.STARTTLS)).isFalse();
        assertThat(EhloReply.parse(complete, EhloReading.TOLERANT).keywords().keySet()).containsAll(strict.keywords().keySet());
        strict.keywords().forEach((keyword, parameters) -> {
            assertThat(keyword).matches("[A-Z0-9][A-Z0-9-]*");
            assertThat(parameters).allMatch(parameter -> parameter.chars().allMatch(c -> c > 32 && c < 127));
        });
        strict.size();
        strict.leastDeliverBy();
        EhloReply.ofHelo(complete);
    }

    /// xtext (RFC 3461 §4) that is decoded holds nothing that ends a line, and written and read again it is the same.
    @FuzzTest(maxDuration = "1m")
    void xtext(byte[] input) {
        Xtext.decode(new String(input, StandardCharsets.ISO_8859_1)).ifPresent(decoded -> {
            assertThat(decoded).doesNotContain("\r", "\n", "\0");
            assertThat(Objects.requireNonNull(Xtext.decode(Xtext.encode(decoded)))).contains(decoded);
        });
    }
}
