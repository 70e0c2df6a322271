package org.mailrelay.app.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.event.SystemEvent.DnssecTried.Dnssec;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.dns.TlsaFinder;
import org.mailrelay.net.dns.ValidationWatch;
import org.mailrelay.net.sts.PublishedFinder;
import org.mailrelay.net.sts.StsFetcher;
import org.mailrelay.net.sts.StsPolicies;
import org.mailrelay.net.web.WebHosts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// DANE and MTA-STS of the running relay: what looks them up, and the job that tries DNSSEC hourly and keeps policies fresh.
final class PolicyLookups implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyLookups.class);
    private static final Duration ROUND = Duration.ofMinutes(10);
    private static final int ROUNDS_TO_A_TRIAL = 6;

    private final ValidationWatch watch;
    private final StsPolicies policies;
    private final PublishedFinder finder;
    private final PolicyDoubts doubts;
    private final EventSink events;
    private final InstantSource clock;
    private final CountDownLatch closed = new CountDownLatch(1);

    /// @throws IOException when the folder of policies cannot be read
    PolicyLookups(Settings settings, WebHosts web, MailResolver resolver, PolicyDoubts doubts, EventSink events, InstantSource clock) throws IOException {
        RelaySettings relay = settings.relay();
        Path folder = relay.spool().directory().resolve("policies");
        this.doubts = doubts;
        this.events = events;
        this.clock = clock;
        this.watch = new ValidationWatch(resolver, relay.dns().validation(), folder.resolve("dnssec-has-worked"));
        this.policies = StsPolicies.open(folder, resolver, new StsFetcher(web), clock);
        this.finder = new PublishedFinder(new TlsaFinder(resolver), policies, new Telling());
        Thread.ofVirtual().name("policy-upkeep").start(this::upkeep);
    }

    PublishedFinder finder() {
        return finder;
    }

    /// Of the last trial of DNSSEC.
    ValidationWatch.Report validation() {
        return watch.last();
    }

    /// How many MTA-STS policies are kept.
    int policies() {
        return policies.size();
    }

    private void upkeep() {
        ValidationWatch.State before = ValidationWatch.State.NOT_TRIED;
        try {
            for (long round = 0; ; round++) {
                before = round(round % ROUNDS_TO_A_TRIAL == 0, before);
                if (closed.await(ROUND.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// A bug, or a disk that takes no file, costs this round and none after it.
    private ValidationWatch.State round(boolean trial, ValidationWatch.State before) {
        ValidationWatch.State state = before;
        try {
            if (trial) {
                state = tryDnssec(before);
            }
            policies.refresh();
        } catch (RuntimeException failed) {
            LOG.warn("the upkeep of policies did not come to its end", failed);
        }
        return state;
    }

    /// That it works is told when that is new; that it does not, every time.
    private ValidationWatch.State tryDnssec(ValidationWatch.State before) {
        ValidationWatch.Report report = watch.look();
        switch (report.state()) {
            case NOT_TRIED, OFF -> { }
            case WORKING -> {
                if (before != ValidationWatch.State.WORKING) {
                    tell(Dnssec.WORKING, report);
                }
            }
            case BROKEN_DEFERRING -> tell(Dnssec.BROKEN_DEFERRING, report);
            case BROKEN_IGNORED -> tell(Dnssec.BROKEN_IGNORED, report);
        }
        return report.state();
    }

    private void tell(Dnssec outcome, ValidationWatch.Report report) {
        events.on(new SystemEvent.DnssecTried(clock.instant(), outcome, report.detail()));
    }

    /// Turns what was found into facts.
    private final class Telling implements PublishedFinder.Listener {

        @Override
        public boolean doubts(Domain nextHop) {
            return doubts.settle(nextHop);
        }

        @Override
        public void dane(Domain nextHop, Domain host, TlsaLookup found) {
            events.on(switch (found) {
                case TlsaLookup.Usable(var records, var base, _) -> dane(host, SystemEvent.DaneLookedUp.Result.USABLE, records.size() + (records.size() == 1 ? " record of " : " records of ") + base);
                case TlsaLookup.AllUnusable(var base) -> dane(host, SystemEvent.DaneLookedUp.Result.UNUSABLE, "no record of " + base + " can be used");
                case TlsaLookup.None _ -> dane(host, SystemEvent.DaneLookedUp.Result.NONE, "for " + nextHop);
                case TlsaLookup.Failed(String detail) -> dane(host, SystemEvent.DaneLookedUp.Result.FAILED, detail);
            });
        }

        private SystemEvent dane(Domain host, SystemEvent.DaneLookedUp.Result result, String detail) {
            return new SystemEvent.DaneLookedUp(clock.instant(), host, result, detail);
        }

        @Override
        public void sts(Domain nextHop, StsLookup found) {
            switch (found) {
                case StsLookup.NotAsked _ -> { }
                case StsLookup.NoPolicy _ -> sts(nextHop, SystemEvent.StsLookedUp.Result.NONE, "no policy");
                case StsLookup.InForce(var policy, var fetched) -> sts(nextHop, switch (policy.mode()) {
                    case ENFORCE -> SystemEvent.StsLookedUp.Result.ENFORCE;
                    case TESTING -> SystemEvent.StsLookedUp.Result.TESTING;
                    case NONE -> SystemEvent.StsLookedUp.Result.NONE;
                }, "id " + policy.id() + ", fetched " + fetched);
                case StsLookup.FetchFailed(String detail, boolean untrusted) ->
                        sts(nextHop, untrusted ? SystemEvent.StsLookedUp.Result.UNTRUSTED : SystemEvent.StsLookedUp.Result.FETCH_FAILED, detail);
                case StsLookup.Broken(int line, String text, String problem) ->
                        sts(nextHop, SystemEvent.StsLookedUp.Result.BROKEN, line == 0 ? problem : "line " + line + ": '" + text + "': " + problem);
            }
        }

        private void sts(Domain domain, SystemEvent.StsLookedUp.Result result, String detail) {
            events.on(new SystemEvent.StsLookedUp(clock.instant(), domain, result, detail));
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
