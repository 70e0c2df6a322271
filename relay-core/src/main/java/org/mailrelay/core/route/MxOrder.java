package org.mailrelay.core.route;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.mailrelay.core.mail.Domain;

/// The MX hosts of a domain in the order they are tried.
///
/// @param hosts      best first, each with a name, at most [#MAX_HOSTS]
/// @param skipped    targets that are no host names, as DNS shows them
/// @param behindUs   we stand in the list ourselves: we and all that are no better than we are left out
public record MxOrder(List<Mx> hosts, List<String> skipped, boolean behindUs) {

    public static final int MAX_HOSTS = 20;

    public MxOrder {
        hosts = List.copyOf(hosts);
        skipped = List.copyOf(skipped);
    }

    /// RFC 5321 §5.1: sort by preference, shuffle equals, and drop ourselves with all that have our preference or a worse one,
    /// else two hosts would pass a message to and fro.
    public static MxOrder order(List<Mx> found, Domain ourselves, RandomGenerator random) {
        List<Mx> hosts = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        int limit = Integer.MAX_VALUE;
        for (Mx mx : found) {
            if (mx.host().isEmpty()) {
                skipped.add(mx.text());
            } else {
                hosts.add(mx);
                limit = mx.host().get().equals(ourselves) ? Math.min(limit, mx.preference()) : limit;
            }
        }
        int ours = limit;
        hosts.removeIf(mx -> mx.preference() >= ours);
        Collections.shuffle(hosts, random);
        hosts.sort(Comparator.comparingInt(Mx::preference));
        Set<Domain> seen = new HashSet<>();
        hosts.removeIf(mx -> !seen.add(mx.host().orElseThrow()));
        return new MxOrder(hosts.subList(0, Math.min(MAX_HOSTS, hosts.size())), skipped, ours != Integer.MAX_VALUE);
    }
}
