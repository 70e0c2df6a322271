package org.mailrelay.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WalkRulesTest {

    /// `a1` stands for address 1 of host a.
    private static List<String> choose(List<String> addresses, int tries) {
        return WalkRules.choose(addresses, address -> address.substring(0, 1), tries);
    }

    @Test
    void R_MX_3_aTryWalksFiveAddressesAtMostAndKeepsTheirOrder() {
        for (int count = 1; count <= 100; count++) {
            List<String> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add((char) ('a' + i % 20) + "" + i);
            }
            for (int tries = 0; tries < 30; tries++) {
                List<String> chosen = choose(all, tries);
                assertThat(chosen).hasSize(Math.min(5, count)).doesNotHaveDuplicates().isSubsetOf(all).startsWith(all.getFirst());
                assertThat(chosen.stream().map(all::indexOf)).isSorted();
            }
        }
    }

    @Test
    void R_MX_3_everyHostHasItsTurnBeforeASecondAddressOfAny() {
        assertThat(choose(List.of("a1", "a2", "a3", "a4", "b1", "b2", "c1"), 0)).containsExactly("a1", "a2", "a3", "b1", "c1");
    }

    @Test
    void R_MX_3_noAddressIsHiddenForever() {
        List<String> all = List.of("a1", "b1", "c1", "d1", "e1", "f1", "g1", "h1", "i1", "j1", "k1", "l1");
        Set<String> seen = new HashSet<>();
        for (int tries = 0; tries < 3; tries++) {
            seen.addAll(choose(all, tries));
        }
        assertThat(seen).containsAll(all);
    }
}
