package org.mailrelay.delivery.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.path.Known;
import org.mailrelay.core.path.OwnPathTerms;
import org.mailrelay.core.path.PathState;
import org.mailrelay.core.path.PathVerdict;
import org.mailrelay.core.path.Showing;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.connection.ConnectionKey;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.net.tls.TlsVersion;

class PathFileTest {

    private static final Instant NOON = Instant.parse("2026-01-17T12:00:00Z");

    @TempDir
    Path folder;
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);

    private static InetAddress address(int... octets) {
        byte[] all = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            all[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(all);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private Path file() {
        return folder.resolve("policies/hosts-met");
    }

    private OwnPath path() {
        return new OwnPath(file(), () -> OwnPathTerms.DEFAULT, _ -> { }, now::get, () -> { });
    }

    /// Each host has a name and a network of its own.
    private static ConnectionPlan plan(int number) {
        HostTerms tls = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.IF_OFFERED), new TlsRule(TlsLevel.PREFERRED, "conf/destinations.yaml:3", "default"), false, false, TlsReason.POLICY_NONE, true);
        return new ConnectionPlan(new ConnectionKey(Optional.empty(), new InetSocketAddress(address(10, number >> 8, number & 255, 1), 25),
                new Terms("relay.example.net", EhloReading.STRICT, false, tls, Optional.empty()), Optional.of(Domain.of("mx.d" + number + ".example")), TlsVersion.TLS_1_2),
                Domain.of("example.com"), Timeouts.STANDARD, 50, Duration.ofSeconds(5));
    }

    private static PathVerdict shows(OwnPath path, int number, Showing showing) {
        return path.seen(plan(number), address(192, 0, 2, 1), showing);
    }

    private void sixHostsWithTls() {
        try (OwnPath path = path()) {
            for (int i = 0; i < 6; i++) {
                shows(path, i, new Showing.Encrypted("ab".repeat(32), false));
            }
        }
    }

    private boolean doubts() {
        OwnPath path = path();
        PathVerdict last = new PathVerdict.Trusted();
        for (int i = 0; i < 6; i++) {
            last = shows(path, i, new Showing.Bare());
        }
        return last instanceof PathVerdict.Suspected;
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        Map<InetSocketAddress, Known> hosts = new LinkedHashMap<>();
        hosts.put(new InetSocketAddress(address(192, 0, 2, 1), 25), new Known(true, List.of("ab".repeat(32), "cd".repeat(32)), NOON, Optional.empty()));
        hosts.put(new InetSocketAddress(address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 587), new Known(false, List.of(), NOON.minusSeconds(5), Optional.of(NOON)));
        Map<InetSocketAddress, Boolean> affected = Map.of(new InetSocketAddress(address(192, 0, 2, 1), 25), true, new InetSocketAddress(address(192, 0, 2, 2), 25), false);
        PathFile.Kept kept = new PathFile.Kept(hosts, Map.of(address(10, 0, 0, 1), new PathFile.Doubt(new PathState.Suspected(NOON, NOON.plusSeconds(60)), affected),
                address(10, 0, 0, 2), new PathFile.Doubt(new PathState.GivenUp(NOON), Map.of())));
        new PathFile(file()).write(kept);
        assertThat(new PathFile(file()).read()).isEqualTo(kept);
        assertThat(List.copyOf(new PathFile(file()).read().hosts().keySet())).as("in their order").isEqualTo(List.copyOf(hosts.keySet()));
    }

    @Test
    void hostsThatLoseTlsBehindARestartAreCountedAgainstWhatTheyShowedBefore() {
        sixHostsWithTls();
        assertThat(doubts()).isTrue();
    }

    @Test
    void withoutTheFileNobodyCanKnow() throws IOException {
        sixHostsWithTls();
        Files.delete(file());
        assertThat(doubts()).isFalse();
    }

    @Test
    void whatWasSeenOverThirtyDaysAgoIsNotTakenUpAndNotKept() throws IOException {
        sixHostsWithTls();
        now.set(NOON.plus(Duration.ofDays(30)));
        try (OwnPath path = path()) {
            shows(path, 77, new Showing.Encrypted("ef".repeat(32), true));
        }
        assertThat(new PathFile(file()).read().hosts().keySet()).containsExactly(plan(77).key().peer());
    }

    @Test
    void noMoreThanTenThousandHostsAreKeptThoseMetLast() {
        try (OwnPath path = path()) {
            for (int i = 0; i < 12_000; i++) {
                shows(path, i, new Showing.Encrypted("ab".repeat(32), false));
            }
        }
        assertThat(new PathFile(file()).read().hosts()).hasSize(10_000).doesNotContainKey(plan(1_999).key().peer()).containsKeys(plan(2_000).key().peer(), plan(11_999).key().peer());
    }

    @Test
    void nothingIsWrittenWhereNothingWasSeen() {
        try (OwnPath path = path()) {
            path.keep();
        }
        assertThat(file()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mailrelay paths 1\n", "mailrelay paths 2\nsum 00\n", "\0\0\0\0"})
    void aFileThatIsNoneCountsAsNone(String text) throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), text);
        assertThat(new PathFile(file()).read()).isEqualTo(PathFile.Kept.NOTHING);
    }

    @Test
    void aFileWithOneOctetTurnedCountsAsNoneAndNeverThrows() throws IOException {
        sixHostsWithTls();
        String whole = Files.readString(file());
        for (int i = 0; i < whole.length(); i++) {
            for (String other : List.of(whole.substring(0, i), whole.substring(0, i) + (char) (whole.charAt(i) ^ 1) + whole.substring(i + 1))) {
                Files.writeString(file(), other);
                assertThat(new PathFile(file()).read()).isEqualTo(PathFile.Kept.NOTHING);
                assertThatCode(() -> PathFile.parse(other)).doesNotThrowAnyException();
            }
        }
    }
}
