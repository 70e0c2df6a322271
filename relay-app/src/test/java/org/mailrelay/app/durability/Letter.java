package org.mailrelay.app.durability;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// A message of the harness, the same each time for the same name: its recipients and its content, some of it dot-stuffed, each fiftieth too large for the log.
///
/// @param name as its field X-Id has it
record Letter(String name) {

    private static final int TEXT = 4 << 20;
    private static final byte[] LINES = lines();

    /// A recipient by what the destination does with it, which is the first word of its address.
    enum Recipient {
        /// Is taken.
        TAKEN,
        /// Is taken, and now and then only later.
        LATER,
        /// Never is.
        REFUSED;

        String address() {
            return name().toLowerCase(java.util.Locale.ROOT) + "@example.net";
        }

        static Recipient of(String address) {
            return Arrays.stream(values()).filter(each -> address.contains(each.address())).findFirst().orElseThrow(() -> new IllegalArgumentException(address));
        }
    }

    private static byte[] lines() {
        ByteArrayOutputStream all = new ByteArrayOutputStream(TEXT + 100);
        SplittableRandom random = new SplittableRandom(1);
        while (all.size() < TEXT) {
            byte[] line = new byte[1 + random.nextInt(75)];
            for (int i = 0; i < line.length; i++) {
                line[i] = (byte) (' ' + random.nextInt(90));
            }
            if (line[0] == '.' || random.nextInt(20) == 0) {
                all.writeBytes(new byte[] {'.', '.'});
                line[0] = 'x';
            }
            all.writeBytes(line);
            all.writeBytes(new byte[] {'\r', '\n'});
        }
        return all.toByteArray();
    }

    private SplittableRandom random() {
        return new SplittableRandom(name.hashCode());
    }

    List<Recipient> recipients() {
        List<Recipient> recipients = new ArrayList<>();
        int kind = random().nextInt(100);
        if (kind >= 5) {
            recipients.add(Recipient.TAKEN);
        }
        if (kind >= 10 && kind < 20) {
            recipients.add(Recipient.LATER);
        }
        if (kind < 10) {
            recipients.add(Recipient.REFUSED);
        }
        return recipients;
    }

    /// In wire form, without the final dot.
    byte[] content() {
        SplittableRandom random = random();
        random.nextInt();
        int length = random.nextInt(50) == 0 ? 257_000 + random.nextInt(300_000) : 500 + random.nextInt(15_000);
        int start = random.nextInt(TEXT - length - 1_000);
        while (LINES[start - 1 < 0 ? 0 : start - 1] != '\n' && start > 0) {
            start--;
        }
        int end = start + length;
        while (LINES[end - 1] != '\n') {
            end++;
        }
        byte[] top = ("From: a@example.com\r\nSubject: durability\r\nX-Id: " + name + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] bottom = ("last line of " + name + "\r\n").getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream all = new ByteArrayOutputStream(top.length + length + 200);
        all.writeBytes(top);
        all.write(LINES, start, end - start);
        all.writeBytes(bottom);
        return all.toByteArray();
    }

    /// Which one a destination has received; fields of the relay stand on top of it.
    ///
    /// @return empty when it is none of ours
    static java.util.Optional<Letter> of(byte[] received) {
        String top = new String(received, 0, Math.min(received.length, 8_192), StandardCharsets.ISO_8859_1);
        int at = top.indexOf("X-Id: ");
        int end = at < 0 ? -1 : top.indexOf('\r', at);
        return end < 0 ? java.util.Optional.empty() : java.util.Optional.of(new Letter(top.substring(at + 6, end)));
    }

    boolean standsWholeIn(byte[] received) {
        byte[] sent = content();
        return received.length >= sent.length && Arrays.equals(received, received.length - sent.length, received.length, sent, 0, sent.length);
    }
}
