package org.mailrelay.net.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Path;

/// Contexts for the listener, made of PEM files.
public final class ServerTls {

    private ServerTls() {
    }

    /// Each listener gets a context of its own, so that a session ticket of one is worth nothing at another.
    ///
    /// @param chain the certificate first, then its issuers
    /// @param key   PKCS #8, not encrypted
    /// @throws IOException when the files cannot be read or do not hold what they should; its message says which
    public static SslContext context(Path chain, Path key, TlsVersion minimum, TlsProvider provider) throws IOException {
        try {
            return SslContextBuilder.forServer(chain.toFile(), key.toFile())
                    .sslProvider(provider.netty())
                    .protocols(minimum.protocols())
                    .build();
        } catch (IllegalArgumentException | IOException unusable) {
            throw new IOException("no usable certificate and key in " + chain + " and " + key + ": " + unusable.getMessage(), unusable);
        }
    }
}
