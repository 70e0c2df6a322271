package org.mailrelay.app.tlscheck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.HostPlan;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.TlsCheck.Pkix;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.Connector;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.delivery.engine.DestinationKey;
import org.mailrelay.delivery.engine.Planner;
import org.mailrelay.net.dns.HostFinder;
import org.mailrelay.net.dns.HostsFile;
import org.mailrelay.net.dns.MailResolver;
import org.mailrelay.net.dns.TlsaFinder;
import org.mailrelay.net.dns.ValidationWatch;
import org.mailrelay.net.loop.EventLoops;
import org.mailrelay.net.sts.PublishedFinder;
import org.mailrelay.net.sts.StsFetcher;
import org.mailrelay.net.sts.StsPolicies;
import org.mailrelay.net.tls.ClientTls;
import org.mailrelay.net.tls.PeerChecks;
import org.mailrelay.net.tls.TlsChannel;
import org.mailrelay.net.tls.TlsProvider;
import org.mailrelay.net.web.WebHosts;

/// Takes the way of a domain's mail up to the point where MAIL would be said. Blocks.
final class TlsCheck implements AutoCloseable {

    private final Settings settings;
    private final Question question;
    private final InstantSource clock = InstantSource.system();
    private final EventLoops loops = EventLoops.open(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final PeerChecks checks = new PeerChecks(clock);
    private final ClientTls tls;
    private final Hosts hosts;

    TlsCheck(Settings settings, Question question) {
        this.settings = settings;
        this.question = question;
        RelaySettings relay = settings.relay();
        this.tls = new ClientTls(provider(relay.delivery().tlsProvider()));
        AddressRules addresses = new AddressRules(relay.delivery().refuseAddresses(), listeners(relay));
        HostFinder finder = finder(addresses);
        this.hosts = new Hosts(finder, addresses, new Planner(finder, addresses, new HandshakeMemory(Duration.ofHours(1), clock), new Random(), clock, _ -> { }), settings);
    }

    private static TlsProvider provider(RelaySettings.TlsProvider setting) {
        try {
            return TlsProvider.of(setting);
        } catch (IOException unavailable) {
            throw new UncheckedIOException(unavailable.getMessage(), unavailable);
        }
    }

    /// DNSSEC is tried first, as at a relay's start; policies that a running relay keeps are read and left alone.
    private HostFinder finder(AddressRules addresses) {
        RelaySettings relay = settings.relay();
        Path policies = relay.spool().directory().resolve("policies");
        try {
            MailResolver resolver = MailResolver.open(relay.dns(), clock, (_, _, _, _) -> { });
            new ValidationWatch(resolver, relay.dns().validation(), policies.resolve("dnssec-has-worked")).tryOnly();
            StsFetcher fetcher = new StsFetcher(new WebHosts(resolver, checks, settings.destinations().fallback().trust(), addresses));
            PublishedFinder published = new PublishedFinder(new TlsaFinder(resolver), StsPolicies.beside(policies, resolver, fetcher, clock), PublishedFinder.Listener.NOBODY);
            return new HostFinder(resolver, HostsFile.read(Path.of("/etc/hosts")), new Random(), published);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable.getMessage(), unreadable);
        }
    }

    private static Set<InetSocketAddress> listeners(RelaySettings relay) {
        return relay.listeners().stream().flatMap(listener -> listener.addresses().stream()).collect(Collectors.toCollection(HashSet::new));
    }

    DomainReport run() {
        Domain domain = question.domain();
        DestinationPolicy policy = settings.destinations().match(domain).at(clock.instant());
        Optional<Domain> sender = question.sender().filter(from -> settings.routes().senders().match(from).isPresent());
        DestinationKey key = new DestinationKey(domain, sender, Optional.empty());
        Planner.Found found = question.mx().map(mx -> hosts.named(mx, key)).orElseGet(() -> hosts.planned(key));
        String route = question.mx().map(mx -> mx + " (--mx)").orElseGet(() -> settings.routes().match(sender, domain)
                .map(entry -> entry.key() + " from " + entry.position()).orElse("the domain's MX"));
        return switch (found) {
            case Planner.Found.Discard(String position) ->
                    new DomainReport(domain, policy.tls(), route, Optional.of("mail is accepted and dropped: /dev/null from " + position), List.of(), List.of());
            case Planner.Found.Nowhere(var why) -> new DomainReport(domain, policy.tls(), route,
                    Optional.of(why.code() + " " + why.words() + (why.permanent() ? " (mail would bounce)" : " (mail would wait)")), List.of(), List.of());
            case Planner.Found.Hosts(var candidates, var skipped) -> {
                List<Planner.Candidate> asked = candidates.stream().filter(this::ofTheFamily).toList();
                Optional<String> none = asked.isEmpty() ? Optional.of("no address of the family asked for") : Optional.empty();
                yield new DomainReport(domain, policy.tls(), route, none, probe(asked, policy), skipped);
            }
        };
    }

    private boolean ofTheFamily(Planner.Candidate candidate) {
        boolean four = candidate.host().address().getAddress() instanceof Inet4Address;
        return question.family() == Question.Family.ANY || four == (question.family() == Question.Family.IPV4);
    }

    /// All at once, told in their order.
    private List<HostReport> probe(List<Planner.Candidate> candidates, DestinationPolicy policy) {
        List<CompletableFuture<HostReport>> reports = new ArrayList<>();
        for (Planner.Candidate candidate : candidates) {
            reports.add(switch (candidate.terms()) {
                case HostPlan.Skip(var why, var rule, var detail) -> CompletableFuture.completedFuture(new HostReport(candidate.host(), candidate.asked(), clock.instant(), candidate.terms(), policy.ehlo(), List.of(),
                        SeenPeer.NOTHING, Optional.empty(), Optional.empty(),
                        new Verdict.AgainstPolicy(rule, List.of(new TlsFault(why, detail)), Optional.empty()), Optional.empty()));
                case HostPlan.Try(var terms) -> {
                    ConnectionPlan plan = hurried(candidate.connection().orElseThrow());
                    yield CompletableFuture.supplyAsync(() -> downTheLadder(candidate, policy, plan, terms.rule()), threads);
                }
            });
        }
        return reports.stream().map(CompletableFuture::join).toList();
    }

    /// As delivery does: while the next step stays encrypted the host is tried on it at once.
    private HostReport downTheLadder(Planner.Candidate candidate, DestinationPolicy policy, ConnectionPlan plan, TlsRule rule) {
        Probe probe = new Probe(rule);
        Transcript transcript = Transcript.keep();
        Connector connector = new Connector(new Connector.Surroundings(loops, tls, checks, probe, clock, threads));
        connector.open(new Connector.Order(plan, new Dcid(0), probe, transcript));
        Verdict verdict = probe.verdict().join();
        return verdict instanceof Verdict.AgainstPolicy unmet && unmet.next().filter(LadderStep::encrypted).isPresent()
                ? downTheLadder(candidate, policy, plan.at(unmet.next().get()), rule) : report(candidate, policy, transcript, probe, verdict);
    }

    private HostReport report(Planner.Candidate candidate, DestinationPolicy policy, Transcript transcript, Probe probe, Verdict verdict) {
        Optional<TlsChannel> channel = transcript.entries().stream().filter(Transcript.Entry.Encrypted.class::isInstance).map(Transcript.Entry.Encrypted.class::cast)
                .findFirst().map(Transcript.Entry.Encrypted::channel);
        return new HostReport(candidate.host(), candidate.asked(), clock.instant(), candidate.terms(), policy.ehlo(), transcript.entries(), probe.seen(), channel.map(agreed -> identity(candidate, policy, agreed)),
                channel.map(agreed -> checks.stapled(agreed, policy.trust())), verdict, probe.trial());
    }

    /// Whether a verifying level would be content: the names are those that `required-verify` would look for.
    private CheckResult identity(Planner.Candidate candidate, DestinationPolicy policy, TlsChannel channel) {
        List<String> names = policy.tlsNames().isEmpty()
                ? Stream.concat(Stream.of(question.domain().name()), candidate.host().hostName().map(Domain::name).stream()).distinct().toList() : policy.tlsNames();
        TlsRequirement look = new TlsRequirement(TlsRequirement.Encryption.IF_OFFERED, List.of(), List.of(new Pkix(names, policy.trust(), policy.allowCommonName())));
        return checks.check(look, channel).observed().getFirst();
    }

    /// A person waits for this one.
    private ConnectionPlan hurried(ConnectionPlan plan) {
        Timeouts limits = new Timeouts(Stream.of(Stage.values()).collect(Collectors.toMap(stage -> stage, stage -> shorter(plan.timeouts().of(stage)))));
        return new ConnectionPlan(plan.key(), plan.destination(), limits, plan.messagesPerConnection(), plan.idle(), plan.gateway(), plan.inquiry());
    }

    private Duration shorter(Duration limit) {
        return limit.compareTo(question.patience()) < 0 ? limit : question.patience();
    }

    @Override
    public void close() {
        loops.close();
        threads.close();
    }
}
