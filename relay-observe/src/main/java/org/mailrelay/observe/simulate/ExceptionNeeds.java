package org.mailrelay.observe.simulate;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.replay.Foreseen;
import org.mailrelay.core.replay.ReplayRules;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.DestinationSettings;
import org.mailrelay.core.settings.PolicyException;
import org.mailrelay.core.settings.RouteSettings;
import org.mailrelay.observe.session.SessionRecord;
import org.mailrelay.observe.session.SessionRecords;

/// Which `exception` entries recorded attempts would do without: the entry's own policy holds each of them, as if there were no exception.
public final class ExceptionNeeds implements SessionRecords.Reader {

    private final DestinationSettings destinations;
    private final RouteSettings routes;
    private final Map<PolicyException, Need> needs = new LinkedHashMap<>();

    public ExceptionNeeds(DestinationSettings destinations, RouteSettings routes) {
        this.destinations = destinations;
        this.routes = routes;
        destinations.all().forEach(policy -> policy.terms().exception().ifPresent(exception -> needs.put(exception, new Need(exception, policy))));
    }

    /// Whether there is anything to read for.
    public boolean any() {
        return !needs.isEmpty();
    }

    /// What attempts say of one exception.
    public static final class Need {
        private final PolicyException exception;
        private final DestinationPolicy policy;
        private long attempts;
        private long without;
        private Optional<Instant> first = Optional.empty();
        private Optional<Instant> last = Optional.empty();
        private Optional<Instant> stoppedLast = Optional.empty();
        private String stoppedBy = "";
        private Optional<String> untold = Optional.empty();

        private Need(PolicyException exception, DestinationPolicy policy) {
            this.exception = exception;
            this.policy = policy;
        }

        public PolicyException exception() {
            return exception;
        }

        /// The policy that the exception lowers.
        public DestinationPolicy policy() {
            return policy;
        }

        /// All that could be held against the policy.
        public long attempts() {
            return attempts;
        }

        /// The latest ones in a row that would have met the policy.
        public long without() {
            return without;
        }

        /// When the first of these was.
        public Optional<Instant> first() {
            return first;
        }

        public Optional<Instant> last() {
            return last;
        }

        /// When the policy would have stopped one last, and why.
        public Optional<Instant> stoppedLast() {
            return stoppedLast;
        }

        public String stoppedBy() {
            return stoppedBy;
        }

        /// What the records do not say, where they say nothing else.
        public Optional<String> untold() {
            return attempts == 0 ? untold : Optional.empty();
        }

        public boolean isNeededNoMore() {
            return without > 0 && (stoppedLast.isEmpty() || stoppedLast.get().isBefore(first.orElseThrow()));
        }

        private void add(Instant at, Foreseen foreseen) {
            switch (foreseen) {
                case Foreseen.Deferred stopped -> {
                    attempts++;
                    if (stoppedLast.isEmpty() || at.isAfter(stoppedLast.get())) {
                        stoppedLast = Optional.of(at);
                        stoppedBy = stopped.words();
                    }
                    without = 0;
                    first = Optional.empty();
                    last = Optional.empty();
                }
                case Foreseen.InTheClear _, Foreseen.Encrypted _, Foreseen.Verified _ -> {
                    attempts++;
                    without++;
                    first = first.or(() -> Optional.of(at));
                    last = Optional.of(at);
                }
                case Foreseen.Unknown(String why) -> untold = Optional.of(why);
            }
        }
    }

    @Override
    public void session(SessionRecord session) {
        DestinationPolicy policy = destinations.match(session.domain());
        Optional<Need> need = policy.terms().exception().map(needs::get);
        if (need.isPresent() && session.facts().isPresent() && Fate.before(session).fate() != Fate.FAILED) {
            need.get().add(session.at(), ReplayRules.foresee(routes, policy, session.domain(), session.facts().get().circumstances(), session.facts().get().seen()));
        }
    }

    /// In the order of the entries.
    public List<Need> needs() {
        return List.copyOf(needs.values());
    }
}
