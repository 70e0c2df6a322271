package org.mailrelay.net.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import java.io.IOException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.CipherSuites;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsRequirement;

/// TLS for connections that we make. One context for each set of terms, so that a session is resumed under the terms it
/// was made under and never under others; inside a context, engines remember by host and port.
public final class ClientTls {

    /// A revoked pin or an expired certificate must not live on in a ticket for longer.
    private static final Duration SESSION_LIFE = Duration.ofHours(1);
    private static final int CONTEXTS = 512;

    /// What every step of the ladder but the first offers; BoringSSL's names.
    private static final String[] CLASSICAL = {"X25519", "P-256", "P-384"};
    private static final String[] HYBRID = {"X25519MLKEM768", "X25519", "P-256", "P-384"};
    private static final String[] FEW = {"P-256", "X25519"};
    private static final List<String> FEW_CIPHERS = List.of("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256", "AES128-SHA");

    /// @param written when the files of the client certificate were: one that was renewed makes another context
    private record Terms(TlsRequirement requirement, ClientOffer offer, LadderStep step, List<Long> written) {
        Terms(TlsRequirement requirement, ClientOffer offer, LadderStep step) {
            this(requirement, offer, step, offer.certificate().map(own -> List.of(own.chain().toFile().lastModified(), own.key().toFile().lastModified())).orElse(List.of()));
        }
    }

    private final TlsProvider provider;
    private final ConcurrentHashMap<Terms, SslContext> contexts = new ConcurrentHashMap<>();

    public ClientTls(TlsProvider provider) {
        this.provider = provider;
    }

    /// @param step how it is offered
    /// @param name the name sent as SNI; none for an address literal (RFC 6066 §3)
    /// @param peer its port, and its address where there is no name, are the identity of the session
    /// @throws IOException when the client certificate of the offer cannot be used; its message says which
    public SslHandler handler(ByteBufAllocator buffers, TlsRequirement requirement, ClientOffer offer, LadderStep step, Optional<Domain> name, InetSocketAddress peer,
            Duration limit)
            throws IOException {
        SslContext context = context(new Terms(requirement, offer, step));
        // An address is never sent as SNI: the engines know one when they see it.
        SslHandler handler = context.newHandler(buffers, name.map(Domain::name).orElseGet(() -> peer.getAddress().getHostAddress()), peer.getPort());
        handler.setHandshakeTimeoutMillis(limit.toMillis());
        handler.setCloseNotifyFlushTimeoutMillis(1000);
        return handler;
    }

    /// Reads the files of client certificates anew from now on; no session is resumed that was made before.
    public void reload() {
        contexts.clear();
    }

    /// What the handshake that `handler` has finished agreed on.
    public static TlsChannel agreed(SslHandler handler) {
        SSLSession session = handler.engine().getSession();
        return new TlsChannel(session.getProtocol(), CipherNames.openSsl(session.getCipherSuite()), group(handler.engine()), chain(session), staple(session));
    }

    /// Only BoringSSL tells.
    private static Optional<String> group(SSLEngine engine) {
        if (!(engine instanceof ReferenceCountedOpenSslEngine boring)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(SSL.getGroupName(boring.sslPointer())).filter(name -> !name.isEmpty());
        } catch (Exception unknown) {   // as the library declares it: no group was agreed on, as in a plain RSA key exchange
            return Optional.empty();
        }
    }

    private static TlsChannel.Staple staple(SSLSession session) {
        List<byte[]> sent = session instanceof ExtendedSSLSession extended ? extended.getStatusResponses() : List.of();
        return sent.isEmpty() || sent.getFirst() == null ? TlsChannel.Staple.NONE : new TlsChannel.Staple(sent.getFirst());
    }

    private static List<X509Certificate> chain(SSLSession session) {
        try {
            Certificate[] sent = session.getPeerCertificates();
            return Stream.of(sent).filter(X509Certificate.class::isInstance).map(X509Certificate.class::cast).toList();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
    }

    private SslContext context(Terms terms) throws IOException {
        if (contexts.size() >= CONTEXTS) {
            contexts.clear();
        }
        SslContext known = contexts.get(terms);
        if (known == null) {
            known = build(terms);
            contexts.put(terms, known);
        }
        return known;
    }

    private SslContext build(Terms terms) throws IOException {
        boolean reduced = terms.step() == LadderStep.REDUCED;
        ClientOffer offer = terms.offer();
        TlsVersion least = terms.requirement().encryption() == TlsRequirement.Encryption.ALWAYS ? offer.minimum().whereTlsIsRequired() : offer.minimum();
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(provider.netty())
                .protocols(reduced ? least.reduced() : least.protocols())
                // Accepts every chain on purpose: PeerChecks judges it after the handshake, resumed sessions included.
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .sessionTimeout(SESSION_LIFE.toSeconds());
        if (provider.netty() == SslProvider.OPENSSL) {
            builder.enableOcsp(true);   // asks for a stapled response; the JDK asks of itself
            builder.option(OpenSslContextOption.GROUPS, switch (terms.step()) {
                case HYBRID -> HYBRID;
                case CLASSICAL, CLEAR -> CLASSICAL;
                case REDUCED -> FEW;
            });
        }
        List<String> ciphers = !offer.ciphers().isEmpty() ? offer.ciphers() : reduced ? FEW_CIPHERS : CipherSuites.KNOWN;
        // No filter but the JDK's own: one that finds nothing supported would silently take the library's list in its place.
        builder.ciphers(CipherNames.java(ciphers), provider.netty() == SslProvider.OPENSSL ? IdentityCipherSuiteFilter.INSTANCE : SupportedCipherSuiteFilter.INSTANCE);
        try {
            offer.certificate().ifPresent(own -> builder.keyManager(own.chain().toFile(), own.key().toFile()));
            return builder.build();
        } catch (IllegalArgumentException | SSLException unusable) {
            throw new IOException("no TLS context for " + offer + ": " + unusable.getMessage(), unusable);
        }
    }
}
