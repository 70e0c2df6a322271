package org.mailrelay.net.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import org.mailrelay.core.settings.RelaySettings;

/// Whose TLS is used (`tls_provider`).
public enum TlsProvider {
    /// BoringSSL where its native library loads, else the JDK's.
    AUTO,
    JDK;

    /// @throws IOException where the setting names a library that cannot be loaded here: another must not silently take its place
    public static TlsProvider of(RelaySettings.TlsProvider setting) throws IOException {
        return switch (setting) {
            case AUTO -> AUTO;
            case JDK -> JDK;
            case OPENSSL -> {
                if (!OpenSsl.isAvailable()) {
                    throw new IOException("delivery.tls_provider openssl: its library cannot be loaded here (" + OpenSsl.unavailabilityCause().getMessage() + ")");
                }
                yield AUTO;
            }
        };
    }

    SslProvider netty() {
        return switch (this) {
            case AUTO -> OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
            case JDK -> SslProvider.JDK;
        };
    }
}
