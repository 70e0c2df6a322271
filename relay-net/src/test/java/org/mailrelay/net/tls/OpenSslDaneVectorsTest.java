package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.util.LazyX509Certificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsaRecord;

/// OpenSSL's own DANE vectors, `test/danetest.in` of its sources, where that file lies at `target/danetest.in` or `-Ddane.vectors=FILE`
/// (`.ci/dane-vectors` brings it). RFC 7672 differs from plain DANE in two points, and so do we: the usages PKIX-TA and PKIX-EE cannot be used, and
/// with DANE-EE names are never looked at.
class OpenSslDaneVectorsTest {

    private static final int NAME_MISMATCH = 62;
    private static final int NO_MATCH = 65;

    /// @param checksNames of DANE-EE too, which SMTP never does
    record Vector(int number, boolean checksNames, int want, int depth, List<TlsaRecord> records, List<X509Certificate> chain) {
        @Override
        public String toString() {
            return "vector " + number + ": " + records;
        }
    }

    private static Path file() {
        return Path.of(System.getProperty("dane.vectors", "../target/danetest.in"));
    }

    @Test
    void theVectorsAreAtHand() {
        Assumptions.assumeThat(file()).as("OpenSSL's test/danetest.in").exists();
        assertThat(vectors()).hasSizeGreaterThanOrEqualTo(54);
    }

    static Stream<Vector> vectors() {
        try {
            return Files.exists(file()) ? parse(Files.readAllLines(file(), StandardCharsets.US_ASCII)).stream() : Stream.of();
        } catch (IOException unreadable) {
            throw new IllegalStateException(file() + " cannot be read", unreadable);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("vectors")
    void agreesWithOpenSsl(Vector vector) {
        List<TlsaRecord> usable = vector.records().stream().filter(TlsaMaterial::usable).toList();
        if (usable.isEmpty()) {
            assertThat(vector.records()).as("unusable for SMTP").allMatch(record -> record.usage() < 2);
            return;
        }
        TlsCheck.Dane check = new TlsCheck.Dane(usable, Domain.of("example.com"), List.of(Domain.of("example.com")));
        CheckResult result = DaneVerifier.verify(check, vector.chain(), Instant.now());
        boolean byOwnKey = usable.stream().anyMatch(record -> record.usage() == 3);
        int want = vector.want() == NAME_MISMATCH && byOwnKey && vector.checksNames() ? 0 : vector.want();
        switch (want) {
            case 0 -> assertThat(result).isInstanceOfSatisfying(CheckResult.Passed.class, passed -> assertThat(passed.by()).endsWith("depth " + vector.depth()));
            case NAME_MISMATCH -> assertFailed(result, TlsReason.HOST_MISMATCH);
            case NO_MATCH -> assertFailed(result, TlsReason.DANE_MISMATCH);
            default -> throw new IllegalStateException("a result that no DANE-TA or DANE-EE vector has had yet: " + want);
        }
    }

    private static void assertFailed(CheckResult result, TlsReason why) {
        assertThat(result).isInstanceOfSatisfying(CheckResult.Failed.class, failed -> assertThat(failed.why()).isEqualTo(why));
    }

    private static List<Vector> parse(List<String> lines) {
        List<Vector> vectors = new ArrayList<>();
        Iterator<String> text = lines.stream().filter(line -> !line.isBlank() && !line.startsWith("#")).iterator();
        while (text.hasNext()) {
            int[] head = Stream.of(text.next().split(" ")).mapToInt(Integer::parseInt).toArray();
            List<TlsaRecord> records = new ArrayList<>();
            for (int i = 0; i < head[0]; i++) {
                String[] words = text.next().split(" ", 4);
                records.add(new TlsaRecord(Integer.parseInt(words[0]), Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3].replace(" ", "").toLowerCase(Locale.ROOT)));
            }
            List<X509Certificate> chain = new ArrayList<>();
            for (int i = 0; i < head[1]; i++) {
                chain.add(certificate(text));
            }
            vectors.add(new Vector(vectors.size() + 1, head[2] == 0, head[3], head[4], records, chain));
        }
        return vectors;
    }

    private static X509Certificate certificate(Iterator<String> text) {
        StringBuilder pem = new StringBuilder();
        String line = text.next();
        while (!line.startsWith("-----BEGIN")) {
            line = text.next();
        }
        line = text.next();
        while (!line.startsWith("-----END")) {
            pem.append(line);
            line = text.next();
        }
        return new LazyX509Certificate(Base64.getDecoder().decode(pem.toString()));
    }
}
