package org.mailrelay.listener;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.mailrelay.core.access.MailFlowPolicy;

/// A listener in a JVM of its own with little memory. Prints its port; each line on its input is answered with the octets of heap in use.
public final class SmallListener {

    private SmallListener() {
    }

    public static void main(String[] arguments) throws IOException {
        MailFlowPolicy large = ListenerFixture.relaying().withLimits(new MailFlowPolicy.Limits(1L << 30, 10_000, 1_000, 10_000));
        try (ListenerFixture relay = ListenerFixture.in(Path.of(arguments[0])).policy(large).forgetful().open();
                BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            System.out.println(relay.address().getPort());
            while (questions.readLine() != null) {
                System.gc();
                System.out.println(Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
            }
        }
    }
}
