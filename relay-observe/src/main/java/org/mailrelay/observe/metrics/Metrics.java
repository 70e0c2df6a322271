package org.mailrelay.observe.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.queue.SpoolStatus;

/// Counts events, and shows them as Prometheus reads them. Any thread.
public final class Metrics implements EventSink, AutoCloseable {

    private static final StageTimes.Stage[] STAGES = StageTimes.Stage.values();

    private final Meters meters = new Meters();
    private final DestinationNames destinations;
    private final Counter received = meters.counter(MetricNames.MESSAGES_RECEIVED);
    private final Counter recipients = meters.counter(MetricNames.RECIPIENTS_RECEIVED);
    private final Counter signed = meters.counter(MetricNames.DKIM_MESSAGES, "signed");
    private final Timer signingTime = meters.timer(MetricNames.DKIM_SIGNING_SECONDS, "", 1, 2, 5, 10, 50, 200, 1_000);
    private final Counter bytesIn = meters.counter(MetricNames.BYTES_IN);
    private final Counter bytesOut = meters.counter(MetricNames.BYTES_OUT);
    private final Counter done = meters.counter(MetricNames.MESSAGES_FINISHED, "done");
    private final Counter aborted = meters.counter(MetricNames.MESSAGES_FINISHED, "aborted");
    private final Timer deliveryTime = meters.timer(MetricNames.DELIVERY_SECONDS, "", 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000);
    private final Timer outboundHandshakes = handshakes("outbound");
    private final Timer inboundHandshakes = handshakes("inbound");
    private final Timer syncTime = meters.timer(MetricNames.SPOOL_SYNC_SECONDS, "", 1, 2, 5, 10, 20, 50, 200, 1_000);
    private final DistributionSummary groupSize = meters.sizes(MetricNames.SPOOL_GROUP_SIZE, 1, 3, 10, 30, 100, 300, 1_000);
    private final Timer lookupTime = meters.timer(MetricNames.DNS_SECONDS, "", 1, 5, 20, 100, 500, 2_000, 10_000);
    private final Timer[] stageTimes = Arrays.stream(STAGES).map(stage ->
            meters.timer(MetricNames.DELIVERY_ATTEMPT_SECONDS, stage.word(), 5, 20, 100, 500, 2_000, 10_000, 60_000, 300_000)).toArray(Timer[]::new);
    private final Map<String, AtomicLong> inbound = new ConcurrentHashMap<>();
    private final AtomicLong reloadOk = new AtomicLong(1);
    private final AtomicLong generation = new AtomicLong(1);
    private final AtomicLong exceptionsEnding = new AtomicLong();
    /// Source addresses of ours.
    private final Set<String> suspectedPaths = ConcurrentHashMap.newKeySet();
    private final AtomicLong validationOk = new AtomicLong();
    private volatile boolean validationTried;
    private volatile Supplier<Workload> workload = () -> Workload.NONE;
    private volatile Workload now = Workload.NONE;

    /// @param maxDestinations how many entries of destinations.yaml get a label of their own
    public Metrics(int maxDestinations) {
        destinations = new DestinationNames(maxDestinations);
        meters.gauge(MetricNames.EXCEPTIONS_EXPIRING, exceptionsEnding, AtomicLong::doubleValue);
        meters.gauge(MetricNames.OWN_PATH_SUSPECTED, suspectedPaths, Set::size);
        meters.gauge(MetricNames.CONFIG_RELOAD_OK, reloadOk, AtomicLong::doubleValue);
        meters.gauge(MetricNames.CONFIG_GENERATION, generation, AtomicLong::doubleValue);
        meters.gauge(MetricNames.QUEUE_RECIPIENTS, this, m -> m.now.ready(), "ready");
        meters.gauge(MetricNames.QUEUE_RECIPIENTS, this, m -> m.now.waiting(), "waiting");
        meters.gauge(MetricNames.QUEUE_RECIPIENTS, this, m -> m.now.delivering(), "delivering");
        meters.gauge(MetricNames.QUEUE_OLDEST_SECONDS, this, m -> m.now.oldest().toMillis() / 1e3);
        meters.gauge(MetricNames.CONNECTIONS_ACTIVE, this, m -> m.now.outbound(), "outbound", "");
    }

    /// Shows the spool's gauges; `status` is asked at each scrape.
    public void watch(Supplier<SpoolStatus> status) {
        meters.gauge(MetricNames.QUEUE_MESSAGES, status, s -> s.get().messages());
        meters.gauge(MetricNames.QUEUE_BYTES, status, s -> s.get().bytes());
        meters.gauge(MetricNames.SPOOL_MEMORY_BYTES, status, s -> s.get().memory());
        meters.gauge(MetricNames.SPOOL_WRITABLE, status, s -> s.get().writable() ? 1 : 0);
    }

    /// Shows what is under way; `work` is asked once at each scrape, because it may have to count.
    public void watchWork(Supplier<Workload> work) {
        workload = work;
    }

    /// The spool has synced a group.
    public void synced(long nanos, int operations) {
        syncTime.record(nanos, TimeUnit.NANOSECONDS);
        groupSize.record(operations);
    }

    /// A question went to a name server.
    ///
    /// @param type   of the record; one that mail does not use counts as `other`
    /// @param result what came of it
    public void lookedUp(String type, Enum<?> result, Duration took) {
        meters.counter(MetricNames.DNS_LOOKUPS, recordType(type), word(result)).increment();
        lookupTime.record(took);
    }

    /// The text of `/metrics`.
    public String scrape() {
        now = workload.get();
        return meters.scrape();
    }

    /// Each counter's sum over its labels since the start, by name; those of delivery attempts also by outcome.
    public SortedMap<String, Long> totals() {
        return meters.totals();
    }

    @Override
    public void close() {
        meters.close();
    }

    @Override
    public void on(MailEvent event) {
        switch (event) {
            case InjectionEvent injection -> injection(injection);
            case MessageEvent message -> message(message);
            case DeliveryEvent delivery -> delivery(delivery);
            case SystemEvent system -> system(system);
        }
    }

    private void injection(InjectionEvent event) {
        switch (event) {
            case InjectionEvent.Opened e -> {
                meters.counter(MetricNames.CONNECTIONS_OPENED, "inbound", e.listener()).increment();
                open(e.listener()).incrementAndGet();
            }
            case InjectionEvent.Closed e -> {
                meters.counter(MetricNames.CONNECTIONS_CLOSED, "inbound", e.listener()).increment();
                open(e.listener()).decrementAndGet();
            }
            case InjectionEvent.TlsSucceeded e -> {
                tls("inbound", "", "", "success", e.protocol());
                inboundHandshakes.record(e.took());
            }
            case InjectionEvent.TlsFailed e -> {
                tls("inbound", "", "", "failed", "");
                inboundHandshakes.record(e.took());
            }
            case InjectionEvent.AuthSucceeded _ -> meters.counter(MetricNames.AUTHENTICATIONS, "succeeded").increment();
            case InjectionEvent.AuthFailed _ -> meters.counter(MetricNames.AUTHENTICATIONS, "failed").increment();
            case InjectionEvent.ReceivingFailed e -> meters.counter(MetricNames.MESSAGES_REJECTED, word(e.why())).increment();
            case InjectionEvent.AccessDecided _, InjectionEvent.ClientClaimed _, InjectionEvent.CertificateShown _, InjectionEvent.CertificateMissing _, InjectionEvent.TlsNotInitiated _, InjectionEvent.UnknownCommand _, InjectionEvent.BadSyntax _,
                    InjectionEvent.Lost _ -> { }
        }
    }

    private void message(MessageEvent event) {
        switch (event) {
            case MessageEvent.Queued e -> {
                received.increment();
                recipients.increment(e.recipients());
                bytesIn.increment(e.bytes());
            }
            case MessageEvent.DkimSigned e -> {
                signed.increment();
                signingTime.record(e.took());
            }
            case MessageEvent.ArcSealed e -> {
                meters.counter(MetricNames.DKIM_MESSAGES, "sealed").increment();
                signingTime.record(e.took());
            }
            case MessageEvent.DkimNotSigned e -> meters.counter(MetricNames.DKIM_MESSAGES, e.deferred() ? "deferred" : word(e.why())).increment();
            case MessageEvent.GeneratedForBounce _ -> meters.counter(MetricNames.BOUNCES_GENERATED).increment();
            case MessageEvent.GeneratedForDelay _ -> meters.counter(MetricNames.DELAY_WARNINGS_GENERATED).increment();
            case MessageEvent.GeneratedForRelay _ -> meters.counter(MetricNames.RELAY_CONFIRMATIONS_GENERATED).increment();
            case MessageEvent.ReportDropped _ -> meters.counter(MetricNames.REPORTS_DROPPED).increment();
            case MessageEvent.Finished e -> (e.done() ? done : aborted).increment();
            case MessageEvent.Started _, MessageEvent.SenderGiven _, MessageEvent.RecipientGiven _, MessageEvent.MessageIdFound _,
                    MessageEvent.SubjectFound _, MessageEvent.ContentConverted _, MessageEvent.Ready _, MessageEvent.ReceivingAborted _, MessageEvent.Deleted _, MessageEvent.Directed _ -> { }
        }
    }

    private void delivery(DeliveryEvent event) {
        switch (event) {
            case DeliveryEvent.Opened _ -> meters.counter(MetricNames.CONNECTIONS_OPENED, "outbound", "").increment();
            case DeliveryEvent.Closed _ -> meters.counter(MetricNames.CONNECTIONS_CLOSED, "outbound", "").increment();
            case DeliveryEvent.ConnectionFailed e -> meters.counter(MetricNames.CONNECTION_FAILURES, destinations.label(e.connection().entry()),
                    e.unexpectedResponse() ? "response" : "network").increment();
            case DeliveryEvent.TlsSucceeded e -> tls("outbound", destinations.label(e.connection().entry()), e.rule().level().word(), "success", e.protocol());
            case DeliveryEvent.TlsFailed e -> tls("outbound", destinations.label(e.connection().entry()), "", "failed", "");
            case DeliveryEvent.EhloDeparted e -> meters.counter(MetricNames.EHLO_FINDINGS, e.finding().kind().word()).increment();
            case DeliveryEvent.PolicyUnmet e -> e.why().forEach(why ->
                    meters.counter(MetricNames.TLS_POLICY_FAILURES, destinations.label(e.connection().entry()), word(why)).increment());
            case DeliveryEvent.TlsSteppedDown e -> meters.counter(MetricNames.TLS_LADDER_STEPS, word(e.to())).increment();
            case DeliveryEvent.HostProbed e -> meters.counter(MetricNames.TLS_PROBES, e.works() ? "works" : "fails").increment();
            case DeliveryEvent.TrialUnmet e -> e.why().forEach(why ->
                    meters.counter(MetricNames.TLS_TRIAL_FAILURES, destinations.label(e.connection().entry()), word(why)).increment());
            case DeliveryEvent.HostSkipped e -> meters.counter(MetricNames.TLS_POLICY_FAILURES, destinations.label(e.entry()), word(e.why())).increment();
            case DeliveryEvent.InTheClear e -> meters.counter(MetricNames.TLS_PLAINTEXT_DELIVERIES, word(e.why())).increment();
            case DeliveryEvent.Delivered e -> delivered(e);
            case DeliveryEvent.OpeningTook e -> {
                took(e.times());
                long handshake = e.times().nanos(StageTimes.Stage.HANDSHAKE);
                if (handshake > 0) {
                    outboundHandshakes.record(handshake, TimeUnit.NANOSECONDS);
                }
            }
            case DeliveryEvent.TransactionTook e -> took(e.times());
            case DeliveryEvent.Delayed e -> attempts("delayed", e.verdict().entry(), 1);
            case DeliveryEvent.Bounced e -> attempts("bounced", e.verdict().entry(), 1);
            case DeliveryEvent.DoubleBounced e -> attempts("double-bounced", e.verdict().entry(), 1);
            case DeliveryEvent.Ambiguous e -> attempts("ambiguous", e.connection().entry(), e.rids().size());
            case DeliveryEvent.Discarded e -> meters.counter(MetricNames.DELIVERY_ATTEMPTS, "discarded", "").increment(e.rids().size());
            case DeliveryEvent.DnsFailed e -> meters.counter(MetricNames.DNS_FAILURES, recordType(e.type())).increment();
            case DeliveryEvent.HostPlanned _, DeliveryEvent.PeerSeen _, DeliveryEvent.StartTlsNotSupported _, DeliveryEvent.TlsRequiredNotNegotiated _, DeliveryEvent.PeerVerified _,
                    DeliveryEvent.PeerNotVerified _, DeliveryEvent.DeliveryStarted _, DeliveryEvent.Answered _, DeliveryEvent.Pending _,
                    DeliveryEvent.Waits _, DeliveryEvent.Suspended _ -> { }
        }
    }

    private void took(StageTimes times) {
        for (StageTimes.Stage stage : STAGES) {
            long nanos = times.nanos(stage);
            if (nanos > 0) {
                stageTimes[stage.ordinal()].record(nanos, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void delivered(DeliveryEvent.Delivered event) {
        attempts("delivered", event.connection().entry(), event.rids().size());
        meters.counter(MetricNames.DELIVERED, destinations.label(event.connection().entry())).increment(event.rids().size());
        bytesOut.increment(event.bytes());
        deliveryTime.record(event.inQueue());
    }

    private void attempts(String outcome, String entry, int recipients) {
        meters.counter(MetricNames.DELIVERY_ATTEMPTS, outcome, destinations.label(entry)).increment(recipients);
    }

    /// Connections open on a listener. One that closes while its name is looked up is told closed before it is told opened.
    private AtomicLong open(String listener) {
        return inbound.computeIfAbsent(listener, name -> {
            AtomicLong open = new AtomicLong();
            meters.gauge(MetricNames.CONNECTIONS_ACTIVE, open, count -> Math.max(0, count.get()), "inbound", name);
            return open;
        });
    }

    private Timer handshakes(String direction) {
        return meters.timer(MetricNames.TLS_HANDSHAKE_SECONDS, direction, 5, 20, 50, 100, 500, 2_000, 10_000);
    }

    private void system(SystemEvent event) {
        switch (event) {
            case SystemEvent.ConfigurationLoaded e -> {
                reloadOk.set(1);
                generation.set(e.generation());
            }
            case SystemEvent.ConnectionsRefused e -> meters.counter(MetricNames.MESSAGES_REJECTED, word(e.why())).increment(e.count());
            case SystemEvent.ConfigurationRefused _ -> reloadOk.set(0);
            case SystemEvent.SpoolTroubled e -> meters.counter(MetricNames.SPOOL_TROUBLES, word(e.level())).increment();
            case SystemEvent.DnssecTried e -> validation(e.outcome() == SystemEvent.DnssecTried.Dnssec.WORKING);
            case SystemEvent.DaneLookedUp e -> meters.counter(MetricNames.DANE_RESULTS, word(e.result())).increment();
            case SystemEvent.StsLookedUp e -> meters.counter(MetricNames.MTA_STS_RESULTS, word(e.result())).increment();
            case SystemEvent.PolicyStopsMail e -> meters.counter(MetricNames.POLICY_OUTAGES, destinations.label(e.entry())).increment();
            case SystemEvent.OwnPathSuspected e -> {
                meters.counter(MetricNames.OWN_PATH_ALARMS).increment();
                suspectedPaths.add(e.source());
            }
            case SystemEvent.OwnPathGivenUp _ -> meters.counter(MetricNames.OWN_PATH_GIVEN_UP).increment();
            case SystemEvent.OwnPathTrusted e -> suspectedPaths.remove(e.source());
            case SystemEvent.ExceptionsCounted e -> exceptionsEnding.set(e.ending());
            case SystemEvent.ListenerBound e -> open(e.listener());
            case SystemEvent.Fault _ -> meters.counter(MetricNames.FAULTS).increment();
            case SystemEvent.ClockJumped _ -> meters.counter(MetricNames.CLOCK_JUMPS).increment();
            case SystemEvent.LinesDropped e -> meters.counter(MetricNames.EVENTS_DROPPED, e.reader()).increment(e.count());
            case SystemEvent.FilesReadAgain _, SystemEvent.MailGoesOn _, SystemEvent.ExceptionEnds _, SystemEvent.Started _, SystemEvent.Stopping _, SystemEvent.ListenerFailed _, SystemEvent.SourceUnusable _, SystemEvent.Switched _ -> { }
        }
    }

    private void validation(boolean works) {
        validationOk.set(works ? 1 : 0);
        if (!validationTried) {
            validationTried = true;
            meters.gauge(MetricNames.DNSSEC_VALIDATION_OK, validationOk, AtomicLong::doubleValue);
        }
    }

    private void tls(String direction, String destination, String policy, String result, String protocol) {
        meters.counter(MetricNames.TLS_CONNECTIONS, direction, destination, policy, result, version(protocol)).increment();
    }

    private static String version(String protocol) {
        return switch (protocol) {
            case "", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3" -> protocol;
            default -> DestinationNames.OTHER;
        };
    }

    private static String recordType(String type) {
        return switch (type) {
            case "MX", "A", "AAAA", "TLSA", "TXT", "PTR", "CNAME" -> type;
            default -> DestinationNames.OTHER;
        };
    }

    /// `STARTTLS_REFUSED` is `starttls-refused` in a label.
    private static String word(Enum<?> constant) {
        StringBuilder word = new StringBuilder(constant.name().length());
        constant.name().chars().forEach(c -> word.append(c == '_' ? '-' : (char) Character.toLowerCase(c)));
        return word.toString();
    }
}
