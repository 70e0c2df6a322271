package org.mailrelay.net.sts;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.StsPolicyParser;
import org.mailrelay.core.tls.StsRecord;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.dns.TextLookup;

/// The policies of domains (RFC 8461 §3), by domain and never by mail host, so that one domain's bad policy stops no other's mail.
///
/// A policy holds for its `max_age` from the last fetch, whatever TXT records and policy hosts do meanwhile. It is fetched anew when
/// the TXT record's id changes, when a mail host does not fit it ([#again]), and in the background long before its end ([#refresh]).
/// A fetch that fails is not repeated for five minutes. Blocks; may be shared.
public final class StsPolicies {

    private static final int MOST = 10_000;
    /// Octets of memory, about, that all policies together may take.
    static final long MOST_OCTETS = 16 << 20;
    private static final Duration PAUSE = Duration.ofMinutes(5);
    private static final Duration REFRESH_AFTER = Duration.ofDays(1);
    private static final int MOST_IN_ONE_REFRESH = 500;

    private final MailResolver resolver;
    private final StsFetcher fetcher;
    private final StsFiles files;
    private final InstantSource time;
    /// In the order of their last use.
    private final Map<Domain, StsFiles.Kept> kept = new LinkedHashMap<>(64, 0.75f, true);
    /// Octets of memory, about.
    private long octets;
    private final Map<Domain, Failure> failures = new LinkedHashMap<>();
    private final ConcurrentHashMap<Domain, CompletableFuture<StsLookup>> underWay = new ConcurrentHashMap<>();

    private record Failure(String id, StsLookup result, Instant until) {}

    /// @param folder where policies outlive a restart; made where there is none
    /// @throws IOException when it cannot be read
    public static StsPolicies open(Path folder, MailResolver resolver, StsFetcher fetcher, InstantSource time) throws IOException {
        return read(StsFiles.in(folder), resolver, fetcher, time);
    }

    /// The same with the folder of a running relay, which is not changed.
    ///
    /// @throws IOException when it cannot be read
    public static StsPolicies beside(Path folder, MailResolver resolver, StsFetcher fetcher, InstantSource time) throws IOException {
        return read(StsFiles.ofAnother(folder), resolver, fetcher, time);
    }

    private static StsPolicies read(StsFiles files, MailResolver resolver, StsFetcher fetcher, InstantSource time) throws IOException {
        StsPolicies policies = new StsPolicies(files, resolver, fetcher, time);
        Instant now = time.instant();
        for (StsFiles.Kept one : policies.files.readAll()) {
            if (one.holds(now)) {
                policies.takeUp(one);
            } else {
                policies.files.delete(one.policy().domain());
            }
        }
        return policies;
    }

    private StsPolicies(StsFiles files, MailResolver resolver, StsFetcher fetcher, InstantSource time) {
        this.files = files;
        this.resolver = resolver;
        this.fetcher = fetcher;
        this.time = time;
    }

    /// What binds mail to `domain` now.
    public StsLookup lookUp(Domain domain) {
        Optional<StsFiles.Kept> cached = cached(domain);
        return switch (record(domain)) {
            case StsRecord.NotPublished _ -> cached.map(StsPolicies::inForce).orElseGet(StsLookup.NoPolicy::new);
            case StsRecord.Published(String id) when cached.isPresent() && cached.get().policy().id().equals(id) -> inForce(cached.get());
            case StsRecord.Published(String id) -> fetched(domain, id, cached);
        };
    }

    /// A mail host does not fit the policy, which may be outdated: fetched anew before anything is put off on its account (RFC 8461
    /// §5.1), unless that was just done.
    public StsLookup again(Domain domain) {
        Optional<StsFiles.Kept> cached = cached(domain);
        if (cached.isEmpty() || cached.get().isFresh(time.instant(), PAUSE)) {
            return cached.map(StsPolicies::inForce).orElseGet(() -> lookUp(domain));
        }
        String id = record(domain) instanceof StsRecord.Published(String current) ? current : cached.get().policy().id();
        return fetched(domain, id, cached);
    }

    /// Fetches anew what was fetched a day ago, or half its life; drops what has ended. To be called now and then.
    public void refresh() {
        Instant now = time.instant();
        List<StsFiles.Kept> all = all();
        all.stream().filter(one -> !one.holds(now)).forEach(one -> forget(one.policy().domain()));
        all.stream().filter(one -> one.holds(now) && isOld(one, now)).limit(MOST_IN_ONE_REFRESH).forEach(one -> {
            String id = record(one.policy().domain()) instanceof StsRecord.Published(String current) ? current : one.policy().id();
            fetched(one.policy().domain(), id, Optional.of(one));
        });
    }

    private static boolean isOld(StsFiles.Kept one, Instant now) {
        Duration half = one.policy().maxAge().dividedBy(2);
        return !one.isFresh(now, half.compareTo(REFRESH_AFTER) < 0 ? half : REFRESH_AFTER);
    }

    /// How many are kept.
    public int size() {
        return all().size();
    }

    private synchronized List<StsFiles.Kept> all() {
        return List.copyOf(kept.values());
    }

    private StsRecord record(Domain domain) {
        Optional<Domain> name = Domain.parse("_mta-sts." + domain.name());
        if (name.isEmpty()) {
            return new StsRecord.NotPublished("the name would be too long");
        }
        return switch (resolver.texts(name.get())) {
            case TextLookup.Found(var texts) -> StsRecord.read(texts);
            case TextLookup.Failed(var why) -> new StsRecord.NotPublished("DNS " + why.words());
        };
    }

    /// RFC 8461 §5: mode `none` is as if there were none, and is kept all the same.
    private static StsLookup inForce(StsFiles.Kept one) {
        return one.policy().mode() == StsPolicy.Mode.NONE ? new StsLookup.NoPolicy() : new StsLookup.InForce(one.policy(), one.fetched());
    }

    private synchronized Optional<StsFiles.Kept> cached(Domain domain) {
        return Optional.ofNullable(kept.get(domain)).filter(one -> one.holds(time.instant()));
    }

    /// One fetch a domain at a time; whoever comes meanwhile takes its result.
    private StsLookup fetched(Domain domain, String id, Optional<StsFiles.Kept> cached) {
        Optional<StsLookup> failure = recentFailure(domain, id);
        if (failure.isPresent()) {
            return cached.map(StsPolicies::inForce).orElse(failure.get());
        }
        CompletableFuture<StsLookup> mine = new CompletableFuture<>();
        CompletableFuture<StsLookup> other = underWay.putIfAbsent(domain, mine);
        if (other != null) {
            return other.join();
        }
        StsLookup result = new StsLookup.FetchFailed("our own mistake", false);
        try {
            result = fetch(domain, id, cached);
            return result;
        } finally {
            underWay.remove(domain);
            mine.complete(result);
        }
    }

    private StsLookup fetch(Domain domain, String id, Optional<StsFiles.Kept> cached) {
        StsLookup failed = switch (fetcher.fetch(domain)) {
            case StsFetcher.Fetched.Failed(String detail, boolean untrusted) -> new StsLookup.FetchFailed(detail, untrusted);
            case StsFetcher.Fetched.Policy(byte[] text) -> switch (StsPolicyParser.parse(domain, id, text)) {
                case StsPolicyParser.Result.Broken(int line, String quoted, String problem) -> new StsLookup.Broken(line, quoted, problem);
                case StsPolicyParser.Result.Read(StsPolicy policy) -> {
                    StsFiles.Kept fresh = new StsFiles.Kept(policy, time.instant());
                    remember(fresh);
                    yield inForce(fresh);
                }
            };
        };
        if (failed instanceof StsLookup.FetchFailed || failed instanceof StsLookup.Broken) {
            failed(domain, id, failed);
            return cached.map(StsPolicies::inForce).orElse(failed);
        }
        return failed;
    }

    private synchronized Optional<StsLookup> recentFailure(Domain domain, String id) {
        @Nullable Failure failure = failures.get(domain);
        return Optional.ofNullable(failure).filter(known -> known.id().equals(id) && time.instant().isBefore(known.until())).map(Failure::result);
    }

    private synchronized void failed(Domain domain, String id, StsLookup why) {
        failures.remove(domain);
        failures.put(domain, new Failure(id, why, time.instant().plus(PAUSE)));
        if (failures.size() > MOST) {
            failures.remove(failures.keySet().iterator().next());
        }
    }

    /// It stands on the disk already.
    private void takeUp(StsFiles.Kept one) {
        List<Domain> out;
        synchronized (this) {
            put(one);
            out = crowdedOut();
        }
        out.forEach(this::forget);
    }

    /// A disk that does not take it costs the next start a fetch, and nothing else.
    private void remember(StsFiles.Kept fresh) {
        List<Domain> least;
        synchronized (this) {
            failures.remove(fresh.policy().domain());
            put(fresh);
            least = crowdedOut();
        }
        least.forEach(this::forget);
        try {
            files.write(fresh);
        } catch (IOException full) {
            System.getLogger(StsPolicies.class.getName()).log(System.Logger.Level.WARNING, "the policy of " + fresh.policy().domain() + " is not on disk: " + full.getMessage());
        }
    }

    private void put(StsFiles.Kept fresh) {
        StsFiles.Kept before = kept.put(fresh.policy().domain(), fresh);
        octets += fresh.octets() - (before == null ? 0 : before.octets());
    }

    private void drop(Domain domain) {
        StsFiles.Kept dropped = kept.remove(domain);
        octets -= dropped == null ? 0 : dropped.octets();
    }

    /// Where there are too many the least used goes; where they are too large the largest: strangers with policies of thousands of hosts must not push out the
    /// small ones of others, whose next mail would be without a policy where DNS or its host is held up.
    private List<Domain> crowdedOut() {
        List<Domain> out = new ArrayList<>();
        while (kept.size() > MOST || octets > MOST_OCTETS) {
            Domain next = octets > MOST_OCTETS ? kept.values().stream().max(Comparator.comparingLong(StsFiles.Kept::octets)).orElseThrow().policy().domain()
                    : kept.keySet().iterator().next();
            drop(next);
            out.add(next);
        }
        return out;
    }

    private void forget(Domain domain) {
        synchronized (this) {
            drop(domain);
        }
        try {
            files.delete(domain);
        } catch (IOException stays) {
            System.getLogger(StsPolicies.class.getName()).log(System.Logger.Level.WARNING, "the policy of " + domain + " stays on disk: " + stays.getMessage());
        }
    }
}
