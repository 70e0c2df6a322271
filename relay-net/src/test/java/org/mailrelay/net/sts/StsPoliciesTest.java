package org.mailrelay.net.sts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.route.DnsOrigin;
import org.mailrelay.core.route.HostOrigin;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.RelaySettings.RefusedRange;
import org.mailrelay.core.settings.TlsTerms;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.dns.TlsaFinder;
import org.mailrelay.net.kept.SummedFile;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.web.WebHosts;
import org.mailrelay.testkit.dns.FakeDns;
import org.mailrelay.testkit.dns.FakeDns.Fault;
import org.mailrelay.testkit.tls.TestCa;

@Timeout(60)
class StsPoliciesTest {

    private static final Domain DOMAIN = Domain.of("example.com");
    private static final String ENFORCE = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";
    private static final String TESTING = ENFORCE.replace("enforce", "testing");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final AtomicReference<Instant> dnsTime = new AtomicReference<>(now.get());
    private final TestCa ca = new TestCa(now.get());
    private final FakeDns dns = FakeDns.start();
    private final FakePolicyHost host = new FakePolicyHost(ca.good("mta-sts.example.com"));
    /// Ends what a policy host draws out.
    private final CountDownLatch over = new CountDownLatch(1);
    @TempDir
    private Path folder;
    private MailResolver resolver;
    private StsFetcher fetcher;
    private StsPolicies policies;

    @BeforeEach
    void open() throws IOException {
        dns.record("mta-sts.example.com", "A", "127.0.0.1");
        policies = open(Set.of());
    }

    @AfterEach
    void close() throws IOException {
        over.countDown();
        host.close();
        dns.close();
    }

    private StsPolicies open(Set<RefusedRange> refused) throws IOException {
        return open(refused, Duration.ofSeconds(20));
    }

    private StsPolicies open(Set<RefusedRange> refused, Duration limit) throws IOException {
        resolver = new MailResolver(new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2)), dnsTime::get, (_, _, _, _) -> {});
        Trust trust = new Trust(false, List.of(ca.write(folder)));
        fetcher = new StsFetcher(new WebHosts(resolver, new PeerChecks(now::get), trust, new AddressRules(refused, Set.of())), host.port(), limit);
        return StsPolicies.open(folder.resolve("policies"), resolver, fetcher, now::get);
    }

    private void publish(String id) {
        dns.forget("_mta-sts.example.com");
        dns.record("_mta-sts.example.com", "TXT", "\"v=STSv1; \" \"id=" + id + "\"");
    }

    /// No DNS answer of before counts any more.
    private StsLookup lookUp() {
        dnsTime.updateAndGet(t -> t.plusSeconds(7_200));
        return policies.lookUp(DOMAIN);
    }

    private StsPolicy inForce() {
        StsLookup found = lookUp();
        assertThat(found).isInstanceOf(StsLookup.InForce.class);
        return ((StsLookup.InForce) found).policy();
    }

    private void assertFailed(String detail, boolean untrusted) {
        assertThat(lookUp()).isInstanceOfSatisfying(StsLookup.FetchFailed.class, failed -> {
            assertThat(failed.detail()).contains(detail);
            assertThat(failed.untrusted()).isEqualTo(untrusted);
        });
    }

    @Test
    void R_STS_2_fetchesWhatIsPublished() {
        publish("1");
        host.policy(ENFORCE);
        assertThat(inForce()).isEqualTo(new StsPolicy(DOMAIN, "1", StsPolicy.Mode.ENFORCE, Duration.ofDays(7), List.of("mx.example.com")));
        assertThat(host.requests()).singleElement().satisfies(request -> assertThat(request).startsWith("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\n"));
    }

    @Test
    void R_STS_1_withoutRecordNothingIsFetched() {
        assertThat(lookUp()).isEqualTo(new StsLookup.NoPolicy());
        dns.record("_mta-sts.example.com", "TXT", "\"v=STSv1; id=1\"").record("_mta-sts.example.com", "TXT", "\"v=STSv1; id=2\"");
        assertThat(lookUp()).isEqualTo(new StsLookup.NoPolicy());
        assertThat(host.connections()).isZero();
    }

    @Test
    void aTextRecordOf64KiBIsNoPolicyAndNoHarm() {
        dns.record("_mta-sts.example.com", "TXT", "\"v=STSv1;\"" + " \"%s\"".formatted("x".repeat(250)).repeat(250));
        assertThat(lookUp()).isEqualTo(new StsLookup.NoPolicy());
    }

    @Test
    void R_STS_6_modeNoneIsAsIfThereWereNone() {
        publish("1");
        host.policy(ENFORCE.replace("enforce", "none"));
        assertThat(lookUp()).isEqualTo(new StsLookup.NoPolicy());
        assertThat(lookUp()).isEqualTo(new StsLookup.NoPolicy());
        assertThat(host.connections()).isEqualTo(1);
    }

    @Test
    void aBrokenPolicyIsQuoted() {
        publish("1");
        host.policy(ENFORCE.replace("mode: enforce", "mode: enforced"));
        assertThat(lookUp()).isEqualTo(new StsLookup.Broken(2, "mode: enforced", "expected mode enforce, testing or none"));
    }

    @Nested
    class Keeping {

        @Test
        void R_STS_7_aPolicyIsFetchedOnceAndAnewWhenItsIdChanges() {
            publish("1");
            host.policy(ENFORCE);
            inForce();
            inForce();
            assertThat(host.connections()).isEqualTo(1);
            publish("2");
            host.policy(TESTING);
            assertThat(inForce().mode()).isEqualTo(StsPolicy.Mode.TESTING);
            assertThat(host.connections()).isEqualTo(2);
        }

        @Test
        void R_STS_7_holdsWhateverBecomesOfRecordAndHost() throws IOException {
            publish("1");
            host.policy(ENFORCE);
            inForce();
            dns.forget("_mta-sts.example.com");
            assertThat(inForce().mode()).isEqualTo(StsPolicy.Mode.ENFORCE);
            dns.fault("_mta-sts.example.com", "TXT", Fault.SERVFAIL);
            assertThat(inForce().mode()).isEqualTo(StsPolicy.Mode.ENFORCE);
            dns.heal("_mta-sts.example.com", "TXT");
            publish("2");
            host.says("HTTP/1.1 500 no\r\n\r\n");
            assertThat(inForce().id()).isEqualTo("1");
            host.close();
            now.updateAndGet(t -> t.plus(Duration.ofDays(6)));
            assertThat(inForce().id()).isEqualTo("1");
            now.updateAndGet(t -> t.plus(Duration.ofDays(1)));
            assertThat(lookUp()).isInstanceOf(StsLookup.FetchFailed.class);
        }

        @Test
        void R_STS_10_outlivesARestart() throws IOException {
            publish("1");
            host.policy(ENFORCE);
            StsPolicy before = inForce();
            host.close();
            policies = open(Set.of());
            assertThat(inForce()).isEqualTo(before);
        }

        /// Fifty strangers whose policies name thousands of hosts, and a hundred policies as they are.
        @Test
        void largePoliciesDoNotPushOutSmallOnes() throws IOException {
            StsFiles files = StsFiles.in(folder.resolve("crowd"));
            for (int i = 0; i < 50; i++) {
                int stranger = i;
                List<String> hosts = IntStream.range(0, 4_000).mapToObj(host -> "mx" + host + ".of.a.stranger" + stranger + ".example.").toList();
                files.write(new StsFiles.Kept(new StsPolicy(Domain.of("stranger" + i + ".example"), "1", StsPolicy.Mode.ENFORCE, Duration.ofDays(30), hosts), now.get()));
            }
            for (int i = 0; i < 100; i++) {
                files.write(new StsFiles.Kept(new StsPolicy(Domain.of("small" + i + ".example"), "1", StsPolicy.Mode.ENFORCE, Duration.ofDays(30), List.of("mx.small" + i + ".example")),
                        now.get()));
            }
            StsPolicies crowded = StsPolicies.open(folder.resolve("crowd"), resolver, fetcher, now::get);
            long fits = StsPolicies.MOST_OCTETS / (4_000 * 90);
            assertThat(crowded.size()).isBetween(100 + (int) fits / 2, 100 + (int) fits);
            assertThat(files.readAll().stream().filter(kept -> kept.policy().domain().name().startsWith("small"))).hasSize(100);
            assertThat(files.readAll()).hasSize(crowded.size());
        }

        @Test
        void aDamagedFileCountsAsNone() throws IOException {
            publish("1");
            host.policy(ENFORCE);
            inForce();
            Path file = onlyFile();
            String text = Files.readString(file);
            for (String damaged : List.of("", text.substring(0, text.length() / 2), text.replace("ENFORCE", "TESTING"), text + text, "\0".repeat(500))) {
                Files.writeString(file, damaged);
                assertThat(SummedFile.read(file, 1 << 20).flatMap(StsFiles::parse)).isEmpty();
                policies = open(Set.of());
                assertThat(policies.size()).isZero();
                Files.writeString(file, text);
            }
        }

        private Path onlyFile() throws IOException {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve("policies"), "*.sts")) {
                return files.iterator().next();
            }
        }

        @Test
        void R_STS_7_isRefreshedLongBeforeItsEnd() {
            publish("1");
            host.policy(ENFORCE);
            inForce();
            policies.refresh();
            assertThat(host.connections()).isEqualTo(1);
            now.updateAndGet(t -> t.plus(Duration.ofDays(1)));
            policies.refresh();
            assertThat(host.connections()).isEqualTo(2);
            now.updateAndGet(t -> t.plus(Duration.ofDays(6)).plusSeconds(3_600));
            assertThat(inForce().mode()).isEqualTo(StsPolicy.Mode.ENFORCE);
        }

        @Test
        void R_STS_7_whatWasFetchedByAClockThatWasWrongIsFetchedAnew() {
            publish("1");
            host.policy(ENFORCE);
            now.updateAndGet(t -> t.plus(Duration.ofDays(20)));
            inForce();
            now.updateAndGet(t -> t.minus(Duration.ofDays(20)));
            policies.refresh();
            assertThat(host.connections()).isEqualTo(2);
            now.updateAndGet(t -> t.plus(Duration.ofDays(8)));
            dns.forget("_mta-sts.example.com");
            assertThat(lookUp()).as("no longer than its max_age").isEqualTo(new StsLookup.NoPolicy());
        }

        @Test
        void R_STS_7_whereAHostDoesNotFitItIsFetchedAnewButNotEachTime() {
            publish("1");
            host.policy(ENFORCE);
            inForce();
            host.policy(TESTING);
            assertThat(((StsLookup.InForce) policies.again(DOMAIN)).policy().mode()).isEqualTo(StsPolicy.Mode.ENFORCE);
            now.updateAndGet(t -> t.plus(Duration.ofMinutes(6)));
            assertThat(((StsLookup.InForce) policies.again(DOMAIN)).policy().mode()).isEqualTo(StsPolicy.Mode.TESTING);
            assertThat(host.connections()).isEqualTo(2);
        }

        /// RFC 8461 §5.1: "check for the presence of a new policy" before anything is put off.
        @ParameterizedTest
        @CsvSource({"mx.example.com, true, 2", "mx.example.com, false, 1", "other.example.com, false, 2"})
        void R_STS_7_afterAFailureThePolicyIsFetchedAnewBeforeTheNextAttempt(String mx, boolean failedBefore, int fetches) {
            publish("1");
            host.policy(ENFORCE);
            inForce();
            now.updateAndGet(t -> t.plus(Duration.ofMinutes(6)));
            host.policy(TESTING);
            PublishedFinder finder = new PublishedFinder(new TlsaFinder(resolver), policies, new PublishedFinder.Listener() {
                @Override
                public void dane(Domain nextHop, Domain host, TlsaLookup found) {
                    // Not asked for.
                }

                @Override
                public void sts(Domain nextHop, StsLookup found) {
                    // The answer is looked at below.
                }

                @Override
                public boolean doubts(Domain nextHop) {
                    return failedBefore;
                }
            });
            TlsTerms terms = new TlsTerms(Optional.empty(), DaneUse.NONE, true, List.of(), false, Optional.empty(), Optional.empty(), List.of());
            CandidateHost candidate = new CandidateHost(Optional.of(Domain.of(mx)), new InetSocketAddress(InetAddress.getLoopbackAddress(), 25), 10, Optional.empty(),
                    Optional.of(new HostOrigin(DOMAIN, Optional.of(DnsOrigin.UNVALIDATED), DnsOrigin.UNVALIDATED)));
            assertThat(finder.of(candidate, terms).sts()).isInstanceOfSatisfying(StsLookup.InForce.class,
                    found -> assertThat(found.policy().mode()).isEqualTo(fetches == 2 ? StsPolicy.Mode.TESTING : StsPolicy.Mode.ENFORCE));
            assertThat(host.connections()).isEqualTo(fetches);
        }

        @Test
        void R_STS_7_aFailedFetchIsNotRepeatedForEachMessage() {
            publish("1");
            host.says("HTTP/1.1 404 none\r\n\r\n");
            assertFailed("404", false);
            assertFailed("404", false);
            assertThat(host.connections()).isEqualTo(1);
            now.updateAndGet(t -> t.plus(Duration.ofMinutes(6)));
            host.policy(ENFORCE);
            assertThat(inForce().mode()).isEqualTo(StsPolicy.Mode.ENFORCE);
        }

        @Test
        void manyAtOnceAreOneFetch() {
            publish("1");
            CountDownLatch all = new CountDownLatch(50);
            host.says(out -> {
                all.await();
                out.write(("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + ENFORCE).getBytes(StandardCharsets.US_ASCII));
            });
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<CompletableFuture<StsLookup>> asked = new ArrayList<>(IntStream.range(0, 50).mapToObj(_ -> CompletableFuture.supplyAsync(() -> {
                    all.countDown();
                    return policies.lookUp(DOMAIN);
                }, threads)).toList());
                assertThat(asked.stream().map(CompletableFuture::join)).allMatch(StsLookup.InForce.class::isInstance);
            }
            assertThat(host.connections()).isEqualTo(1);
        }

        /// One domain's bad policy never stops another's mail with the same mail host.
        @Test
        void domainsDoNotKnowOfEachOther() {
            publish("1");
            host.policy(ENFORCE.replace("mx.example.com", "nowhere.example"));
            inForce();
            assertThat(policies.lookUp(Domain.of("example.org"))).isEqualTo(new StsLookup.NoPolicy());
        }
    }

    @Nested
    class Hostile {

        @BeforeEach
        void published() {
            publish("1");
        }

        @ParameterizedTest
        @ValueSource(strings = {"HTTP/1.1 301 away\r\nLocation: https://mta-sts.example.com/other\r\n\r\n", "HTTP/1.1 302 away\r\nLocation: http://127.0.0.1/\r\n\r\n", "HTTP/1.1 204 no\r\n\r\n",
                "HTTP/1.1 206 part\r\n\r\n", "HTTP/1.1 304 same\r\n\r\n", "HTTP/1.1 503 later\r\n\r\n", "HTTP/1.1 199 odd\r\n\r\n"})
        void R_STS_2_anythingBut200IsNoPolicy(String answer) {
            host.says(answer);
            assertFailed("HTTP status", false);
            assertThat(host.connections()).isEqualTo(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"text/html", "text/plainly", "application/octet-stream", "multipart/mixed; text/plain", ""})
        void R_STS_2_anythingButPlainTextIsNoPolicy(String type) {
            host.says("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\n\r\n" + ENFORCE);
            assertFailed("content type", false);
        }

        @ParameterizedTest
        @ValueSource(strings = {"text/plain; charset=utf-8", "Text/Plain", "text/plain ;x=y"})
        void parametersOfTheTypeDoNotMatter(String type) {
            host.says("HTTP/1.1 200 OK\r\ncontent-type: " + type + "\r\n\r\n" + ENFORCE);
            assertThat(inForce().mode()).isEqualTo(StsPolicy.Mode.ENFORCE);
        }

        @Test
        void chunksAreUndone() {
            host.says("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n" + ENFORCE.substring(0, 5) + "\r\n"
                    + Integer.toHexString(ENFORCE.length() - 5) + "\r\n" + ENFORCE.substring(5) + "\r\n0\r\n\r\n");
            assertThat(inForce().mode()).isEqualTo(StsPolicy.Mode.ENFORCE);
        }

        @ParameterizedTest
        @CsvSource({"'Content-Length: 65537\r\n'", "'Content-Length: 99999999999999999999\r\n'", "'Content-Length: -1\r\n'", "'Content-Length: 1x\r\n'", "''",
                "'Transfer-Encoding: chunked\r\n'", "'Transfer-Encoding: gzip\r\n'"})
        void R_STS_2_hugeBodiesAreCutOff(String header) {
            String chunk = header.contains("chunked") ? "fffff\r\n" : "";
            host.says("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + header + "\r\n" + chunk + "x".repeat(70_000));
            assertFailed("mta-sts.example.com:", false);
        }

        @Test
        void endlessHeadersAreCutOff() {
            host.says("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(100_000));
            assertFailed("octets of header", false);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "\r\n", "SSH-2.0-x\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2000 x\r\n\r\n", "HTTP/1.1 \u00b2\u00b2\u00b2 x\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\nshort"})
        void garbageIsNoPolicy(String answer) {
            host.says(answer);
            assertThat(lookUp()).isInstanceOf(StsLookup.FetchFailed.class);
        }

        @Test
        void aCompressedBodyIsNotOpened() {
            host.says("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\nx");
            assertFailed("content coding gzip", false);
        }

        @Test
        void nulInAPolicyIsBroken() {
            host.policy(ENFORCE.replace("example.com", "example.com\0.evil"));
            assertThat(lookUp()).isInstanceOfSatisfying(StsLookup.Broken.class, broken -> assertThat(broken.line()).isEqualTo(3));
        }

        @Test
        void R_STS_2_drippedOctetsEndWithTheTime() throws IOException {
            policies = open(Set.of(), Duration.ofMillis(700));
            host.says(out -> {
                while (!over.await(20, TimeUnit.MILLISECONDS)) {
                    out.write('H');
                    out.flush();
                }
            });
            assertFailed("no answer within", false);
        }

        @Test
        void R_STS_2_silenceEndsWithTheTime() throws IOException {
            policies = open(Set.of(), Duration.ofMillis(500));
            host.says(_ -> over.await());
            assertFailed("no answer within", false);
        }

        @Test
        void anAddressOfOurOwnNetworkIsNotAsked() throws IOException {
            policies = open(Set.of(RefusedRange.LOOPBACK));
            assertFailed("refused addresses", false);
            assertThat(host.connections()).isZero();
        }

        @Test
        void aPolicyHostThatDoesNotExistIsAFailedFetch() {
            dns.forget("mta-sts.example.com");
            assertFailed("does not exist", false);
            dns.fault("mta-sts.example.com", "A", Fault.SERVFAIL).fault("mta-sts.example.com", "AAAA", Fault.SERVFAIL);
            now.updateAndGet(t -> t.plus(Duration.ofMinutes(6)));
            assertFailed("ServFail", false);
        }
    }

    /// B-CERT, at the policy host.
    @Nested
    class Certificates {

        private void assertUntrusted(TestCa.Identity identity) throws IOException {
            publish("1");
            try (FakePolicyHost other = new FakePolicyHost(identity)) {
                other.policy(ENFORCE);
                MailResolver resolver = new MailResolver(new RelaySettings.Dns(List.of(dns.address()), Duration.ofSeconds(2)), now::get, (_, _, _, _) -> {});
                StsFetcher fetcher = new StsFetcher(new WebHosts(resolver, new PeerChecks(now::get), new Trust(false, List.of(ca.write(folder))), new AddressRules(Set.of(), Set.of())),
                        other.port(), Duration.ofSeconds(20));
                assertThat(fetcher.fetch(DOMAIN)).isInstanceOfSatisfying(StsFetcher.Fetched.Failed.class, failed -> assertThat(failed.untrusted()).isTrue());
                assertThat(other.requests()).isEmpty();
            }
        }

        @Test
        void R_STS_2_mustNameThePolicyHost() throws IOException {
            assertUntrusted(ca.good("example.com"));
            assertUntrusted(ca.good("*.sts.example.com", "mta-sts.example.com.evil.example"));
        }

        @Test
        void R_STS_2_theCommonNameDoesNotCount() throws IOException {
            assertUntrusted(ca.commonNameOnly("mta-sts.example.com"));
        }

        @Test
        void R_STS_2_mustBeTrustedAndValid() throws IOException {
            assertUntrusted(ca.selfSigned("mta-sts.example.com"));
            assertUntrusted(ca.expired("mta-sts.example.com"));
            assertUntrusted(new TestCa(now.get()).good("mta-sts.example.com"));
        }
    }
}
