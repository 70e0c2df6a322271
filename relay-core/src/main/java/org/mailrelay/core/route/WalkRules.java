package org.mailrelay.core.route;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// Which of a destination's addresses one try walks: a destination that names a hundred of them costs no more than one that names five.
public final class WalkRules {

    /// In one try.
    public static final int MAX_ADDRESSES = 5;

    private WalkRules() {
    }

    /// The best address always, then one of each host before a second of any. What finds no place has its turn in a later try, so that five dead
    /// addresses do not hide the sixth forever.
    ///
    /// @param addresses in the order in which they are to be tried, which the choice keeps
    /// @param tries     that came to nothing so far
    public static <T> List<T> choose(List<T> addresses, Function<T, String> host, int tries) {
        if (addresses.size() <= MAX_ADDRESSES) {
            return List.copyOf(addresses);
        }
        List<Integer> others = byHostsFirst(addresses, host);
        TreeSet<Integer> chosen = new TreeSet<>(List.of(others.removeFirst()));
        int from = (int) ((long) tries * (MAX_ADDRESSES - 1) % others.size());
        for (int i = 0; i < MAX_ADDRESSES - 1; i++) {
            chosen.add(others.get((from + i) % others.size()));
        }
        return chosen.stream().map(addresses::get).toList();
    }

    private static <T> List<Integer> byHostsFirst(List<T> addresses, Function<T, String> host) {
        List<Integer> first = new ArrayList<>();
        List<Integer> further = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < addresses.size(); i++) {
            (seen.add(host.apply(addresses.get(i))) ? first : further).add(i);
        }
        first.addAll(further);
        return first;
    }
}
