package org.mailrelay.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.settings.Settings;

/// Files that change under a running relay, keys and certificates among them.
class KeyFilesTest {

    private static final Duration STILL = Duration.ofMillis(20);

    @TempDir
    Path folder;

    private final BlockingQueue<MailEvent> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<Settings> bound = new LinkedBlockingQueue<>();
    private volatile Optional<String> unbindable = Optional.empty();
    private CurrentSettings current;
    private Reloading reloading;
    private int written;

    @BeforeEach
    void start() throws Exception {
        write("destinations.yaml", "default: {tls: preferred}");
        write("routes.yaml", "routes: {}");
        write("access.yaml", "sender_groups: [{name: L, match: [127.0.0.0/8], policy: p}]\nmail_flow_policies: {p: {access: RELAY}}\n"
                + "authentication: {ldap: {url: \"ldaps://localhost\", base: \"dc=x\", trust: {files: [" + folder + "/directory.pem]}}}");
        write("directory.pem", "authorities");
        write("clients.pem", "authorities");
        write("clients.crl", "lists");
        write("relay.pem", "certificate");
        write("relay.key", "key");
        write("a.pem", key());
        relay("a.pem");
        current = new CurrentSettings(((ConfigLoader.Loaded) read()).settings());
        SettingsSource source = new SettingsSource() {
            @Override
            public ConfigLoader.Result read() {
                return KeyFilesTest.this.read();
            }

            @Override
            public Path folder() {
                return folder;
            }
        };
        reloading = new Reloading(current, source, next -> {
            if (unbindable.isPresent()) {
                throw new IOException(unbindable.get());
            }
            bound.add(next);
        }, events::add, InstantSource.system(), STILL);
    }

    @AfterEach
    void close() {
        reloading.close();
    }

    private ConfigLoader.Result read() {
        return ConfigLoader.load(folder, Map.of());
    }

    private void relay(String keyFile) throws IOException {
        write("relay.yaml", """
                root: %1$s
                hostname: relay.example.com
                listeners: [{name: private, address: 127.0.0.1:2525, tls: {certificate: relay.pem, key: relay.key, client_authorities: [clients.pem], client_revocations: [clients.crl]}}]
                dkim: {domains: {example.com: {keys: [{selector: s1, file: %2$s}]}}}
                """.formatted(folder, keyFile));
    }

    /// In one step, and with a time of its own: a clock may be too coarse to tell two changes apart.
    private void write(String name, String text) throws IOException {
        Path beside = folder.resolve("beside");
        Files.writeString(beside, text);
        Files.setLastModifiedTime(beside, FileTime.fromMillis(1_700_000_000_000L + 1_000L * written++));
        Files.move(beside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String key() throws GeneralSecurityException {
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded()) + "\n-----END PRIVATE KEY-----\n";
    }

    private <E extends MailEvent> E next(Class<E> type) throws InterruptedException {
        MailEvent event = events.poll(20, TimeUnit.SECONDS);
        assertThat(event).isInstanceOf(type);
        return type.cast(event);
    }

    private String keyInForce() {
        DkimSettings.Key key = current.get().dkim().keys().getFirst();
        return Base64.getEncoder().encodeToString(key.key().pkcs8());
    }

    @Test
    void anotherKeyInAKeyFileIsTakenAndToldOf() throws Exception {
        String before = keyInForce();
        write("a.pem", key());
        next(SystemEvent.ConfigurationLoaded.class);
        assertThat(next(SystemEvent.FilesReadAgain.class)).satisfies(event -> {
            assertThat(event.files()).containsExactly(folder.resolve("a.pem").toString());
            assertThat(event.problem()).isEmpty();
        });
        assertThat(keyInForce()).isNotEqualTo(before);
    }

    @Test
    void aKeyFileThatWasBrokenIsTakenAgainOnceItIsRepaired() throws Exception {
        String good = Files.readString(folder.resolve("a.pem"));
        String before = keyInForce();
        write("a.pem", "broken");
        assertThat(next(SystemEvent.ConfigurationRefused.class).problem()).contains("a.pem holds no private key in PEM");
        write("a.pem", good);
        assertThat(next(SystemEvent.ConfigurationLoaded.class).generation()).as("the same as before, and the operator is told that all is well").isEqualTo(1);
        write("a.pem", "broken");
        next(SystemEvent.ConfigurationRefused.class);
        write("a.pem", key());
        assertThat(next(SystemEvent.ConfigurationLoaded.class).generation()).isEqualTo(2);
        next(SystemEvent.FilesReadAgain.class);
        assertThat(keyInForce()).isNotEqualTo(before);
    }

    /// Nothing in force names the file yet.
    @Test
    void aKeyFileThatComesAfterTheConfigurationThatNamesItIsTakenOnceItIsThere() throws Exception {
        relay("b.pem");
        assertThat(next(SystemEvent.ConfigurationRefused.class).problem()).contains("cannot read").contains("b.pem");
        write("b.pem", "half of i");
        assertThat(next(SystemEvent.ConfigurationRefused.class).problem()).contains("b.pem holds no private key in PEM");
        write("b.pem", key());
        assertThat(next(SystemEvent.ConfigurationLoaded.class).generation()).isEqualTo(2);
    }

    @Test
    void certificatesAndAuthoritiesOfListenersAreReadAgainWhenTheyChange() throws Exception {
        write("clients.pem", "other authorities");
        assertThat(next(SystemEvent.FilesReadAgain.class).files()).containsExactly(folder.resolve("clients.pem").toString());
        write("clients.crl", "other lists");
        assertThat(next(SystemEvent.FilesReadAgain.class).files()).containsExactly(folder.resolve("clients.crl").toString());
        assertThat(bound).hasSize(2);
        write("directory.pem", "other authorities");
        assertThat(next(SystemEvent.FilesReadAgain.class).files()).containsExactly(folder.resolve("directory.pem").toString());
        unbindable = Optional.of("no usable certificate");
        write("relay.pem", "half a certif");
        assertThat(next(SystemEvent.FilesReadAgain.class)).satisfies(event -> {
            assertThat(event.problem()).contains("no usable certificate");
            assertThat(event.level()).isEqualTo(MailEvent.Level.WARNING);
        });
        unbindable = Optional.empty();
        write("relay.pem", "another certificate");
        assertThat(next(SystemEvent.FilesReadAgain.class).problem()).isEmpty();
        assertThat(bound).hasSize(4);
    }

    @Test
    void withReloadManualNothingIsReadUntilItIsAskedFor() throws Exception {
        Files.writeString(folder.resolve("relay.yaml"), "reload: manual\n" + Files.readString(folder.resolve("relay.yaml")));
        reloading.reload(Reloading.Cause.OPERATOR);
        next(SystemEvent.ConfigurationLoaded.class);
        write("a.pem", key());
        write("clients.pem", "other authorities");
        assertThat(events.poll(10 * STILL.toMillis(), TimeUnit.MILLISECONDS)).isNull();
        assertThat(reloading.reload(Reloading.Cause.OPERATOR).lines()).endsWith("configuration loaded, generation 3");
        next(SystemEvent.ConfigurationLoaded.class);
        next(SystemEvent.FilesReadAgain.class);
    }
}
