package org.mailrelay.delivery.path;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.path.Affiliation;
import org.mailrelay.core.path.Change;
import org.mailrelay.core.path.Known;
import org.mailrelay.core.path.OwnPathTerms;
import org.mailrelay.core.path.PathRules;
import org.mailrelay.core.path.PathState;
import org.mailrelay.core.path.PathVerdict;
import org.mailrelay.core.path.Showing;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.PathWatch;

/// Watches the way out of each of our addresses. Any thread; one monitor, held for a moment, under which nobody is told anything.
///
/// A showing costs a look into two maps; only a loss while others are known costs a walk over the hosts that were met within the window. What is known of hosts,
/// and which paths are in doubt, outlives a restart ([PathFile]): it is written every minute and at the end, by the thread that calls [#keep].
public final class OwnPath implements PathWatch, AutoCloseable {

    private static final PathVerdict TRUSTED = new PathVerdict.Trusted();
    private static final int HOSTS = 10_000;
    private static final int SOURCES = 64;
    private static final int MET = 2_000;
    private static final int AFFECTED = 1_000;
    private static final int EXAMPLES = 5;

    /// How the way out of one of our addresses stands.
    ///
    /// @param affected hosts
    /// @param back     those of them that are as they were
    public record Standing(String source, PathState state, int affected, int back) {}

    private record Meeting(PathRules.Met met, Instant at) {}

    /// @param plan of its last connection; empty where it has not been met since a restart
    private record Affected(Optional<ConnectionPlan> plan, boolean back) {}

    /// All about one of our addresses.
    private static final class Source {
        private final LinkedHashMap<InetSocketAddress, Meeting> met = new LinkedHashMap<>();
        private final Map<InetSocketAddress, Affected> affected = new LinkedHashMap<>();
        private PathState state = new PathState.Trusted();
        private Instant since = Instant.MIN;
        private int losses;
        private int back;

        void meet(InetSocketAddress host, Meeting meeting) {
            forget(met.remove(host));
            met.put(host, meeting);
            losses += meeting.met().change().loss() ? 1 : 0;
            if (met.size() > MET) {
                forget(met.pollFirstEntry().getValue());
            }
        }

        private void forget(@Nullable Meeting meeting) {
            losses -= meeting != null && meeting.met().change().loss() ? 1 : 0;
        }

        /// And what was met in a time to come, by a clock that has been set back since.
        void keepBetween(Instant begin, Instant now) {
            while (!met.isEmpty() && (met.firstEntry().getValue().at().isBefore(begin) || met.firstEntry().getValue().at().isAfter(now))) {
                forget(met.pollFirstEntry().getValue());
            }
        }

        void affect(InetSocketAddress host, ConnectionPlan plan, boolean isBack) {
            Affected before = affected.get(host);
            if (before == null && (isBack || affected.size() >= AFFECTED)) {
                return;
            }
            back += (isBack ? 1 : 0) - (before != null && before.back() ? 1 : 0);
            affected.put(host, new Affected(Optional.of(plan), isBack));
        }

        void restore(PathFile.Doubt doubt) {
            state = doubt.state();
            since = switch (doubt.state()) {
                case PathState.Suspected(var begin, _) -> begin;
                case PathState.GivenUp(var begin) -> begin;
                case PathState.Trusted _ -> Instant.MIN;
            };
            doubt.affected().forEach((host, isBack) -> affected.put(host, new Affected(Optional.empty(), isBack)));
            back = (int) doubt.affected().values().stream().filter(isBack -> isBack).count();
        }

        void clear() {
            met.clear();
            affected.clear();
            losses = 0;
            back = 0;
        }
    }

    private final Supplier<OwnPathTerms> terms;
    private final EventSink events;
    private final InstantSource clock;
    private final Runnable changed;
    private final LinkedHashMap<InetSocketAddress, Known> known = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<InetAddress, Source> sources = new LinkedHashMap<>();
    private final PathFile file;
    private boolean unkept;

    /// @param memory  a file; need not exist
    /// @param events  is told of alarms
    /// @param changed run when what waits for the path may go on
    public OwnPath(Path memory, Supplier<OwnPathTerms> terms, EventSink events, InstantSource clock, Runnable changed) {
        this.file = new PathFile(memory);
        this.terms = terms;
        this.events = events;
        this.clock = clock;
        this.changed = changed;
        PathFile.Kept kept = file.read();
        Instant oldest = clock.instant().minus(Known.COUNTS);
        kept.hosts().entrySet().stream().filter(host -> host.getValue().seen().isAfter(oldest)).skip(Math.max(0, kept.hosts().size() - HOSTS))
                .forEach(host -> known.put(host.getKey(), host.getValue()));
        kept.doubted().entrySet().stream().limit(SOURCES).forEach(doubt -> {
            Source source = new Source();
            source.restore(doubt.getValue());
            sources.put(doubt.getKey(), source);
        });
    }

    /// Writes what is known, where it is not what was written last. Blocks; a disk that does not take it costs what is kept over a restart, and nothing else.
    public void keep() {
        Optional<PathFile.Kept> news = news();
        if (news.isPresent()) {
            try {
                file.write(news.get());
            } catch (IOException full) {
                System.getLogger(OwnPath.class.getName()).log(System.Logger.Level.WARNING, "what hosts show of TLS is not on disk: " + full.getMessage());
            }
        }
    }

    private synchronized Optional<PathFile.Kept> news() {
        if (!unkept) {
            return Optional.empty();
        }
        unkept = false;
        Instant oldest = clock.instant().minus(Known.COUNTS);
        known.values().removeIf(host -> !host.seen().isAfter(oldest));
        Map<InetAddress, PathFile.Doubt> doubted = new LinkedHashMap<>();
        sources.forEach((address, source) -> {
            if (!(source.state instanceof PathState.Trusted)) {
                Map<InetSocketAddress, Boolean> affected = new LinkedHashMap<>();
                source.affected.forEach((host, how) -> affected.put(host, how.back()));
                doubted.put(address, new PathFile.Doubt(source.state, affected));
            }
        });
        return Optional.of(new PathFile.Kept(new LinkedHashMap<>(known), doubted));
    }

    @Override
    public void close() {
        keep();
    }

    @Override
    public PathVerdict seen(ConnectionPlan plan, InetAddress source, Showing showing) {
        OwnPathTerms now = terms.get();
        if (!now.on()) {
            return TRUSTED;
        }
        List<SystemEvent> told = new ArrayList<>(1);
        PathVerdict verdict = judge(plan, source, showing, now, told);
        tell(told);
        return verdict;
    }

    /// Lets time do its part where no host is met. Called every minute.
    public void look() {
        List<SystemEvent> told = new ArrayList<>(1);
        synchronized (this) {
            sources.forEach((address, source) -> turn(address, source, terms.get(), clock.instant(), told));
        }
        tell(told);
    }

    private void tell(List<SystemEvent> told) {
        told.forEach(events::on);
        if (told.stream().anyMatch(event -> !(event instanceof SystemEvent.OwnPathSuspected))) {
            changed.run();
        }
    }

    private synchronized PathVerdict judge(ConnectionPlan plan, InetAddress address, Showing showing, OwnPathTerms terms, List<SystemEvent> told) {
        Instant now = clock.instant();
        InetSocketAddress host = plan.key().peer();
        if (!sources.containsKey(address) && sources.size() >= SOURCES) {
            return TRUSTED;
        }
        Source source = sources.computeIfAbsent(address, _ -> new Source());
        Optional<Known> before = Optional.ofNullable(known.get(host));
        Change change = Known.change(before, showing, now);
        if (!(showing instanceof Showing.Untried)) {
            met(source, plan, change, now);
        }
        boolean suspected = source.state instanceof PathState.Suspected;
        Known.after(before, showing, now, terms.window(), suspected).ifPresent(after -> known.put(host, after));
        unkept = true;
        if (known.size() > HOSTS) {
            known.pollFirstEntry();
        }
        source.keepBetween(now.minus(terms.window()), now);
        turn(address, source, terms, now, told);
        return PathRules.inDoubt(source.state, change, showing) ? new PathVerdict.Suspected("since " + source.since + " from " + address.getHostAddress()) : TRUSTED;
    }

    private static void met(Source source, ConnectionPlan plan, Change change, Instant now) {
        InetSocketAddress host = plan.key().peer();
        source.meet(host, new Meeting(new PathRules.Met(Affiliation.of(plan.key().host(), host.getAddress()), change), now));
        if (change.loss()) {
            source.affect(host, plan, false);
        } else if (source.state instanceof PathState.Trusted) {
            source.affected.remove(host);
        } else if (source.affected.containsKey(host)) {
            source.affect(host, plan, change == Change.SAME);
        }
    }

    private static PathRules.Weight weight(Source source, OwnPathTerms terms) {
        boolean calm = source.losses < terms.hosts() || !(source.state instanceof PathState.Trusted);
        return calm ? new PathRules.Weight(0, 0) : PathRules.weigh(source.met.values().stream().map(Meeting::met).toList());
    }

    private void turn(InetAddress address, Source source, OwnPathTerms terms, Instant now, List<SystemEvent> told) {
        PathRules.Weight weight = weight(source, terms);
        PathRules.Evidence evidence = new PathRules.Evidence(weight, source.affected.size(), source.back);
        PathState before = source.state;
        source.state = PathRules.next(before, terms, evidence, now);
        unkept |= !source.state.equals(before);
        boolean wasTrusted = before instanceof PathState.Trusted;
        switch (source.state) {
            case PathState.Trusted _ when wasTrusted -> source.affected.keySet().retainAll(source.met.keySet());
            case PathState.Trusted _ -> {
                told.add(new SystemEvent.OwnPathTrusted(now, address.getHostAddress(), Duration.between(source.since, now), PathRules.recovered(evidence)));
                source.clear();
            }
            case PathState.Suspected(_, var until) when wasTrusted -> told.add(suspected(address, source, weight, now, until));
            case PathState.GivenUp _ when wasTrusted -> told.add(suspected(address, source, weight, now, now));
            case PathState.GivenUp(var since) when before instanceof PathState.Suspected -> told.add(new SystemEvent.OwnPathGivenUp(now, address.getHostAddress(), since));
            case PathState.Suspected _, PathState.GivenUp _ -> { }
        }
    }

    private static SystemEvent suspected(InetAddress address, Source source, PathRules.Weight weight, Instant now, Instant until) {
        source.since = now;
        List<String> examples = source.affected.values().stream().filter(host -> !host.back()).flatMap(host -> host.plan().stream()).limit(EXAMPLES).map(ConnectionPlan::hostName).toList();
        return new SystemEvent.OwnPathSuspected(now, address.getHostAddress(), weight.lost(), weight.of(), examples, until);
    }

    /// Our addresses whose path is in doubt.
    public synchronized List<Standing> doubtful() {
        List<Standing> all = new ArrayList<>();
        sources.forEach((address, source) -> {
            if (!(source.state instanceof PathState.Trusted)) {
                all.add(new Standing(address.getHostAddress(), source.state, source.affected.size(), source.back));
            }
        });
        return all;
    }

    /// Some of the hosts that tell whether the path is better, those that were not asked for longest first.
    synchronized List<ConnectionPlan> telling(int most) {
        List<ConnectionPlan> plans = new ArrayList<>();
        for (Source source : sources.values()) {
            if (source.state instanceof PathState.Trusted) {
                continue;
            }
            List<Map.Entry<InetSocketAddress, Affected>> some = source.affected.entrySet().stream().filter(host -> !host.getValue().back() && host.getValue().plan().isPresent()).limit(most - plans.size()).map(Map.Entry::copyOf).toList();
            some.forEach(host -> {
                plans.add(host.getValue().plan().orElseThrow());
                source.affected.remove(host.getKey());
                source.affected.put(host.getKey(), host.getValue());
            });
        }
        return plans;
    }
}
