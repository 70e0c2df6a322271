package org.mailrelay.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a newcomer sees: each kind of host under each policy, with its reason.
class DemoTest {

    @Test
    void theTableTellsWhatBecameOfTheMailOfEachHostUnderEachPolicy() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int status = new Demo(new PrintStream(printed, true, StandardCharsets.UTF_8), "test").run(false);

        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(status).as(text).isZero();
        List<String> table = text.lines().dropWhile(line -> !line.startsWith("What became of the mail")).map(line -> line.replaceAll(" +", " ").strip()).toList();
        String nearMiss = "STARTTLS not offered (near miss in the EHLO reply)";
        assertThat(table).contains(
                "preferred offers STARTTLS as it should delivered encrypted, TLSv1.3",
                "required offers STARTTLS as it should delivered encrypted, TLSv1.3",
                "required-verify offers STARTTLS as it should delivered encrypted, TLSv1.3, verified",
                "preferred says STARTTLS on the first EHLO line delivered in the clear " + nearMiss,
                "required says STARTTLS on the first EHLO line waits nothing was sent " + nearMiss,
                "required-verify says STARTTLS on the first EHLO line waits nothing was sent " + nearMiss,
                "preferred has no TLS delivered in the clear STARTTLS not offered",
                "required has no TLS waits nothing was sent STARTTLS not offered",
                "required-verify has no TLS waits nothing was sent STARTTLS not offered",
                "preferred has a certificate that expired yesterday delivered encrypted, TLSv1.3",
                "required has a certificate that expired yesterday delivered encrypted, TLSv1.3");
        assertThat(table).anyMatch(row -> row.startsWith("required-verify has a certificate that expired yesterday waits nothing was sent") && row.contains("expired"));
    }
}
