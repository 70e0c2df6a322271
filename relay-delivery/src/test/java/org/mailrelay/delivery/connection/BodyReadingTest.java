package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.delivery.conversation.Transaction;
import org.mailrelay.delivery.conversation.WireBody;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.tls.TlsVersion;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// Bodies that are read from the disk while they are sent.
@Timeout(60)
class BodyReadingTest {

    private static final int LARGE = 3 * 1024 * 1024 + 2;
    private static final String TAKEN = "250 ok\r\n250 ok\r\n354 go\r\n";

    private final EventLoops loops = EventLoops.open(1);
    private final ExecutorService threads = Executors.newFixedThreadPool(4);

    @AfterEach
    void close() {
        loops.close();
        threads.close();
    }

    /// So many octets of lines, in pieces as they are asked for.
    private static class FileBody implements WireBody {
        private final List<Integer> asked = new ArrayList<>();
        private long left;
        private final long length;
        volatile boolean closed;

        FileBody(int octets) {
            length = octets;
            left = octets;
        }

        @Override
        public boolean inMemory() {
            return false;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public synchronized @Nullable ByteBuffer next(int most) throws IOException {
            int octets = (int) Math.min(left, most);
            if (octets == 0) {
                return null;
            }
            asked.add(most);
            ByteBuffer piece = ByteBuffer.allocate(octets);
            for (int i = 0; i < octets; i++) {
                long at = length - left + i;
                piece.put((byte) (at == length - 2 || at % 64 == 62 && at != length - 1 ? '\r' : at == length - 1 || at % 64 == 63 ? '\n' : 'x'));
            }
            left -= octets;
            return piece.flip();
        }

        @Override
        public WireBody again() {
            return this;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static Transaction message(long mid, WireBody body) {
        Transaction small = RecordingSource.message(mid, true, "x\r\n");
        return new Transaction(small.mid(), small.sender(), small.parameters(), small.recipients(), RecordingSource.content(body.length(), 0, false), small.begun(), body);
    }

    private static RecordingSource source(WireBody body) {
        RecordingSource source = new RecordingSource(0);
        source.add(message(1, body));
        return source;
    }

    private static ConnectionPlan plan(InetSocketAddress peer) {
        HostTerms tls = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.NEVER), new TlsRule(TlsLevel.NONE, "conf/destinations.yaml:1", "default"), false, false,
                TlsReason.POLICY_NONE, false);
        Terms terms = new Terms("relay.example.net", EhloReading.STRICT, false, tls, Optional.empty());
        return new ConnectionPlan(new ConnectionKey(Optional.empty(), peer, terms, Optional.of(Domain.of("mx1.example.com")), TlsVersion.TLS_1_2),
                Domain.of("example.com"), Timeouts.STANDARD, 50, Duration.ofSeconds(5));
    }

    private Connector connector(BodyReaders readers) {
        return new Connector(new Connector.Surroundings(loops, new ClientTls(TlsProvider.AUTO), new PeerChecks(InstantSource.system()), new RecordingLog(),
                InstantSource.system(), threads, readers));
    }

    private static FakeMx mx() {
        return new FakeMx(new FakeMx.Script(Optional.empty(), Map.of()));
    }

    private static void delivered(RecordingSource source) {
        assertThat(source.results).singleElement().satisfies(result -> assertThat(result.recipients()).first().isInstanceOf(RecipientResult.Delivered.class));
    }

    @Test
    void aReadThatHangsHoldsUpNoOtherConnectionOfTheSameLoop() throws Exception {
        CountDownLatch inTheDisk = new CountDownLatch(1);
        CountDownLatch diskAnswers = new CountDownLatch(1);
        WireBody hanging = new FileBody(LARGE) {
            @Override
            public @Nullable ByteBuffer next(int most) throws IOException {
                try {
                    inTheDisk.countDown();
                    diskAnswers.await();
                } catch (InterruptedException stopped) {
                    throw new IOException(stopped);
                }
                return super.next(most);
            }
        };
        BodyReaders readers = new BodyReaders(threads, 1 << 24);
        try (FakeMx mx = mx()) {
            RecordingSource waiting = source(hanging);
            connector(readers).open(plan(mx.address()), new Dcid(1), waiting);
            assertThat(inTheDisk.await(20, TimeUnit.SECONDS)).isTrue();
            RecordingSource fromDisk = source(new FileBody(LARGE));
            RecordingSource fromMemory = new RecordingSource(3);
            connector(readers).open(plan(mx.address()), new Dcid(2), fromDisk);
            connector(readers).open(plan(mx.address()), new Dcid(3), fromMemory);
            delivered(fromDisk.awaitClosed());
            assertThat(fromMemory.awaitClosed().results).hasSize(3);
            assertThat(waiting.results).isEmpty();
            diskAnswers.countDown();
            delivered(waiting.awaitClosed());
            assertThat(mx.received()).filteredOn(each -> each.content().length() == LARGE).hasSize(2);
        }
        assertThat(readers.used()).isZero();
    }

    @Test
    void largeBodiesAreReadInLargePieces() throws Exception {
        FileBody body = new FileBody(LARGE);
        try (FakeMx mx = mx()) {
            delivered(open(mx, new BodyReaders(threads, 1 << 24), source(body)).awaitClosed());
            assertThat(mx.received()).singleElement().satisfies(got -> assertThat(got.content()).hasSize(LARGE));
        }
        assertThat(body.asked).hasSize(LARGE / BodyReaders.PIECE + 1).allSatisfy(most -> assertThat(most).isLessThanOrEqualTo(BodyReaders.PIECE))
                .first().isEqualTo(BodyReaders.PIECE);
        assertThat(body.closed).isTrue();
    }

    private RecordingSource open(FakeMx mx, BodyReaders readers, RecordingSource source) {
        connector(readers).open(plan(mx.address()), new Dcid(1), source);
        return source;
    }

    @Test
    void hostsThatReadNothingLeaveRoomForThoseThatDo() throws Exception {
        BodyReaders readers = new BodyReaders(threads, 2L * BodyReaders.PIECE);
        try (FakeMx silent = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of("CONTENT", new Effect.Stall()))); FakeMx mx = mx()) {
            List<RecordingSource> stuck = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                stuck.add(open(silent, readers, source(new FileBody(LARGE))));
            }
            delivered(open(mx, readers, source(new FileBody(LARGE))).awaitClosed());
            assertThat(stuck).allSatisfy(each -> assertThat(each.results).isEmpty());
            assertThat(readers.used()).isLessThanOrEqualTo(2L * BodyReaders.PIECE + 21 * 2L * BodyReaders.LEAST);
            silent.close();
            for (RecordingSource each : stuck) {
                each.awaitClosed();
            }
        }
        assertThat(readers.used()).isZero();
    }

    @Test
    void aHostThatTakesNothingHoldsTwoPieces() {
        FileBody body = new FileBody(LARGE);
        RecordingSource source = source(body);
        WiredConnection wire = new WiredConnection(TlsLevel.NONE, false, 50, source).opened();
        wire.stuck();
        wire.hears(TAKEN);
        assertThat(body.asked).hasSize(2);
        wire.end();
        assertThat(body.closed).isTrue();
        assertThat(source.results).singleElement().satisfies(result -> assertThat(result.recipients()).first().isInstanceOf(RecipientResult.Lost.class));
    }
}
