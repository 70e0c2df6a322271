package org.mailrelay.core.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.MailParameters;
import org.mailrelay.core.mail.OriginalRecipient;

/// Addresses and their parameters, as clients write them (targets for a fuzzer).
class AddressFuzzTest {

    private static final Domain OURS = Domain.of("relay.example.net");
    private static final PathCommand.Place INSIDE = new PathCommand.Place(OURS, true, true, Instant.EPOCH, Duration.ofDays(1));

    /// A path is taken or refused as the grammar says, read a second way; what is taken is the same when it has crossed the wire again, and ends no line.
    @FuzzTest(maxDuration = "1m")
    void path(byte[] octets) {
        String path = new String(octets, StandardCharsets.ISO_8859_1);
        if (octets.length > 2_000 || path.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
            return;   // refused before
        }
        PathCommand read = PathCommand.rcpt("TO:" + path, OURS, true);
        if (path.chars().allMatch(c -> c >= 0x20 && c < 0x7f) && path.lastIndexOf('>') == path.length() - 1 && path.indexOf('>') == path.length() - 1) {
            Optional<String> expected = path.matches("(?i)<(@[^>]*:)?postmaster>") ? read instanceof PathCommand.Rcpt rcpt ? Optional.of(rcpt.recipient().mailbox().toString()) : Optional.empty()
                    : SlowReading.mailbox(path);
            Optional<String> taken = read instanceof PathCommand.Rcpt rcpt ? Optional.of(rcpt.recipient().mailbox().toString()) : Optional.empty();
            assertThat(taken).as(path).isEqualTo(expected);
        }
        if (read instanceof PathCommand.Rcpt rcpt) {
            Mailbox mailbox = rcpt.recipient().mailbox();
            byte[] line = CommandText.line(CommandText.rcpt(mailbox), true);
            String again = new String(line, StandardCharsets.ISO_8859_1);
            assertThat(again.substring(0, again.length() - 2)).doesNotContain("\r", "\n", "\0");
            assertThat(PathCommand.rcpt(again.substring(5, again.length() - 2), OURS, true))
                    .isInstanceOfSatisfying(PathCommand.Rcpt.class, same -> assertThat(same.recipient().mailbox()).isEqualTo(mailbox));
        }
    }

    /// What parameters say is said again in the same words when they are passed on, and nothing of it could end a line.
    @FuzzTest(maxDuration = "1m")
    void parameters(byte[] octets) {
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        if (PathCommand.mail("FROM:<a@example.com> " + text, INSIDE) instanceof PathCommand.Mail(var _, var size, MailParameters said)) {
            assertThat(size.orElse(0)).isNotNegative();
            said.envelopeId().ifPresent(id -> {
                CommandText.line("X ENVID=" + DsnText.writeEnvelopeId(id));
                sameOrTooLong(DsnText.writeEnvelopeId(id), MailParameters.MAX_ENVELOPE_ID, DsnText.readEnvelopeId(DsnText.writeEnvelopeId(id)), id);
            });
            said.holdUntil().ifPresent(until -> assertThat(until).isBeforeOrEqualTo(Instant.EPOCH.plus(Duration.ofDays(1))));
        }
        if (PathCommand.rcpt("TO:<a@example.com> " + text, OURS, true) instanceof PathCommand.Rcpt rcpt) {
            DsnText.write(rcpt.recipient().notice()).ifPresent(written -> assertThat(DsnText.readNotify(written)).contains(rcpt.recipient().notice()));
            rcpt.recipient().original().ifPresent(original -> {
                String written = DsnText.write(original);
                CommandText.line("X ORCPT=" + written);
                sameOrTooLong(written, OriginalRecipient.MAX_ENCODED, DsnText.readOriginal(written), original);
            });
        }
    }

    private static <T> void sameOrTooLong(String written, int longest, Optional<T> again, T value) {
        assertThat(again).as(written).isEqualTo(written.length() > longest ? Optional.empty() : Optional.of(value));
    }

    /// A bare LF becomes CRLF and no other octet changes; no end of data comes into being, however the content is cut; sizes are counted right.
    @FuzzTest(maxDuration = "1m")
    void mended(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int piece = 1 + (input[0] & 15);
        byte[] octets = java.util.Arrays.copyOfRange(input, 1, input.length);
        DataScanner scanner = DataScanner.beforeNormaliser();
        int end = scanner.scan(octets, 0, octets.length);
        if (!scanner.ended() || scanner.refusal().isPresent()) {
            return;
        }
        LineEndNormaliser whole = new LineEndNormaliser();
        String mended = new String(whole.mend(octets, 0, end), StandardCharsets.ISO_8859_1);
        LineEndNormaliser cut = new LineEndNormaliser();
        StringBuilder pieces = new StringBuilder();
        for (int at = 0; at < end; at += piece) {
            pieces.append(new String(cut.mend(octets, at, Math.min(end, at + piece)), StandardCharsets.ISO_8859_1));
        }
        assertThat(pieces.toString()).isEqualTo(mended);
        assertThat("\r\n" + mended).doesNotContain("\r\n.\r\n");
        assertThat(mended.replace("\r\n", "")).doesNotContain("\r", "\n");
        // Without stuffing it is what came without stuffing, with its bare LF mended.
        String came = unstuffed("\r\n" + new String(octets, 0, end, StandardCharsets.ISO_8859_1)).replaceAll("(?<!\r)\n", "\r\n");
        assertThat(unstuffed("\r\n" + mended)).isEqualTo(came);
        assertThat(whole.trueSize()).isEqualTo(came.length() - 2);
        assertThat(whole.stuffedDots()).isEqualTo(mended.length() - whole.trueSize());
    }

    private static String unstuffed(String text) {
        return text.replaceAll("(?<=\r\n)\\.(?!\n)", "");   // CRLF . LF is content with a dot in it: it is never an end
    }

    /// Whatever is shown is one line, no longer than asked for, and a text that needs no escape stays as it is.
    @FuzzTest(maxDuration = "1m")
    void shown(byte[] octets) {
        int limit = octets.length == 0 ? 0 : octets[0] & 0xff;
        String text = new String(octets, StandardCharsets.UTF_8);
        for (String out : List.of(Escape.text(text, limit), Escape.quoted(text, limit), Escape.bytes(octets, 0, octets.length, limit), Escape.quotedOctets(new String(octets, StandardCharsets.ISO_8859_1), limit))) {
            assertThat(out).hasSizeLessThanOrEqualTo(limit);
            assertThat(out.codePoints()).noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 || Character.getType(c) == Character.FORMAT || Character.getType(c) == Character.SURROGATE);
        }
        String quoted = Escape.quoted(text, Integer.MAX_VALUE);
        assertThat(quoted.replaceAll("\\\\.", "")).doesNotContain("\"", "'");
    }
}
