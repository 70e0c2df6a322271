package org.mailrelay.net.sts;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.Ascii;
import org.mailrelay.net.web.HttpReply;
import org.mailrelay.net.web.WebHosts;

/// Fetches one policy (RFC 8461 §3.3): GET, a trusted certificate that names the policy host, status 200, `text/plain`, no
/// redirect, within a minute and 64 KiB. Blocks; may be shared.
public final class StsFetcher {

    static final int MOST_OCTETS = 64 << 10;
    private static final int HTTPS = 443;
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /// What came of it.
    public sealed interface Fetched {
        record Policy(byte[] text) implements Fetched {}

        /// @param untrusted the certificate is the reason
        record Failed(String detail, boolean untrusted) implements Fetched {}
    }

    private final WebHosts hosts;
    private final int port;
    private final Duration limit;

    public StsFetcher(WebHosts hosts) {
        this(hosts, HTTPS, LIMIT);
    }

    /// @param limit for all of one fetch
    StsFetcher(WebHosts hosts, int port, Duration limit) {
        this.hosts = hosts;
        this.port = port;
        this.limit = limit;
    }

    Fetched fetch(Domain domain) {
        if (domain.name().length() + "mta-sts.".length() > Domain.MAX_LENGTH) {
            return new Fetched.Failed("the policy host's name would be too long", false);
        }
        Domain host = new Domain("mta-sts." + domain.name());
        byte[] request = ("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: mailrelay\r\nAccept: text/plain\r\n"
                + "Accept-Encoding: identity\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        return switch (hosts.ask(new WebHosts.Question(host, port, request, MOST_OCTETS, limit))) {
            case WebHosts.Answer.Failed(String detail, boolean untrusted) -> new Fetched.Failed(detail, untrusted);
            case WebHosts.Answer.Replied(HttpReply reply) -> judge(reply);
        };
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
}
