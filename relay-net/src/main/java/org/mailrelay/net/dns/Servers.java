package org.mailrelay.net.dns;

import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.mailrelay.core.route.DnsFailure;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.WireParseException;

/// The servers, asked in turn; the next only where one gave no usable answer. UDP first; the library repeats a truncated
/// answer over TCP (RFC 7766 §5) and discards answers that do not match the question.
///
/// An answer is NOERROR or NXDOMAIN. All else ends the future with a [ServerFailure]; the last server's is told.
final class Servers implements Resolver {

    private final List<SimpleResolver> servers;
    private final Duration timeout;

    /// @param addresses empty: those of the system
    /// @param timeout   for the answer of one server
    Servers(List<InetSocketAddress> addresses, Duration timeout) {
        List<InetSocketAddress> asked = addresses.isEmpty() ? ResolverConfig.getCurrentConfig().servers() : addresses;
        this.servers = asked.stream().map(SimpleResolver::new).toList();
        this.timeout = timeout;
        this.servers.forEach(server -> server.setTimeout(timeout));
    }

    /// After which no server can have anything left to say to one question.
    Duration patience() {
        return timeout.multipliedBy(2L * servers.size()).plusSeconds(1);
    }

    /// @param executor a [Work], which bounds what is asked
    @Override
    public CompletionStage<Message> sendAsync(Message query, Executor executor) {
        if (!(executor instanceof Work work)) {
            throw new IllegalArgumentException("a question without bounds: " + query.getQuestion());
        }
        return work.mayAsk() ? ask(query, 0, work) : failed(DnsFailure.TOO_COSTLY, work);
    }

    private CompletionStage<Message> ask(Message query, int server, Work work) {
        if (server == servers.size()) {
            return failed(DnsFailure.NETWORK, work);
        }
        return servers.get(server).sendAsync(query, work).handle(Servers::reply).thenCompose(reply -> switch (reply) {
            case Reply.Usable(var message) when work.accepts(message) -> CompletableFuture.completedFuture(message);
            case Reply.Usable _ -> failed(DnsFailure.TOO_COSTLY, work);
            case Reply.Useless _ when server + 1 < servers.size() -> ask(query, server + 1, work);
            case Reply.Useless(var why) -> failed(why, work);
        });
    }

    private static CompletionStage<Message> failed(DnsFailure why, Work work) {
        work.failed(why);
        return CompletableFuture.failedFuture(new ServerFailure(why));
    }

    private sealed interface Reply {
        record Usable(Message message) implements Reply {}

        record Useless(DnsFailure why) implements Reply {}
    }

    private static Reply reply(Message message, Throwable failure) {
        if (failure != null) {
            return new Reply.Useless(causeOf(failure));
        }
        return switch (message.getRcode()) {
            case Rcode.NOERROR, Rcode.NXDOMAIN -> new Reply.Usable(message);
            case Rcode.REFUSED -> new Reply.Useless(DnsFailure.REFUSED);
            default -> new Reply.Useless(DnsFailure.SERVFAIL);
        };
    }

    static DnsFailure causeOf(Throwable failure) {
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 8; cause = cause.getCause()) {
            depth++;
            switch (cause) {
                case ServerFailure ours -> {
                    return ours.why();
                }
                case TimeoutException _, SocketTimeoutException _ -> {
                    return DnsFailure.TIMEOUT;
                }
                case WireParseException _ -> {
                    return DnsFailure.MALFORMED;
                }
                default -> { }
            }
        }
        return DnsFailure.NETWORK;
    }

    @Override
    public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {
        servers.forEach(server -> server.setEDNS(version, payloadSize, flags, options));
    }

    @Override
    public void setIgnoreTruncation(boolean flag) {
        servers.forEach(server -> server.setIgnoreTruncation(flag));
    }

    @Override
    public void setPort(int port) {
        throw new UnsupportedOperationException("the servers' ports are those of the settings");
    }

    @Override
    public void setTCP(boolean flag) {
        servers.forEach(server -> server.setTCP(flag));
    }

    @Override
    public void setTSIGKey(TSIG key) {
        servers.forEach(server -> server.setTSIGKey(key));
    }

    @Override
    public void setTimeout(Duration limit) {
        servers.forEach(server -> server.setTimeout(limit));
    }

    @Override
    public Duration getTimeout() {
        return timeout;
    }
}
