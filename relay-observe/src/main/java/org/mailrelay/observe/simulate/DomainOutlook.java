package org.mailrelay.observe.simulate;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.mailrelay.core.mail.Domain;

/// A domain's mail, as it went and as it would go.
public final class DomainOutlook {

    /// Different ones of one domain; what is beyond is told without its reasons.
    private static final int SHIFTS = 100;

    private final Domain domain;
    private final Map<Shift, Amount> shifts = new LinkedHashMap<>();
    private long failed;
    private long unrecorded;

    DomainOutlook(Domain domain) {
        this.domain = domain;
    }

    void add(Shift shift, Amount amount) {
        Shift kept = shifts.size() < SHIFTS || shifts.containsKey(shift) ? shift : new Shift("", shift.before(), "", shift.after(), "", shift.rule());
        shifts.merge(kept, amount, Amount::plus);
    }

    void failed() {
        failed++;
    }

    void unrecorded() {
        unrecorded++;
    }

    public Domain domain() {
        return domain;
    }

    public Map<Shift, Amount> shifts() {
        return Map.copyOf(shifts);
    }

    /// The order in which they came.
    public List<Shift> inOrder() {
        return List.copyOf(shifts.keySet());
    }

    /// Attempts in which policy had no say.
    public long failures() {
        return failed;
    }

    /// Attempts whose records are from before what a host shows was kept.
    public long unrecordedAttempts() {
        return unrecorded;
    }

    public Map<Fate, Amount> before() {
        return sums(Shift::before);
    }

    public Map<Fate, Amount> after() {
        return sums(Shift::after);
    }

    private Map<Fate, Amount> sums(java.util.function.Function<Shift, Fate> side) {
        Map<Fate, Amount> sums = new EnumMap<>(Fate.class);
        shifts.forEach((shift, amount) -> sums.merge(side.apply(shift), amount, Amount::plus));
        return sums;
    }

    public boolean changes() {
        return shifts.keySet().stream().anyMatch(Shift::changes);
    }

    public boolean worse() {
        return shifts.keySet().stream().anyMatch(shift -> Fate.worse(shift.before(), shift.after()));
    }

    /// Other hosts of the domain that would take what this one would not.
    public List<String> elsewhere(Shift shift) {
        if (shift.after() != Fate.DEFERRED) {
            return List.of();
        }
        TreeSet<String> others = new TreeSet<>();
        shifts.keySet().stream().filter(other -> other.after().delivers() && !other.mx().equals(shift.mx())).map(Shift::mx).forEach(others::add);
        return List.copyOf(others);
    }
}
