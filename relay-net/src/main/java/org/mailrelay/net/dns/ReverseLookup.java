package org.mailrelay.net.dns;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressLookup;
import org.mailrelay.core.route.DnsFailure;

/// Finds a peer's name and proves it: the name must lead back to the address (RFC 8601 §3, "iprev").
public final class ReverseLookup {

    /// Of one peer's names; more are a trick.
    private static final int MAX_NAMES = 5;

    private final MailResolver resolver;
    private final Executor virtualThreads;
    private final Duration limit;

    /// @param limit after which the peer counts as [DnsFailure#TIMEOUT]
    public ReverseLookup(MailResolver resolver, Executor virtualThreads, Duration limit) {
        this.resolver = resolver;
        this.virtualThreads = virtualThreads;
        this.limit = limit;
    }

    /// Never blocks. The future ends on another thread, and never with an exception of DNS.
    public CompletableFuture<ReverseName> verify(InetAddress address) {
        return CompletableFuture.supplyAsync(() -> lookUp(address), virtualThreads)
                .completeOnTimeout(new ReverseName.Failed(DnsFailure.TIMEOUT), limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private ReverseName lookUp(InetAddress address) {
        return switch (resolver.pointers(address)) {
            case PointerLookup.Failed(var why) -> new ReverseName.Failed(why);
            case PointerLookup.Found(var names) when names.isEmpty() -> new ReverseName.Nameless();
            case PointerLookup.Found(var names) -> firstThatLeadsBack(names, address);
        };
    }

    private ReverseName firstThatLeadsBack(List<Domain> names, InetAddress address) {
        return names.stream().limit(MAX_NAMES).filter(name -> leadsBack(name, address)).findFirst()
                .map(name -> new ReverseName.Named(name, true))
                .orElseGet(() -> new ReverseName.Named(names.getFirst(), false));
    }

    private boolean leadsBack(Domain name, InetAddress address) {
        return resolver.addresses(name) instanceof AddressLookup.Found(var addresses, _) && addresses.contains(address);
    }
}
