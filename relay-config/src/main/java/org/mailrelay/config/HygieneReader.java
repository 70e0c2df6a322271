package org.mailrelay.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.access.MailFlowPolicy.Auth;
import org.mailrelay.core.header.Hygiene;
import org.mailrelay.core.header.Masquerade;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads what `access.yaml` says of the messages themselves: `masquerades`, and the keys of a policy that are about content.
final class HygieneReader {

    private final Map<String, Masquerade> masquerades = new HashMap<>();

    /// `masquerades`; to be read before the policies that name them.
    void read(Section file) {
        file.section("masquerades").named().forEach((name, node) -> masquerades.put(name, masquerade(name, file.item("masquerade", node))));
    }

    private static Masquerade masquerade(String name, Section in) {
        Map<Mailbox, Mailbox> addresses = new HashMap<>();
        Map<Domain, Domain> domains = new HashMap<>();
        Map<Domain, Domain> suffixes = new HashMap<>();
        Section whole = in.section("addresses");
        in.problems().known.add("masquerade.addresses");
        whole.named().forEach((from, node) -> {
            Optional<Mailbox> inside = mailbox(whole, whole.keyNode(from), from);
            Optional<Mailbox> outside = whole.scalar(from, node).flatMap(to -> mailbox(whole, node, to));
            if (inside.isPresent() && outside.isPresent()) {
                addresses.put(inside.get(), outside.get());
            }
        });
        Section parts = in.section("domains");
        in.problems().known.add("masquerade.domains");
        parts.named().forEach((from, node) -> {
            boolean below = from.startsWith(".");
            Optional<Domain> inside = domain(parts, parts.keyNode(from), below ? from.substring(1) : from);
            Optional<Domain> outside = parts.scalar(from, node).flatMap(to -> domain(parts, node, to));
            if (inside.isPresent() && outside.isPresent()) {
                (below ? suffixes : domains).put(inside.get(), outside.get());
            }
        });
        in.finish();
        return new Masquerade(name, addresses, domains, suffixes);
    }

    private static Optional<Mailbox> mailbox(Section in, Node place, String text) {
        try {
            return Optional.of(Mailbox.of(text));
        } catch (IllegalArgumentException malformed) {
            in.problems().at(place, "found " + text + ", expected a mail address");
            return Optional.empty();
        }
    }

    private static Optional<Domain> domain(Section in, Node place, String text) {
        Optional<Domain> domain = Domain.parse(text);
        if (domain.isEmpty()) {
            in.problems().at(place, "found " + text + ", expected a domain, or .domain for all below it on the left");
        }
        return domain;
    }

    /// @param auth of the same policy: who must say who they are submit mail, unless the policy says otherwise
    Hygiene ofPolicy(Section in, Auth auth) {
        boolean submission = in.flag("submission", auth == Auth.REQUIRED);
        Hygiene.ContentLimits base = Hygiene.ContentLimits.DEFAULT;
        var limits = new Hygiene.ContentLimits(in.number("max_received_fields", base.receivedFields(), 50, 10_000), in.isNothing("max_header_size") ? base.headerOctets() : in.size("max_header_size", base.headerOctets()), line(in, base.lineOctets()));
        return new Hygiene(in.flag("add_missing_fields", submission), in.flag("remove_bcc", submission), named(in, "masquerade"), named(in, "aliases"),
                in.word("long_lines", Hygiene.LongLines.ENCODE, Map.of("encode", Hygiene.LongLines.ENCODE, "pass", Hygiene.LongLines.PASS)), limits);
    }

    private static long line(Section in, long otherwise) {
        if (in.isNothing("max_line_length")) {
            return otherwise;
        }
        long length = in.size("max_line_length", otherwise);
        if (length < 998) {
            in.wrong("max_line_length", in.text("max_line_length").orElse(""), "none, or at least 998");
            return otherwise;
        }
        return length;
    }

    private Optional<Masquerade> named(Section in, String key) {
        Optional<String> name = in.isNothing(key) ? Optional.empty() : in.text(key);
        if (name.isPresent() && !masquerades.containsKey(name.get())) {
            in.wrong(key, name.get(), "none, or the name of an entry of masquerades"
                    + Units.nearest(name.get(), masquerades.keySet()).map(near -> "; did you mean " + near + "?").orElse(""));
        }
        return name.map(masquerades::get);
    }
}
