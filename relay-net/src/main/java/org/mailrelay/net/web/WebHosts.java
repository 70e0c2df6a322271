package org.mailrelay.net.web;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressLookup;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.tls.PeerChecks;

/// One question over HTTPS to a host that a stranger named. It is looked up by our own resolver and held to `refuse_addresses`, as a
/// mail host is: a stranger's DNS must not send us to our own network. Nothing is said before its certificate is trusted and names it.
/// Blocks; may be shared.
public final class WebHosts {

    private static final int ADDRESSES = 4;
    private static final int CONNECT_MILLIS = 15_000;

    private final MailResolver resolver;
    private final PeerChecks checks;
    private final Trust trust;
    private final AddressRules addresses;

    /// @param trust who may vouch for hosts
    public WebHosts(MailResolver resolver, PeerChecks checks, Trust trust, AddressRules addresses) {
        this.resolver = resolver;
        this.checks = checks;
        this.trust = trust;
        this.addresses = addresses;
    }

    /// What is asked, and how much may come of it.
    ///
    /// @param request  the whole of it, which asks to close the connection behind the answer
    /// @param mostBody octets of the answer's body
    /// @param limit    for all of it
    public record Question(Domain host, int port, byte[] request, int mostBody, Duration limit) {}

    public sealed interface Answer {
        record Replied(HttpReply reply) implements Answer {}

        /// @param detail    what a server wrote may be in it
        /// @param untrusted the certificate is the reason
        record Failed(String detail, boolean untrusted) implements Answer {}
    }

    public Answer ask(Question question) {
        return switch (resolver.addresses(question.host())) {
            case AddressLookup.Found(var found, _) -> ask(question, found);
            case AddressLookup.NoAddress _ -> failed(question.host() + " has no address");
            case AddressLookup.NxDomain _ -> failed(question.host() + " does not exist");
            case AddressLookup.Failed(var why) -> failed(question.host() + " DNS " + why.words());
        };
    }

    private static Answer failed(String detail) {
        return new Answer.Failed(detail, false);
    }

    /// The next address only where one cannot be reached.
    private Answer ask(Question question, List<InetAddress> found) {
        List<InetAddress> allowed = found.stream().filter(address -> addresses.judge(address, question.port(), false) instanceof AddressRules.Verdict.Allowed).limit(ADDRESSES).toList();
        if (allowed.isEmpty()) {
            return failed(question.host() + " has refused addresses only");
        }
        long until = System.nanoTime() + question.limit().toNanos();
        String late = "no answer within " + question.limit().toSeconds() + " s";
        String detail = late;
        for (InetAddress address : allowed) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                break;
            }
            try (Socket socket = new Socket()) {
                // However slowly the octets come, on whatever layer: the end is the end.
                CompletableFuture<Void> done = new CompletableFuture<>();
                done.orTimeout(left, TimeUnit.MILLISECONDS).whenComplete((_, timeOver) -> {
                    if (timeOver != null) {
                        close(socket);
                    }
                });
                try {
                    socket.connect(new InetSocketAddress(address, question.port()), (int) Math.min(left, CONNECT_MILLIS));
                    return exchange(question, socket);
                } finally {
                    if (!done.complete(null)) {
                        return failed(late);
                    }
                }
            } catch (IOException unreachable) {
                detail = question.host() + " " + address.getHostAddress() + ": " + unreachable.getMessage();
            }
        }
        return failed(detail);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // It is closed, which was the purpose.
        }
    }

    private Answer exchange(Question question, Socket socket) throws IOException {
        try (SSLSocket tls = secured(question, socket)) {
            TlsRequirement named = new TlsRequirement(TlsRequirement.Encryption.ALWAYS, List.of(new TlsCheck.Pkix(List.of(question.host().name()), trust)), List.of());
            if (checks.check(named, chain(tls)).enforced().getFirst() instanceof CheckResult.Failed(_, var why, String detail)) {
                return new Answer.Failed(why.words() + ": " + detail, true);
            }
            tls.getOutputStream().write(question.request());
            tls.getOutputStream().flush();
            return new Answer.Replied(HttpReply.read(new BufferedInputStream(tls.getInputStream()), question.mostBody()));
        } catch (HttpReply.Refused broken) {
            return failed(question.host() + ": " + broken.getMessage());
        }
    }

    /// Takes every chain on purpose: [PeerChecks] judges it once the handshake has ended, and says why.
    private static SSLSocket secured(Question question, Socket socket) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, question.host().name(), question.port(), true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(question.host().name())));
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            return tls;
        } catch (IllegalArgumentException noHostName) {
            throw new SSLException(question.host() + " is no name for SNI", noHostName);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a JDK without TLS", impossible);
        }
    }

    private static List<X509Certificate> chain(SSLSocket tls) throws IOException {
        Certificate[] shown = tls.getSession().getPeerCertificates();
        return Stream.of(shown).map(X509Certificate.class::cast).toList();
    }
}
