package org.mailrelay.bench.micro;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.mailrelay.core.smtp.DataScanner;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.EhloReply;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.smtp.ReplyReader;
import org.mailrelay.core.smtp.ReplyResult;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What reading costs, on the relay's own JVM flags.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ParserBenchmark {

    /// The reply of the host whose STARTTLS stands in the greeting.
    private static final byte[] EHLO = ("250-STARTTLS\r\n250-mail.domain1.com\r\n250-8BITMIME\r\n250-PIPELINING\r\n250-HELP\r\n250-DELIVERBY 300\r\n250 SIZE 30000000\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OK = "250 2.0.0 OK: queued as 4F2C1\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Reply ehlo = read(EHLO);
    private final byte[] content = content(10 * 1024);

    private static Reply read(byte[] octets) {
        if (new ReplyReader(false).read(ByteBuffer.wrap(octets)) instanceof ReplyResult.Complete(Reply reply)) {
            return reply;
        }
        throw new IllegalStateException("no complete reply");
    }

    private static byte[] content(int size) {
        StringBuilder text = new StringBuilder(size + 80);
        text.append("From: <a@b.example>\r\nSubject: measurement\r\nMessage-ID: <1@b.example>\r\n\r\n");
        while (text.length() < size) {
            text.append("the quick brown fox jumps over the lazy dog and runs off with its dinner\r\n");
        }
        return text.append(".\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Benchmark
    public ReplyResult replyOfOneLine() {
        return new ReplyReader(false).read(ByteBuffer.wrap(OK));
    }

    @Benchmark
    public ReplyResult replyToEhloOfSevenLines() {
        return new ReplyReader(false).read(ByteBuffer.wrap(EHLO));
    }

    @Benchmark
    public EhloReply ehloWithStartTlsInTheGreeting() {
        return EhloReply.parse(ehlo, EhloReading.STRICT);
    }

    /// Looks for the end of the data and for what must be known of the header.
    @Benchmark
    public boolean contentOfTenKibibytes() {
        DataScanner scanner = new DataScanner();
        scanner.scan(content, 0, content.length);
        return scanner.ended();
    }
}
