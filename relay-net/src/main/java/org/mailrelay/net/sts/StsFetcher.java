package org.mailrelay.net.sts;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressLookup;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.smtp.Ascii;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.Trust;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.tls.PeerChecks;

/// Fetches one policy (RFC 8461 §3.3): GET, a trusted certificate that names the policy host, status 200, `text/plain`, no
/// redirect, within a minute and 64 KiB. The policy host is looked up by our own resolver and held to `refuse_addresses`, as a
/// mail host is: a stranger's DNS must not send us to our own network. Blocks; may be shared.
public final class StsFetcher {

    static final int MOST_OCTETS = 64 << 10;

    /// @param port    443
    /// @param limit   for all of it
    /// @param trust   who may vouch for policy hosts
    public record Terms(int port, Duration limit, Trust trust, AddressRules addresses) {
        public static Terms of(Trust trust, AddressRules addresses) {
            return new Terms(443, Duration.ofMinutes(1), trust, addresses);
        }
    }

    /// What came of it.
    public sealed interface Fetched {
        record Policy(byte[] text) implements Fetched {}

        /// @param untrusted the certificate is the reason
        record Failed(String detail, boolean untrusted) implements Fetched {}
    }

    private final MailResolver resolver;
    private final PeerChecks checks;
    private final Terms terms;

    public StsFetcher(MailResolver resolver, PeerChecks checks, Terms terms) {
        this.resolver = resolver;
        this.checks = checks;
        this.terms = terms;
    }

    Fetched fetch(Domain domain) {
        if (domain.name().length() + "mta-sts.".length() > Domain.MAX_LENGTH) {
            return new Fetched.Failed("the policy host's name would be too long", false);
        }
        Domain host = new Domain("mta-sts." + domain.name());
        return switch (resolver.addresses(host)) {
            case AddressLookup.Found(var found, _) -> fetch(host, found);
            case AddressLookup.NoAddress _ -> new Fetched.Failed(host + " has no address", false);
            case AddressLookup.NxDomain _ -> new Fetched.Failed(host + " does not exist", false);
            case AddressLookup.Failed(var why) -> new Fetched.Failed(host + " DNS " + why.words(), false);
        };
    }

    /// The next address only where one cannot be reached.
    private Fetched fetch(Domain host, List<InetAddress> found) {
        List<InetAddress> allowed = found.stream().filter(address -> terms.addresses().judge(address, terms.port(), false) instanceof AddressRules.Verdict.Allowed).limit(4).toList();
        if (allowed.isEmpty()) {
            return new Fetched.Failed(host + " has refused addresses only", false);
        }
        long until = System.nanoTime() + terms.limit().toNanos();
        String detail = "";
        for (InetAddress address : allowed) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                break;
            }
            try (Socket socket = new Socket()) {
                // However slowly the octets come, on whatever layer: the end is the end.
                CompletableFuture<Void> done = new CompletableFuture<>();
                done.orTimeout(left, TimeUnit.MILLISECONDS).whenComplete((_, late) -> {
                    if (late != null) {
                        close(socket);
                    }
                });
                try {
                    socket.connect(new InetSocketAddress(address, terms.port()), (int) Math.min(left, 15_000));
                    return get(host, socket);
                } finally {
                    if (!done.complete(null)) {
                        return new Fetched.Failed("no policy within " + terms.limit().toSeconds() + " s", false);
                    }
                }
            } catch (IOException unreachable) {
                detail = host + " " + address.getHostAddress() + ": " + unreachable.getMessage();
            }
        }
        return new Fetched.Failed(detail.isEmpty() ? "no policy within " + terms.limit().toSeconds() + " s" : detail, false);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // It is closed, which was the purpose.
        }
    }

    private Fetched get(Domain host, Socket socket) throws IOException {
        try (SSLSocket tls = secured(host, socket)) {
            TlsRequirement named = new TlsRequirement(TlsRequirement.Encryption.ALWAYS, List.of(new TlsCheck.Pkix(List.of(host.name()), terms.trust())), List.of());
            if (checks.check(named, chain(tls)).enforced().getFirst() instanceof CheckResult.Failed(_, var why, String detail)) {
                return new Fetched.Failed(why.words() + ": " + detail, true);
            }
            tls.getOutputStream().write(("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: mailrelay\r\nAccept: text/plain\r\n"
                    + "Accept-Encoding: identity\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            tls.getOutputStream().flush();
            return judge(HttpReply.read(new BufferedInputStream(tls.getInputStream()), MOST_OCTETS));
        } catch (HttpReply.Refused broken) {
            return new Fetched.Failed("policy host: " + broken.getMessage(), false);
        }
    }

    private static Fetched judge(HttpReply reply) {
        if (reply.status() != 200) {
            return new Fetched.Failed("HTTP status " + reply.status(), false);
        }
        String type = reply.fields().getOrDefault("content-type", "none");
        int end = type.indexOf(';');
        if (!Ascii.equals((end < 0 ? type : type.substring(0, end)).strip(), "TEXT/PLAIN")) {
            return new Fetched.Failed("content type " + type + ", expected text/plain", false);
        }
        String coding = reply.fields().getOrDefault("content-encoding", "identity");
        return Ascii.equals(coding, "IDENTITY") ? new Fetched.Policy(reply.body()) : new Fetched.Failed("content coding " + coding, false);
    }

    /// Takes every chain on purpose: [PeerChecks] judges it once the handshake has ended, and says why.
    private SSLSocket secured(Domain host, Socket socket) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, host.name(), terms.port(), true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host.name())));
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            return tls;
        } catch (IllegalArgumentException noHostName) {
            throw new SSLException(host + " is no name for SNI", noHostName);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a JDK without TLS", impossible);
        }
    }

    private static List<X509Certificate> chain(SSLSocket tls) throws IOException {
        Certificate[] shown = tls.getSession().getPeerCertificates();
        return Stream.of(shown).map(X509Certificate.class::cast).toList();
    }
}
