package org.mailrelay.core.header;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.mailrelay.core.mail.Domain;

/// Headers on their way through (a target for a fuzzer). The first octet of an input says how the rest is cut.
class HeaderFuzzTest {

    private static final Masquerade MASQUERADE = new Masquerade("m", Map.of(), Map.of(Domain.of("in.example"), Domain.of("out.example")), Map.of());
    private static final Hygiene RULES = Hygiene.NONE.withRemoveBcc(true).withMasquerade(MASQUERADE);

    private record Passed(String text, HeaderGate gate) {}

    private static Passed through(byte[] octets, int piece, boolean stuffed, UnaryOperator<HeaderBlock> change) {
        HeaderGate gate = new HeaderGate(change, stuffed);
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < octets.length; at += piece) {
            out.append(text(gate.pass(octets, at, Math.min(octets.length, at + piece))));
        }
        out.append(text(gate.end()));
        return new Passed(out.toString(), gate);
    }

    private static String unstuffed(String wire, boolean stuffed) {
        return stuffed ? ("\r\n" + wire).replaceAll("(?<=\r\n)\\.", "").substring(2) : wire;
    }

    private static String text(ByteBuffer octets) {
        byte[] all = new byte[octets.remaining()];
        octets.get(all);
        return new String(all, StandardCharsets.ISO_8859_1);
    }

    /// What no rule is about passes octet for octet; Bcc is gone and nobody inside is shown, and the body is what it was, however it was cut.
    @FuzzTest(maxDuration = "1m")
    void fields(byte[] input) {
        if (input.length == 0 || input.length > HeaderGate.MOST_OCTETS) {
            return;
        }
        boolean stuffed = (input[0] & 0x20) != 0;
        int piece = 1 + (input[0] & 31);
        byte[] octets = Arrays.copyOfRange(input, 1, input.length);
        String came = new String(octets, StandardCharsets.ISO_8859_1);
        Passed untouched = through(octets, piece, stuffed, UnaryOperator.identity());
        assertThat(unstuffed(untouched.text(), stuffed)).isEqualTo(unstuffed(came, stuffed));
        assertThat(untouched.gate().grown()).isZero();
        assertThat(untouched.gate().dotsGrown()).isEqualTo(untouched.text().length() - came.length());
        Passed changed = through(octets, piece, stuffed, header -> HeaderRules.applied(RULES, header));
        assertThat(through(octets, octets.length + 1, stuffed, header -> HeaderRules.applied(RULES, header)).text()).isEqualTo(changed.text());
        assertThat(unstuffed(changed.text(), stuffed).length() - unstuffed(came, stuffed).length()).isEqualTo((int) changed.gate().grown());
        assertThat(changed.text().length() - came.length()).isEqualTo((int) (changed.gate().grown() + changed.gate().dotsGrown()));
        HeaderBlock before = untouched.gate().header().orElseThrow();
        HeaderBlock after = changed.gate().header().orElseThrow();
        assertThat(changed.text().substring(after.octets(stuffed).length)).as("the body").isEqualTo(untouched.text().substring(before.octets(stuffed).length));
        assertThat(after.fields()).noneMatch(field -> field.is("BCC") || field.is("RESENT-BCC"));
        assertThat(after.fields().stream().map(HeaderField::name).toList())
                .isEqualTo(before.fields().stream().filter(field -> !field.is("BCC") && !field.is("RESENT-BCC")).map(HeaderField::name).toList());
        // Read once more it is the same header: nothing that was put in has become a line of its own.
        assertThat(through(changed.text().getBytes(StandardCharsets.ISO_8859_1), piece, stuffed, UnaryOperator.identity()).gate().header().orElseThrow().fields().size())
                .isGreaterThanOrEqualTo(after.fields().size());
    }
}
