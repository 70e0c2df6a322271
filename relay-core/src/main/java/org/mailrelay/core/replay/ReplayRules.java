package org.mailrelay.core.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.RouteEntry;
import org.mailrelay.core.settings.RouteSettings;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.tls.AfterEhlo;
import org.mailrelay.core.tls.AfterHandshake;
import org.mailrelay.core.tls.AfterStartTlsReply;
import org.mailrelay.core.tls.AfterTlsEhlo;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.HostPlan;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.HostRules;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.NameRules;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRules;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.core.tls.Trust;

/// Holds a connection that took place against a policy that did not hold then. One use for one connection.
public final class ReplayRules {

    /// What another route would lead to was never seen.
    public static final Foreseen.Unknown ANOTHER_WAY = new Foreseen.Unknown("its mail would go another way, by hosts that were not asked");

    private final DestinationPolicy policy;
    private final Circumstances then;
    private final SeenPeer seen;

    private ReplayRules(DestinationPolicy policy, Circumstances then, SeenPeer seen) {
        this.policy = policy;
        this.then = then;
        this.seen = seen;
    }

    /// @param policy as it holds at the moment for which is asked ([DestinationPolicy#at])
    /// @param domain whom the mail was for
    /// @param then   with the route that would hold now
    public static Foreseen foresee(DestinationPolicy policy, Domain domain, Circumstances then, SeenPeer seen) {
        return new ReplayRules(policy, then, seen).before(domain);
    }

    /// The same, by the routes of a configuration.
    ///
    /// @param then with the route that held then
    public static Foreseen foresee(RouteSettings routes, DestinationPolicy policy, Domain domain, Circumstances then, SeenPeer seen) {
        return rerouted(routes, policy, domain, then).map(now -> foresee(policy, domain, now, seen)).orElse(ANOTHER_WAY);
    }

    /// Empty where the host of then is none of those that the routes lead to. A sender's route is known again by its host: the sender is not recorded.
    private static Optional<Circumstances> rerouted(RouteSettings routes, DestinationPolicy policy, Domain domain, Circumstances then) {
        Optional<RouteEntry> own = routes.match(Optional.empty(), domain);
        if (then.via().isEmpty()) {
            return own.isEmpty() || own.get().target() instanceof RouteEntry.Target.UseDns ? Optional.of(then) : Optional.empty();
        }
        Stream<RouteEntry> senders = Stream.concat(routes.senders().exact().values().stream(), routes.senders().below().values().stream());
        return Stream.concat(own.stream(), senders).flatMap(ReplayRules::hosts).filter(host -> host.place().equals(then.via().get())).findFirst()
                .map(host -> then.by(Optional.of(policy.question(host))));
    }

    private static Stream<RouteEntry.Host> hosts(RouteEntry entry) {
        return switch (entry.target()) {
            case RouteEntry.Target.Hosts(var hosts) -> hosts.stream();
            case RouteEntry.Target.UseDns _, RouteEntry.Target.Discard _ -> Stream.empty();
        };
    }

    private Foreseen before(Domain domain) {
        Optional<String> unasked = unasked();
        if (unasked.isPresent()) {
            return new Foreseen.Unknown(unasked.get());
        }
        HostQuestion ask = new HostQuestion(policy.question(), then.floor(), then.need(), domain, then.host(), then.route(), published(), then.remembered());
        return switch (HostRules.plan(ask)) {
            case HostPlan.Skip(var why, var rule, String detail) -> new Foreseen.Deferred(rule, List.of(new TlsFault(why, detail)));
            case HostPlan.Try(var terms) -> afterConnect(terms);
        };
    }

    /// What this policy looks up and the other did not. Under `none` nothing is looked up.
    private Optional<String> unasked() {
        if (policy.tls().level() == TlsLevel.NONE || then.host().isEmpty()) {
            return Optional.empty();
        }
        boolean signed = then.published().mx() == DnssecState.SECURE && then.published().addresses() == DnssecState.SECURE;
        if (policy.terms().dane() != DaneUse.NONE && then.dane() == DaneUse.NONE && signed) {
            return Optional.of("TLSA records were not asked for");
        }
        return policy.terms().mtaSts() && then.published().sts() instanceof StsLookup.NotAsked ? Optional.of("the MTA-STS policy was not asked for") : Optional.empty();
    }

    /// What this policy does not look up counts for nothing.
    private Published published() {
        Published known = then.published();
        return new Published(known.mx(), known.addresses(), policy.terms().dane() == DaneUse.NONE ? new TlsaLookup.None() : known.tlsa(),
                policy.terms().mtaSts() ? known.sts() : new StsLookup.NotAsked());
    }

    private Foreseen afterConnect(HostTerms terms) {
        if (terms.implicitTls()) {
            return afterHandshake(terms);
        }
        if (seen.hello().isEmpty()) {
            return new Foreseen.Unknown("no connection was made that came as far as EHLO");
        }
        return switch (TlsRules.afterEhlo(terms, seen.hello().get().offer(policy.ehlo()))) {
            case AfterEhlo.Plaintext(var why) -> new Foreseen.InTheClear(terms.rule(), why);
            case AfterEhlo.Abandon(var why) -> new Foreseen.Deferred(terms.rule(), List.of(new TlsFault(why)));
            case AfterEhlo.StartTls _ -> seen.startTlsReply() == 0 ? new Foreseen.Unknown("STARTTLS is offered and was not tried") : afterStartTls(terms);
        };
    }

    private Foreseen afterStartTls(HostTerms terms) {
        return switch (TlsRules.afterStartTlsReply(terms, seen.startTlsReply())) {
            case AfterStartTlsReply.Plaintext(var why) -> new Foreseen.InTheClear(terms.rule(), why);
            case AfterStartTlsReply.Abandon(var why) -> new Foreseen.Deferred(terms.rule(), List.of(new TlsFault(why)));
            case AfterStartTlsReply.Handshake _ -> afterHandshake(terms);
        };
    }

    private Foreseen afterHandshake(HostTerms terms) {
        if (seen.handshake().isEmpty()) {
            return new Foreseen.Unknown("no handshake was begun");
        }
        return switch (seen.handshake().get()) {
            case SeenHandshake.Failed(String detail, boolean ofCertificate) -> failed(terms, new HandshakeResult.Failed(detail, ofCertificate));
            case SeenHandshake.Completed done when done.protocol().compareTo(policy.tlsMinVersion()) < 0 -> then.remembered() == LadderStep.REDUCED
                    ? new Foreseen.Unknown("only the reduced ClientHello was tried, and it agreed on " + done.protocol())
                    : failed(terms, new HandshakeResult.Failed("the host speaks " + done.protocol() + " at most, the policy asks for " + policy.tlsMinVersion()));
            case SeenHandshake.Completed done when done.protocol().equals("TLSv1.2") && !policy.terms().ciphers().isEmpty() && !policy.terms().ciphers().contains(done.cipher()) ->
                    new Foreseen.Unknown("the cipher that was agreed, " + done.cipher() + ", is not in tls_ciphers, and others were not tried");
            case SeenHandshake.Completed done -> checked(terms, done);
        };
    }

    /// By the end of the ladder: each step has failed alike.
    private static Foreseen failed(HostTerms terms, HandshakeResult.Failed result) {
        return switch (TlsRules.afterHandshake(terms.at(LadderStep.REDUCED), result)) {
            case AfterHandshake.StepDown _ -> new Foreseen.InTheClear(terms.rule(), TlsReason.HANDSHAKE_FAILED_BEFORE);
            case AfterHandshake.Abandon(var broken) -> new Foreseen.Deferred(terms.rule(), broken);
            case AfterHandshake.Proceed _ -> throw new IllegalStateException("a failed handshake that is used");
        };
    }

    /// A check that cannot be made now, as [CheckResult] cannot say it.
    private sealed interface Judged {
        record Known(CheckResult result) implements Judged {}

        record Open(String why) implements Judged {}
    }

    private Foreseen checked(HostTerms terms, SeenHandshake.Completed done) {
        List<CheckResult> enforced = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (TlsCheck check : terms.requirement().enforced()) {
            switch (judge(check, done)) {
                case Judged.Known(var result) -> enforced.add(result);
                case Judged.Open(String why) -> open.add(why);
            }
        }
        List<TlsFault> broken = enforced.stream().filter(CheckResult.Failed.class::isInstance).map(CheckResult.Failed.class::cast)
                .map(failure -> new TlsFault(failure.why(), failure.detail())).toList();
        if (!broken.isEmpty()) {
            return new Foreseen.Deferred(terms.rule(), broken);
        }
        if (!open.isEmpty()) {
            return new Foreseen.Unknown(open.getFirst());
        }
        List<CheckResult> observed = new ArrayList<>();
        for (TlsCheck check : terms.requirement().observed()) {
            if (judge(check, done) instanceof Judged.Known(var result)) {
                observed.add(result);
            }
        }
        return switch (TlsRules.afterHandshake(terms, new HandshakeResult.Completed(enforced, observed))) {
            case AfterHandshake.Proceed(boolean authenticated, var noted) -> afterTlsEhlo(terms, authenticated ? proof(enforced, observed) : Optional.empty(),
                    noted.stream().map(failure -> new TlsFault(failure.why(), failure.detail())).toList());
            case AfterHandshake.Abandon(var faults) -> new Foreseen.Deferred(terms.rule(), faults);
            case AfterHandshake.StepDown _ -> throw new IllegalStateException("a handshake that was done has failed");
        };
    }

    private static Optional<String> proof(List<CheckResult> enforced, List<CheckResult> observed) {
        List<CheckResult> all = new ArrayList<>(enforced);
        all.addAll(observed);
        return all.stream().filter(CheckResult.Passed.class::isInstance).map(CheckResult.Passed.class::cast).map(CheckResult.Passed::by).findFirst();
    }

    private Foreseen afterTlsEhlo(HostTerms terms, Optional<String> by, List<TlsFault> noted) {
        if (terms.bounds().requireTls() && seen.inTls().isEmpty()) {
            return new Foreseen.Unknown("what the host offers inside TLS was not asked");
        }
        return switch (TlsRules.afterTlsEhlo(terms, seen.inTls().map(offered -> offered.contains(Keyword.REQUIRETLS)).orElse(false))) {
            case AfterTlsEhlo.Abandon(var why) -> new Foreseen.Deferred(terms.rule(), List.of(why));
            case AfterTlsEhlo.Proceed _ -> by.<Foreseen>map(proof -> new Foreseen.Verified(terms.rule(), proof)).orElseGet(() -> new Foreseen.Encrypted(terms.rule(), noted));
        };
    }

    private Judged judge(TlsCheck check, SeenHandshake.Completed done) {
        return switch (check) {
            case TlsCheck.Pkix(var names, var trust, boolean commonName) -> certified(check, done.certificate(), names, trust, commonName, "PKIX name ");
            case TlsCheck.MtaSts(_, _, var host, var trust) -> certified(check, done.certificate(), List.of(host.name()), trust, false, "MTA-STS name ");
            case TlsCheck.Dane _ -> done.dane().<Judged>map(match -> new Judged.Known(match.fault().<CheckResult>map(why -> new CheckResult.Failed(check, why, match.words()))
                    .orElseGet(() -> new CheckResult.Passed(check, match.words())))).orElseGet(() -> new Judged.Open("the chain was not held against TLSA records"));
        };
    }

    private static Judged certified(TlsCheck check, Optional<SeenCertificate> shown, List<String> names, Trust trust, boolean commonName, String proof) {
        if (shown.isEmpty()) {
            return new Judged.Known(new CheckResult.Failed(check, TlsReason.CERTIFICATE_NOT_TRUSTED, "no certificate shown that can be read"));
        }
        SeenCertificate certificate = shown.get();
        if (!certificate.trust().equals(trust)) {
            return new Judged.Open("the chain was not held against these authorities (trust)");
        }
        if (certificate.fault().isPresent()) {
            return new Judged.Known(new CheckResult.Failed(check, certificate.fault().get().why(), certificate.fault().get().detail()));
        }
        List<String> presented = certificate.names().isEmpty() && commonName ? certificate.commonName().stream().toList() : certificate.names();
        Optional<String> match = names.stream().filter(wanted -> presented.stream().anyMatch(name -> NameRules.matches(name, wanted))).findFirst();
        if (match.isPresent()) {
            return new Judged.Known(new CheckResult.Passed(check, proof + match.get()));
        }
        return certificate.more() ? new Judged.Open("the certificate has more names than were kept, and " + String.join(", ", names) + " was not looked for then")
                : new Judged.Known(new CheckResult.Failed(check, TlsReason.HOST_MISMATCH, "none of " + names + " in the certificate"));
    }
}
