package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.testkit.tls.TestCa;

/// What a running relay makes of files that change.
@Timeout(60)
class ReloadingTest {

    private static final TestCa CA = new TestCa(Instant.now());

    @TempDir
    Path folder;
    private Path conf;
    private final BlockingQueue<MailEvent> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<Settings> bound = new LinkedBlockingQueue<>();
    private volatile boolean unbindable;
    private CurrentSettings current;
    private Reloading reloading;

    @BeforeEach
    void open() throws IOException {
        conf = Files.createDirectory(folder.resolve("conf"));
        CA.good("relay.example.net").write(folder, "relay");
        relay("reload: auto");
        destinations("required");
        Files.writeString(conf.resolve("routes.yaml"), "routes: {}\n");
        Files.writeString(conf.resolve("access.yaml"), "sender_groups: [{name: R, match: [127.0.0.0/8], policy: p}]\nmail_flow_policies: {p: {access: RELAY}}\n");
        SettingsSource source = TestRelay.source(conf);
        current = new CurrentSettings(((ConfigLoader.Loaded) source.read()).settings());
        reloading = new Reloading(current, source, this::bind, events::add, InstantSource.system(), Duration.ofMillis(20));
    }

    @AfterEach
    void close() {
        reloading.close();
    }

    private void bind(Settings next) throws IOException {
        if (unbindable) {
            throw new IOException("listener private cannot be bound");
        }
        bound.add(next);
    }

    private void relay(String line) throws IOException {
        Files.writeString(conf.resolve("relay.yaml"), """
                hostname: relay.example.net
                %s
                listeners: [{name: private, address: 127.0.0.1:0, tls: {certificate: %s, key: %s}}]
                """.formatted(line, folder.resolve("relay.pem"), folder.resolve("relay.key")));
    }

    private void destinations(String level) throws IOException {
        Files.writeString(conf.resolve("destinations.yaml"), "default: {tls: preferred}\ndestinations:\n  bank.example: {tls: " + level + "}\n");
    }

    private MailEvent told() throws InterruptedException {
        MailEvent event = events.poll(20, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        return event;
    }

    @Test
    void aFileThatChangesIsInForceOnceItIsStill() throws Exception {
        destinations("required-verify");
        assertThat(told()).isInstanceOfSatisfying(SystemEvent.ConfigurationLoaded.class, loaded -> assertThat(loaded.generation()).isEqualTo(2));
        assertThat(current.get()).isSameAs(bound.take());
    }

    @Test
    void aMistakeChangesNothingAndIsToldWithItsPlace() throws Exception {
        Settings before = current.get();
        destinations("requird");
        assertThat(told()).isInstanceOfSatisfying(SystemEvent.ConfigurationRefused.class,
                refused -> assertThat(refused.problem()).contains("conf/destinations.yaml:3:", "did you mean required?"));
        assertThat(current.get()).isSameAs(before);
        assertThat(bound).isEmpty();
    }

    /// A half-saved file looks like this, and so does an intruder's.
    @Test
    void whatLowersTlsWaitsForAnOperator() throws Exception {
        destinations("preferred");
        assertThat(told()).isInstanceOfSatisfying(SystemEvent.ConfigurationRefused.class,
                refused -> assertThat(refused.problem()).isEqualTo("the TLS terms of bank.example would be lowered: 'mailrelay reload' applies it"));
        Reloading.Outcome outcome = reloading.reload(Reloading.Cause.OPERATOR);
        assertThat(outcome.applied()).isTrue();
        assertThat(outcome.lines()).last().isEqualTo("configuration loaded, generation 2");
    }

    @Test
    void aListenerThatCannotBeBoundKeepsWhatIsInForce() {
        unbindable = true;
        Reloading.Outcome outcome = reloading.reload(Reloading.Cause.OPERATOR);
        assertThat(outcome).isEqualTo(new Reloading.Outcome(false, List.of("listener private cannot be bound", "configuration not changed")));
        assertThat(current.generation()).isEqualTo(1);
    }

    @Test
    void whatIsOpenedOnceIsSaidToWaitForTheNextStart() throws IOException {
        relay("log: {keep: 3}");
        assertThat(reloading.reload(Reloading.Cause.OPERATOR).lines()).contains("relay.yaml: log changed; that takes effect at the next start");
    }

    /// A certificate that was renewed in its place is shown without anybody asking, though no line of the configuration has changed.
    @Test
    void aCertificateThatIsRenewedIsTakenUp() throws Exception {
        CA.good("relay.example.net").write(folder, "relay");
        Files.setLastModifiedTime(folder.resolve("relay.pem"), FileTime.fromMillis(1_000));
        assertThat(told()).isInstanceOf(SystemEvent.FilesReadAgain.class);
        assertThat(bound.take()).isEqualTo(current.get());
    }

    @Test
    void aCommentIsNoChange() throws Exception {
        Files.writeString(conf.resolve("routes.yaml"), "# nothing\nroutes: {}\n");
        assertThat(reloading.reload(Reloading.Cause.FILE_CHANGE)).isEqualTo(new Reloading.Outcome(true, List.of()));
        assertThat(bound).isEmpty();
    }

    @Test
    void whereReloadIsManualFilesMayChangeAsTheyLike() throws Exception {
        relay("reload: manual");
        assertThat(told()).isInstanceOf(SystemEvent.ConfigurationLoaded.class);
        Map<String, Object> before = Map.of("settings", current.get());
        destinations("required-verify");
        assertThat(reloading.reload(Reloading.Cause.OPERATOR).applied()).isTrue();
        assertThat(told()).isInstanceOfSatisfying(SystemEvent.ConfigurationLoaded.class, loaded -> assertThat(loaded.generation()).isEqualTo(3));
        assertThat(before).doesNotContainValue(current.get());
    }
}
