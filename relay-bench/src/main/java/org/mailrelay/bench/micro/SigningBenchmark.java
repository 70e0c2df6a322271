package org.mailrelay.bench.micro;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.DkimSettings.Key;
import org.mailrelay.core.dkim.MailSigning;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.dkim.SigningRules;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.net.dkim.DkimSigning;
import org.mailrelay.testkit.dkim.DkimKeys;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What signing a message of 10 KiB costs, from its first octet to its field, on the relay's own JVM flags.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SigningBenchmark {

    private static final byte[] WIRE = wire();
    private static final SigningRules.Sender SENDER = new SigningRules.Sender(Optional.empty(), Optional.empty(), Key.MAIL);

    private final DkimSigning rsa = signing("signer.example", DkimKeys.rsa(2_048));
    private final DkimSigning ed25519 = signing("signer.example", DkimKeys.ed25519());
    private final DkimSigning others = signing("other.example", DkimKeys.ed25519());

    private static byte[] wire() {
        StringBuilder text = new StringBuilder(10_400);
        text.append("From: <a@signer.example>\r\nTo: <b@b.example>\r\nSubject: measurement\r\nMessage-ID: <1@b.example>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\n");
        while (text.length() < 10 * 1024) {
            text.append("the quick brown fox jumps over the lazy dog and runs off with its dinner\r\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static DkimSigning signing(String domain, String pem) {
        SigningKey key = ((SigningKey.Usable) SigningKey.parse(pem)).key();
        DkimSettings settings = new DkimSettings(Map.of(Domain.of(domain), new DkimSettings.Signer(domain, Optional.empty(),
                List.of(new Key(Domain.of("s"), key, Path.of("s.pem"), Set.of(Key.ALL))), Set.of(), DkimSettings.Style.DEFAULT)), Map.of(), Optional.empty(),
                DkimSettings.Identity.FROM, DkimSettings.WhenSigningFails.DEFER);
        return new DkimSigning(() -> settings, InstantSource.system());
    }

    @Benchmark
    public MailSigning.Result withRsa2048() {
        return rsa.whole(WIRE, SENDER);
    }

    @Benchmark
    public MailSigning.Result withEd25519() {
        return ed25519.whole(WIRE, SENDER);
    }

    @Benchmark
    public MailSigning.Result ofADomainWithoutAKey() {
        return others.whole(WIRE, SENDER);
    }
}
