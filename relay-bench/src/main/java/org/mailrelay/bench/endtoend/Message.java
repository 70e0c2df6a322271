package org.mailrelay.bench.endtoend;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32C;

/// A message in wire form whose header names its number and the checksum of its body, so that the sink can tell loss, repetition and damage.
final class Message {

    static final String NUMBER = "X-Bench-Number: ";
    static final String SUM = "X-Bench-Sum: ";

    private final byte[] body;
    private final long sum;

    /// @param size octets of the body
    Message(int size) {
        Random random = new Random(size);
        StringBuilder text = new StringBuilder(size + 80);
        while (text.length() < size) {
            for (int i = 0; i < 74 && text.length() < size - 2; i++) {
                text.append((char) ('a' + random.nextInt(26)));
            }
            text.append("\r\n");
        }
        body = text.toString().getBytes(StandardCharsets.US_ASCII);
        sum = sum(body, body.length);
    }

    static long sum(byte[] octets, int length) {
        CRC32C crc = new CRC32C();
        crc.update(octets, 0, length);
        return crc.getValue();
    }

    /// Header, body and final dot.
    byte[] wire(int number) {
        byte[] header = ("From: <sender@bench.example>\r\nTo: <recipient@bench.example>\r\nSubject: measurement " + number + "\r\n" + NUMBER + number + "\r\n" + SUM + sum + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[header.length + body.length + 3];
        System.arraycopy(header, 0, all, 0, header.length);
        System.arraycopy(body, 0, all, header.length, body.length);
        System.arraycopy(".\r\n".getBytes(StandardCharsets.US_ASCII), 0, all, header.length + body.length, 3);
        return all;
    }
}
