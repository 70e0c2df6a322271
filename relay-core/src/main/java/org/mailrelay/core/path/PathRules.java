package org.mailrelay.core.path;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.mailrelay.core.tls.AfterPathLook;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsReason;

/// When our own path is suspected, when it is trusted again, and what waits meanwhile.
public final class PathRules {

    /// A host as it was last met.
    public record Met(Affiliation affiliation, Change change) {}

    /// Unrelated hosts.
    ///
    /// @param lost those among them that have lost TLS or show another certificate
    /// @param of   those that had TLS before
    public record Weight(int lost, int of) {}

    private PathRules() {
    }

    /// @param met each host once, as it was last met within the window
    public static Weight weigh(Collection<Met> met) {
        return new Weight(Affiliation.unrelated(met.stream().filter(host -> host.change().loss()).map(Met::affiliation).toList()),
                Affiliation.unrelated(met.stream().filter(host -> host.change().loss() || host.change() == Change.SAME).map(Met::affiliation).toList()));
    }

    public static boolean alarming(OwnPathTerms terms, Weight weight) {
        return terms.on() && weight.lost() >= terms.hosts() && weight.lost() * 100L >= (long) terms.share() * weight.of();
    }

    /// What has not come back after so long is taken for the new way of the hosts.
    static final Duration WAITED_FOR = Duration.ofHours(24);

    /// Evidence of the path as it is now.
    ///
    /// @param affected hosts that lost TLS since shortly before the alarm
    /// @param back     those of them that were as before when they were last met
    public record Evidence(Weight weight, int affected, int back) {}

    /// Trusted again once half of the hosts that were affected are as they were. That mail has waited as long as it may makes the path no better.
    public static PathState next(PathState state, OwnPathTerms terms, Evidence evidence, Instant now) {
        return switch (state) {
            case PathState.Trusted _ when !alarming(terms, evidence.weight()) -> state;
            case PathState.Trusted _ -> terms.hold().isZero() ? new PathState.GivenUp(now) : new PathState.Suspected(now, now.plus(terms.hold()));
            case PathState.Suspected _, PathState.GivenUp _ when !terms.on() || recovered(evidence) -> new PathState.Trusted();
            // A clock that was set back must not make mail wait for longer.
            case PathState.Suspected(var since, _) when now.isBefore(since) -> new PathState.Suspected(now, now.plus(terms.hold()));
            case PathState.GivenUp(var since) when now.isBefore(since) -> new PathState.GivenUp(now);
            case PathState.GivenUp(var since) when now.isAfter(since.plus(WAITED_FOR)) -> new PathState.Trusted();
            case PathState.Suspected(var since, var until) when !now.isBefore(until) -> new PathState.GivenUp(since);
            case PathState.Suspected _, PathState.GivenUp _ -> state;
        };
    }

    public static boolean recovered(Evidence evidence) {
        return evidence.back() > 0 && evidence.back() * 2 >= evidence.affected();
    }

    /// A host that has never had TLS, and one that is as it was, are not in doubt; nor is a certificate where none was known.
    public static boolean inDoubt(PathState state, Change change, Showing showing) {
        return switch (state) {
            case PathState.Trusted _, PathState.GivenUp _ -> false;
            case PathState.Suspected _ -> switch (change) {
                case TLS_LOST, OTHER_CERTIFICATE -> true;
                case FIRST -> !(showing instanceof Showing.Encrypted);
                case SAME, NEVER_HAD -> false;
            };
        };
    }

    /// Only what may go in the clear can be made to wait: where encryption was promised the policy has decided already, where the operator wants none there is
    /// nothing to lose, and a sender who says that delivery goes before TLS (RFC 8689 §4.2.2) is taken at his word.
    public static AfterPathLook afterLook(HostTerms terms, PathVerdict verdict) {
        return switch (verdict) {
            case PathVerdict.Trusted _ -> new AfterPathLook.GoOn();
            case PathVerdict.Suspected(String words) -> terms.opportunistic() ? new AfterPathLook.Wait(new TlsFault(TlsReason.OWN_PATH_SUSPECTED, words)) : new AfterPathLook.GoOn();
        };
    }
}
