package org.mailrelay.net.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.settings.RelaySettings;

/// TLS of one listener: its certificate, and what its clients' certificates are worth. Safe from any thread.
///
/// Each listener has a context of its own, so that a session of one is worth nothing at another. A client may be asked for a certificate; the
/// handshake takes whatever it shows, and none at all: what it is worth is judged behind the handshake, by [#certificate], on every
/// connection, those that resume a session too.
public final class ServerTls {

    private final SslContext context;
    private final ClientCertificates clients;

    private ServerTls(SslContext context, ClientCertificates clients) {
        this.context = context;
        this.clients = clients;
    }

    /// @throws IOException when files cannot be read or do not hold what they should; its message says which
    public static ServerTls of(RelaySettings.Certificate files, TlsVersion minimum, TlsProvider provider, InstantSource clock) throws IOException {
        ClientCertificates clients = ClientCertificates.of(files.clientAuthorities(), files.clientRevocations(), clock);
        return new ServerTls(context(files.certificate(), files.key(), clients, minimum, provider), clients);
    }

    /// @param key PKCS #8, not encrypted
    private static SslContext context(Path chain, Path key, ClientCertificates clients, TlsVersion minimum, TlsProvider provider) throws IOException {
        try {
            return SslContextBuilder.forServer(chain.toFile(), key.toFile())
                    .sslProvider(provider.netty())
                    .protocols(minimum.protocols())
                    .trustManager(clients.inTheHandshake())
                    .build();
        } catch (IllegalArgumentException | IOException unusable) {
            throw new IOException("no usable certificate and key in " + chain + " and " + key + ": " + unusable.getMessage(), unusable);
        }
    }

    /// @param certificate the client is asked for its certificate; it need not have one
    /// @param startTls    the first thing that is written, the answer to STARTTLS, is not encrypted
    public SslHandler handler(ByteBufAllocator buffers, boolean certificate, boolean startTls, Duration limit) {
        SSLEngine engine = context.newEngine(buffers);
        engine.setWantClientAuth(certificate);
        SslHandler handler = new SslHandler(engine, startTls);
        handler.setHandshakeTimeoutMillis(limit.toMillis());
        return handler;
    }

    /// What the client has shown in the handshake that `handler` has finished, or in the one whose session it resumes.
    public Optional<ClientCertificate> certificate(SslHandler handler) {
        List<X509Certificate> chain = chain(handler.engine().getSession());
        return chain.isEmpty() ? Optional.empty() : clients.judge(chain);
    }

    private static List<X509Certificate> chain(SSLSession session) {
        try {
            return Stream.of(session.getPeerCertificates()).filter(X509Certificate.class::isInstance).map(X509Certificate.class::cast).toList();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
    }
}
