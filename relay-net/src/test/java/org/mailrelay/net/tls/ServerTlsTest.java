package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.testkit.tls.TestCa;

class ServerTlsTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void aContextIsMadeOfPemFiles(TlsProvider provider) throws Exception {
        TestCa.PemFiles files = new TestCa(Instant.now()).good("relay.example.net").write(folder, "own");
        ServerTls tls = ServerTls.of(new RelaySettings.Certificate(files.chain(), files.key()), TlsVersion.TLS_1_2, provider, InstantSource.system());
        SslHandler handler = tls.handler(UnpooledByteBufAllocator.DEFAULT, true, true, Duration.ofSeconds(5));
        assertThat(handler.engine().getUseClientMode()).isFalse();
        assertThat(handler.engine().getWantClientAuth()).isTrue();
        ReferenceCountUtil.release(handler.engine());
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void filesThatDoNotServeAreNamed(TlsProvider provider) {
        Path missing = folder.resolve("missing.pem");
        assertThatThrownBy(() -> ServerTls.of(new RelaySettings.Certificate(missing, missing), TlsVersion.TLS_1_2, provider, InstantSource.system()))
                .isInstanceOf(IOException.class).hasMessageContaining("missing.pem");
    }
}
