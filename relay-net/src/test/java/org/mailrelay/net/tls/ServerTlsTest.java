package org.mailrelay.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailrelay.testkit.tls.TestCa;

class ServerTlsTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void aContextIsMadeOfPemFiles(TlsProvider provider) throws Exception {
        TestCa.PemFiles files = new TestCa(Instant.now()).good("relay.example.net").write(folder, "own");
        var context = ServerTls.context(files.chain(), files.key(), TlsVersion.TLS_1_2, provider);
        assertThat(context.isServer()).isTrue();
        ReferenceCountUtil.release(context);
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void filesThatDoNotServeAreNamed(TlsProvider provider) {
        Path missing = folder.resolve("missing.pem");
        assertThatThrownBy(() -> ServerTls.context(missing, missing, TlsVersion.TLS_1_2, provider))
                .isInstanceOf(IOException.class).hasMessageContaining("missing.pem");
    }
}
