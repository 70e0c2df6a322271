package org.mailrelay.delivery.engine;

import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailrelay.core.delivery.ExpiryRules;
import org.mailrelay.core.delivery.Outcome;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.route.AddressRules;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.route.DestinationPlan;
import org.mailrelay.core.route.FailedLookup;
import org.mailrelay.core.route.Route;
import org.mailrelay.core.route.RouteRules;
import org.mailrelay.core.route.SourceRules;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.tls.HostPlan;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.HostRules;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.TlsDemand;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.delivery.connection.ConnectionKey;
import org.mailrelay.delivery.connection.ConnectionPlan;
import org.mailrelay.delivery.connection.HandshakeMemory;
import org.mailrelay.delivery.connection.Inquiry;
import org.mailrelay.delivery.conversation.Credentials;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;
import org.mailrelay.net.dns.HostFinder;
import org.mailrelay.net.tls.ClientOffer;
import org.mailrelay.net.tls.TlsVersion;

/// Where a destination's mail goes and on which terms. Asks DNS, so it blocks: virtual threads only.
///
/// [#look] keeps all that was found, for `tls-check`; [#plan] is what delivery makes of it.
public final class Planner {

    private final HostFinder finder;
    private final AddressRules addresses;
    private final HandshakeMemory memory;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final EventSink events;

    /// @param events gets what [#plan] found, and nothing of [#look]
    /// @param clock by which exceptions of the policy hold or have ended
    public Planner(HostFinder finder, AddressRules addresses, HandshakeMemory memory, RandomGenerator random, InstantSource clock, EventSink events) {
        this.finder = finder;
        this.addresses = addresses;
        this.memory = memory;
        this.random = random;
        this.clock = clock;
        this.events = events;
    }

    /// What routes, DNS and policy say of a destination.
    public sealed interface Found {
        record Discard(String position) implements Found {}

        record Nowhere(DestinationPlan.Unroutable why) implements Found {}

        /// @param hosts   in the order in which they are tried
        /// @param skipped what never became a candidate, in words
        record Hosts(List<Candidate> hosts, List<String> skipped) implements Found {
            public Hosts {
                hosts = List.copyOf(hosts);
                skipped = List.copyOf(skipped);
            }
        }
    }

    /// One host with its terms.
    ///
    /// @param asked      what its terms rest on beside the operator's entry
    /// @param connection empty where the terms say to skip it
    public record Candidate(CandidateHost host, Circumstances asked, HostPlan terms, Optional<ConnectionPlan> connection) {

        public Published published() {
            return asked.published();
        }
    }

    sealed interface Plan {
        record Hosts(List<ConnectionPlan> hosts) implements Plan {}

        record Discard(String position) implements Plan {}

        /// @param tls    policy left every host out
        /// @param lookup that failed, where that is why
        record Hold(Outcome.Reason reason, boolean tls, Optional<FailedLookup> lookup) implements Plan {}

        record Bounce(Outcome.Reason reason) implements Plan {}
    }

    Plan plan(DestinationKey key, Settings settings) {
        return switch (look(key, settings)) {
            case Found.Discard(String position) -> new Plan.Discard(position);
            case Found.Nowhere(var gone) when gone.permanent() -> new Plan.Bounce(Outcome.Reason.noReply(gone.code(), gone.words()));
            case Found.Nowhere(var later) -> new Plan.Hold(Outcome.Reason.noReply(later.code(), later.words()), false, later.lookup());
            case Found.Hosts(var hosts, _) -> {
                hosts.forEach(host -> tell(host, key.domain(), settings));
                List<ConnectionPlan> plans = hosts.stream().flatMap(host -> host.connection().stream()).toList();
                yield plans.isEmpty() ? allSkipped(hosts, key.need()) : new Plan.Hosts(plans);
            }
        };
    }

    /// What it published is known before any connection, and where policy leaves it out there will be none.
    private void tell(Candidate candidate, Domain domain, Settings settings) {
        CandidateHost host = candidate.host();
        String address = host.address().getAddress().getHostAddress();
        String name = host.hostName().map(Domain::name).orElse(address);
        List<PublishedPolicy> policies = PublishedPolicy.of(candidate.published(), domain, host.hostName());
        switch (candidate.terms()) {
            case HostPlan.Try(var terms) -> events.on(new DeliveryEvent.HostPlanned(clock.instant(), domain, name, policies, terms.bounds().noted()));
            case HostPlan.Skip(var why, var rule, String detail) -> events.on(new DeliveryEvent.HostSkipped(clock.instant(), domain,
                    settings.destinations().match(domain).entry(), name, address, rule, why, detail, policies, candidate.asked()));
        }
    }

    private static Plan allSkipped(List<Candidate> hosts, MessageNeed need) {
        boolean forNow = hosts.stream().anyMatch(host -> host.terms() instanceof HostPlan.Skip skip && skip.why() == TlsReason.TLSA_LOOKUP_FAILED);
        if (need == MessageNeed.REQUIRE_TLS && !forNow) {
            return new Plan.Bounce(ExpiryRules.requireTlsUnmet(hosts.stream().flatMap(host -> fault(host).stream()).distinct().toList()));
        }
        return switch (hosts.getLast().terms()) {
            case HostPlan.Skip(var why, var rule, var detail) -> new Plan.Hold(Outcome.Reason.noReply(ExpiryRules.tlsCode(4, why), new TlsFault(why, detail).words()).demanded(new TlsDemand(rule, List.of(why))), true, Optional.empty());
            case HostPlan.Try _ -> throw new IllegalStateException("a host to be tried without a connection: " + hosts);
        };
    }

    /// `mx1.example.com: REQUIRETLS: mail host name authenticated neither by DNSSEC nor by MTA-STS`
    private static Optional<String> fault(Candidate candidate) {
        String name = candidate.host().hostName().map(Domain::name).orElse(candidate.host().address().getAddress().getHostAddress());
        return candidate.terms() instanceof HostPlan.Skip(var why, _, String detail) ? Optional.of(name + ": " + new TlsFault(why, detail).words()) : Optional.empty();
    }

    public Found look(DestinationKey key, Settings settings) {
        DestinationPolicy policy = settings.destinations().match(key.domain()).at(clock.instant());
        Gateway gateway = gateway(key, settings);
        HostFinder.Terms terms = new HostFinder.Terms(settings.relay().hostname(), settings.relay().delivery().port(), SourceRules.preference(policy.ip(), gateway), addresses);
        return switch (route(key, settings)) {
            case Route.Discard(String position) -> new Found.Discard(position);
            case Route.UseDns route -> of(finder.find(route, terms), key, settings);
            case Route.Hosts route -> of(finder.find(route, terms), key, settings);
        };
    }

    private Route route(DestinationKey key, Settings settings) {
        return key.via().<Route>map(via -> new Route.Hosts(List.of(via.asRoute()), "redirected by the operator"))
                .orElseGet(() -> RouteRules.decide(key.sender(), key.domain(), settings.routes(), random));
    }

    private Found of(DestinationPlan plan, DestinationKey key, Settings settings) {
        return switch (plan) {
            case DestinationPlan.Unroutable gone -> new Found.Nowhere(gone);
            case DestinationPlan.Ordered ordered -> switch (SourceRules.reachable(ordered, key.domain(), gateway(key, settings))) {
                case DestinationPlan.Unroutable unreachable -> new Found.Nowhere(unreachable);
                case DestinationPlan.Ordered(var hosts, var skipped) ->
                        new Found.Hosts(hosts.stream().map(host -> candidate(host, key, settings)).toList(), skipped);
            };
        };
    }

    private static Gateway gateway(DestinationKey key, Settings settings) {
        return settings.sources().gateway(key.domain(), key.gateway());
    }

    public Candidate candidate(CandidateHost host, DestinationKey key, Settings settings) {
        DestinationPolicy policy = settings.destinations().match(key.domain()).at(clock.instant());
        HostQuestion question = question(host, key, policy);
        HostPlan plan = HostRules.plan(question);
        return new Candidate(host, Circumstances.of(question, host.route()), plan, switch (plan) {
            case HostPlan.Try(var tls) -> Optional.of(connection(host, key, settings, Inquiry.of(question, host.route()), new Terms(gateway(key, settings).hostname().orElse(settings.relay().hostname()).name(), policy.ehlo(),
                    policy.strictReplies(), tls, host.route().flatMap(r -> r.auth()).map(a -> new Credentials(a.user(), a.secret().reveal())), host.route().isPresent())));
            case HostPlan.Skip _ -> Optional.empty();
        });
    }

    private HostQuestion question(CandidateHost host, DestinationKey key, DestinationPolicy policy) {
        String name = host.hostName().map(d -> d.name()).orElse(host.address().getAddress().getHostAddress());
        Optional<HostQuestion.Route> route = host.route().map(policy::question);
        LadderStep remembered = memory.step(new HandshakeMemory.Host(name, host.address().getPort(), offer(policy)));
        return new HostQuestion(policy.question(), key.floor(), key.need(), key.domain(), host.hostName(), route, finder.published(host, policy.terms()), remembered);
    }

    private ConnectionPlan connection(CandidateHost host, DestinationKey key, Settings settings, Inquiry inquiry, Terms terms) {
        DestinationPolicy policy = settings.destinations().match(key.domain());
        Gateway gateway = gateway(key, settings);
        RelaySettings.Timeouts times = settings.relay().delivery().timeouts();
        return new ConnectionPlan(new ConnectionKey(SourceRules.source(gateway, host.address().getAddress(), random), host.address(), terms, host.hostName(), offer(policy)), key.domain(), limits(times),
                gateway.messagesPerConnection(policy.messagesPerConnection()), times.idle(), gateway.name(), Optional.of(inquiry));
    }

    private static ClientOffer offer(DestinationPolicy policy) {
        return new ClientOffer(TlsVersion.of(policy.tlsMinVersion()), policy.terms().ciphers(),
                policy.terms().certificate().map(own -> new ClientOffer.Certificate(own.certificate(), own.key())));
    }

    private static Timeouts limits(RelaySettings.Timeouts times) {
        return new Timeouts(new EnumMap<>(Map.of(Stage.CONNECT, times.connect(), Stage.GREETING, times.greeting(), Stage.EHLO, times.ehlo(),
                Stage.STARTTLS, times.starttls(), Stage.MAIL, times.mail(), Stage.RCPT, times.rcpt(), Stage.DATA, times.data(),
                Stage.CONTENT, times.block(), Stage.END_OF_DATA, times.endOfData())));
    }
}
