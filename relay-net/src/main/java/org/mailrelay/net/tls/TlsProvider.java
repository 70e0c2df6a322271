package org.mailrelay.net.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/// Whose TLS is used (`tls_provider`).
public enum TlsProvider {
    /// BoringSSL where its native library loads, else the JDK's.
    AUTO,
    JDK;

    SslProvider netty() {
        return switch (this) {
            case AUTO -> OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
            case JDK -> SslProvider.JDK;
        };
    }
}
