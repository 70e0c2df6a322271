package org.mailrelay.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.PolicyTest;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `tests` of `destinations.yaml`.
final class PolicyTestReader {

    private PolicyTestReader() {
    }

    static List<PolicyTest> read(Section file) {
        List<PolicyTest> tests = new ArrayList<>();
        for (Node node : file.list("tests")) {
            Section in = file.item("test", node);
            Optional<Domain> to = domain(in, "to");
            Optional<Domain> from = domain(in, "from");
            Section expect = in.section("expect");
            Map<String, String> expected = new LinkedHashMap<>();
            for (String fact : PolicyTest.FACTS) {
                expect.text(fact).ifPresent(word -> expected.put(fact, word.equals("off") && !fact.equals("mta_sts") ? "none"
                        : word.equals("none") && fact.equals("mta_sts") ? "off" : word));
            }
            expect.finish();
            in.finish();
            if (in.node("to").isEmpty() || expected.isEmpty()) {
                in.problems().at(node, "found " + (expected.isEmpty() ? "nothing under expect" : "no recipient") + ", expected such as {to: a@bank.example, expect: {tls: required}}");
            }
            to.ifPresent(domain -> tests.add(new PolicyTest(in.problems().position(node), domain, from, expected)));
        }
        return tests;
    }

    private static Optional<Domain> domain(Section in, String key) {
        Optional<String> text = in.text(key);
        Optional<Domain> domain = text.flatMap(address -> Domain.parse(address.substring(address.lastIndexOf('@') + 1)));
        if (text.isPresent() && domain.isEmpty()) {
            in.wrong(key, text.get(), "an address or a domain");
        }
        return domain;
    }
}
