package org.mailrelay.app.serve;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.Mx;
import org.mailrelay.core.route.MxLookup;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.delivery.engine.QueueEntry;
import org.mailrelay.observe.hosts.HostFigures;

/// `tophosts` and `hoststatus`: destinations as they fare.
final class HostReport {

    private static final int SHOWN = 20;
    private static final int REASONS = 10_000;
    private static final List<String> ORDERS = List.of("active", "out", "delivered", "soft", "hard");

    private final Relay relay;

    HostReport(Relay relay) {
        this.relay = relay;
    }

    /// @param active recipients in the queue
    private record Row(HostFigures figures, long active) {}

    int top(List<String> words, AdminCommand.Output out) throws IOException {
        String order = Options.value(words, "--sort").orElse("active");
        if (!ORDERS.contains(order)) {
            out.line("--sort " + order + ": say one of " + String.join(" ", ORDERS));
            return 2;
        }
        Map<Domain, Long> active = relay.engine().recipientsByDomain();
        Map<Domain, HostFigures> known = new HashMap<>();
        relay.hosts().all().forEach(figures -> known.put(figures.domain(), figures));
        Stream<Row> rows = Stream.concat(known.keySet().stream(), active.keySet().stream()).distinct()
                .map(domain -> new Row(known.getOrDefault(domain, quiet(domain)), active.getOrDefault(domain, 0L)));
        List<Row> shown = rows.sorted(Comparator.comparingLong((Row row) -> value(row, order)).reversed().thenComparing(row -> row.figures().domain()))
                .limit(Options.number(words, "--limit", SHOWN)).toList();
        if (words.contains("--json")) {
            for (Row row : shown) {
                out.line(json(row).toString());
            }
            return 0;
        }
        out.line("%-40s %12s %9s %12s %12s %12s %s".formatted("Recipient host", "active rcpt", "conn out", "delivered", "soft bounced", "hard bounced", "status"));
        for (Row row : shown) {
            HostFigures host = row.figures();
            out.line("%-40s %12d %9d %12d %12d %12d %s".formatted(host.domain(), row.active(), host.connections(), host.delivered(), host.soft(), host.hard(), host.up() ? "up" : "down"));
        }
        return 0;
    }

    private static long value(Row row, String order) {
        return switch (order) {
            case "out" -> row.figures().connections();
            case "delivered" -> row.figures().delivered();
            case "soft" -> row.figures().soft();
            case "hard" -> row.figures().hard();
            default -> row.active();
        };
    }

    private static HostFigures quiet(Domain domain) {
        return new HostFigures(domain, 0, 0, 0, 0, 0, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    int status(List<String> words, AdminCommand.Output out) throws IOException {
        Optional<Domain> named = words.stream().filter(word -> !word.startsWith("--")).findFirst().flatMap(Domain::parse);
        if (named.isEmpty()) {
            out.line("say which destination: a domain");
            return 2;
        }
        Domain domain = named.get();
        if (words.contains("--transcript")) {
            return transcript(domain, words, out);
        }
        Waiting waiting = new Waiting();
        relay.engine().each(entry -> entry.domain().equals(domain), waiting);
        Optional<HostFigures> known = relay.hosts().of(domain);
        if (known.isEmpty() && waiting.recipients == 0) {
            out.line(domain + ": no mail for it since the relay started, and none in the queue");
            return 1;
        }
        Row row = new Row(known.orElse(quiet(domain)), waiting.recipients);
        List<String> hosts = hosts(domain);
        if (words.contains("--json")) {
            out.line(json(row).putTexts("mx", hosts).putTexts("waits_for", waiting.reasons()).toString());
            return 0;
        }
        HostFigures host = row.figures();
        line(out, "host", domain.name());
        line(out, "status", host.up() ? "up" : "down since " + QueueView.second(host.trouble().orElseThrow().at()) + ": " + escaped(host.trouble()));
        line(out, "entry", relay.settings().get().destinations().match(domain).tls().toString());
        line(out, "active recipients", Long.toString(row.active()));
        line(out, "connections", host.connections() + " open, " + host.opened() + " since the start");
        line(out, "delivered", Long.toString(host.delivered()));
        line(out, "soft bounced", Long.toString(host.soft()));
        line(out, "hard bounced", Long.toString(host.hard()));
        line(out, "last connection", at(host.last()));
        line(out, "TLS of it", at(host.tls()));
        line(out, "last 5xx answer", at(host.refusal()));
        for (String reason : waiting.reasons()) {
            line(out, "waits", Escape.text(reason, Escape.LOG_LIMIT));
        }
        for (String mx : hosts) {
            line(out, "mail host", mx);
        }
        return 0;
    }

    private static void line(AdminCommand.Output out, String name, String value) throws IOException {
        out.line("%-18s %s".formatted(name, value));
    }

    private static String at(Optional<HostFigures.Noted> noted) {
        return noted.map(some -> QueueView.second(some.at()) + "  " + Escape.text(some.text(), Escape.LOG_LIMIT)).orElse("none");
    }

    private static String escaped(Optional<HostFigures.Noted> noted) {
        return noted.map(some -> Escape.text(some.text(), Escape.LOG_LIMIT)).orElse("");
    }

    /// How many recipients wait, and for what.
    private static final class Waiting implements Consumer<QueueEntry> {
        private long recipients;
        private final Map<String, Long> counts = new TreeMap<>();

        @Override
        public void accept(QueueEntry entry) {
            recipients += entry.rids().size();
            if (!entry.reason().isEmpty() && (counts.size() < REASONS || counts.containsKey(entry.reason()))) {
                counts.merge(entry.reason(), (long) entry.rids().size(), Long::sum);
            }
        }

        List<String> reasons() {
            return counts.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed()).limit(SHOWN)
                    .map(entry -> entry.getValue() + (entry.getValue() == 1 ? " recipient: " : " recipients: ") + entry.getKey()).toList();
        }
    }

    /// As DNS gives them now, best first; a route stands before them.
    private List<String> hosts(Domain domain) {
        if (relay.settings().get().routes().match(Optional.empty(), domain).isPresent()) {
            return List.of("by a route of routes.yaml; see explain " + domain);
        }
        return switch (relay.resolver().mx(domain)) {
            case MxLookup.Found(List<Mx> hosts, _) -> hosts.stream().sorted(Comparator.comparingInt(Mx::preference)).map(mx -> mx.preference() + " " + mx.host().map(Domain::name).orElse("(no name) " + Escape.text(mx.text(), Escape.LOG_LIMIT))).toList();
            case MxLookup.NullMx _ -> List.of("null MX: the domain takes no mail");
            case MxLookup.NoMx _ -> List.of("no MX: its own address");
            case MxLookup.NxDomain _ -> List.of("no such domain");
            case MxLookup.Failed(var why) -> List.of("the lookup failed: " + why.words());
        };
    }

    private int transcript(Domain domain, List<String> words, AdminCommand.Output out) throws IOException {
        Optional<FailedConversations.Kept> kept = relay.conversations().of(domain);
        if (kept.isEmpty()) {
            out.line(domain + ": no conversation has failed since the relay started");
            return 1;
        }
        if (words.contains("--json")) {
            out.line(new JsonText().put("domain", domain.name()).put("time", kept.get().at().toString()).put("dcid", kept.get().dcid()).put("mx", kept.get().host())
                    .put("failure", kept.get().failure()).putTexts("lines", kept.get().lines()).toString());
            return 0;
        }
        out.line("DCID " + kept.get().dcid() + " to " + kept.get().host() + " at " + QueueView.second(kept.get().at()) + ": " + Escape.text(kept.get().failure(), Escape.LOG_LIMIT));
        for (String line : kept.get().lines()) {
            out.line(line);
        }
        return 0;
    }

    private static JsonText json(Row row) {
        HostFigures host = row.figures();
        JsonText json = new JsonText().put("domain", host.domain().name()).put("active_recipients", row.active()).put("connections", host.connections())
                .put("connections_opened", host.opened()).put("delivered", host.delivered()).put("soft_bounced", host.soft()).put("hard_bounced", host.hard()).put("up", host.up());
        Map<String, Optional<HostFigures.Noted>> noted = new TreeMap<>(Map.of("down_since", host.trouble(), "last_5xx", host.refusal(), "tls", host.tls(), "last_connection", host.last()));
        noted.forEach((name, value) -> value.ifPresent(some -> json.put(name, new JsonText().put("time", some.at().toString()).put("text", some.text()))));
        return json;
    }
}
