package org.mailrelay.app.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.path.PathState;
import org.mailrelay.delivery.engine.DeliveryEngine;
import org.mailrelay.delivery.path.OwnPath;
import org.mailrelay.net.dns.ValidationWatch;
import org.mailrelay.observe.http.Readiness;
import org.mailrelay.queue.SpoolStatus;

/// `status`: what the relay is doing, and its counters since the start.
final class StatusReport {

    private final Relay relay;

    StatusReport(Relay relay) {
        this.relay = relay;
    }

    /// @return with `--ready` 0 or 1
    int run(List<String> words, AdminCommand.Output out) throws IOException {
        Readiness ready = relay.ready();
        if (words.contains("--ready")) {
            out.line(ready.reason());
            return ready.ready() ? 0 : 1;
        }
        if (words.contains("--reset")) {
            relay.counters().reset();
            out.line("counters count from now");
            return 0;
        }
        Map<String, Long> gauges = gauges();
        if (words.contains("--json")) {
            out.line(json(ready, gauges));
            return 0;
        }
        out.line("mailrelay " + relay.version() + " on " + relay.settings().get().relay().hostname().name() + ", up " + QueueView.age(relay.uptime())
                + ", configuration generation " + relay.settings().generation());
        out.line("state: " + ready.reason() + (relay.engine().gauges().takingUp() ? "; what was queued at the start is being taken up" : ""));
        String suspended = suspended();
        if (!suspended.isEmpty()) {
            out.line("suspended: " + suspended);
        }
        out.line("dnssec: " + validation());
        out.line("own network: " + ownNetwork());
        out.line("");
        for (Map.Entry<String, Long> gauge : gauges.entrySet()) {
            out.line("%-28s %15d".formatted(gauge.getKey(), gauge.getValue()));
        }
        out.line("");
        SortedMap<String, Long> lifetime = relay.counters().lifetime();
        SortedMap<String, Long> sinceReset = relay.counters().sinceReset();
        SortedMap<String, Long> uptime = relay.metrics().totals();
        out.line("%-48s %15s %15s %15s".formatted("counters", "since reset", "uptime", "lifetime"));
        for (String name : lifetime.keySet()) {
            out.line("%-48s %15d %15d %15d".formatted(name, sinceReset.getOrDefault(name, 0L), uptime.getOrDefault(name, 0L), lifetime.get(name)));
        }
        out.line("reset at " + QueueView.second(relay.counters().resetAt()) + "; status --reset does it again");
        return 0;
    }

    /// What `rate` shows, by the names of metrics.
    private static final List<Map.Entry<String, String>> RATES = List.of(Map.entry("messages received", "mailrelay_messages_received_total"),
            Map.entry("recipients received", "mailrelay_recipients_received_total"), Map.entry("receiving failed", "mailrelay_messages_rejected_total"),
            Map.entry("recipients delivered", "mailrelay_delivery_attempts_total.delivered"), Map.entry("recipients soft bounced", "mailrelay_delivery_attempts_total.delayed"),
            Map.entry("recipients hard bounced", "mailrelay_delivery_attempts_total.bounced"), Map.entry("messages finished", "mailrelay_messages_finished_total"),
            Map.entry("connections opened, in and out", "mailrelay_connections_opened_total"));

    /// `rate`: how much a minute, over the last 1, 5 and 15 minutes.
    int rate(List<String> words, AdminCommand.Output out) throws IOException {
        List<SortedMap<String, Double>> rates = Stream.of(1, 5, 15).map(minutes -> relay.counters().perMinute(Duration.ofMinutes(minutes))).toList();
        boolean json = words.contains("--json");
        JsonText all = new JsonText();
        if (!json) {
            out.line("%-32s %12s %12s %12s".formatted("a minute, over the last", "1 min", "5 min", "15 min"));
        }
        for (Map.Entry<String, String> row : RATES) {
            List<Double> values = rates.stream().map(rate -> rate.getOrDefault(row.getValue(), 0.0)).toList();
            if (json) {
                all.put(row.getValue(), new JsonText().put("1m", Math.round(values.get(0))).put("5m", Math.round(values.get(1))).put("15m", Math.round(values.get(2))));
            } else {
                out.line("%-32s %12.1f %12.1f %12.1f".formatted(row.getKey(), values.get(0), values.get(1), values.get(2)));
            }
        }
        if (json) {
            out.line(all.toString());
        }
        return 0;
    }

    /// Empty where all goes on.
    private String suspended() {
        DeliveryEngine.Suspensions delivery = relay.engine().suspensions();
        return Stream.of(relay.listeners().suspended() ? List.of("receiving") : List.<String>of(), delivery.all() ? List.of("delivery") : List.<String>of(),
                delivery.domains().stream().map(domain -> "delivery to " + domain).toList()).flatMap(List::stream).collect(Collectors.joining(", "));
    }

    private String validation() {
        ValidationWatch.Report last = relay.lookups().validation();
        return switch (last.state()) {
            case NOT_TRIED -> "validation ";
            case OFF -> "off, ";
            case WORKING -> "validation works, ";
            case BROKEN_DEFERRING -> "validation does not work here, mail that needs it waits, ";
            case BROKEN_IGNORED -> "validation does not work here, DANE is off, ";
        } + Escape.text(last.detail(), 512);
    }

    /// By `alerts.own_path`.
    private String ownNetwork() {
        if (!relay.settings().get().relay().alerts().ownPath().on()) {
            return "not watched";
        }
        List<String> doubts = relay.ownPath().doubtful().stream().map(path -> switch (path.state()) {
            case PathState.Trusted _ -> "trusted from " + path.source();
            case PathState.Suspected(var since, var until) -> "suspected from " + path.source() + " since " + QueueView.second(since) + ", opportunistic mail waits until " + QueueView.second(until) + " at most, " + hosts(path);
            case PathState.GivenUp(var since) -> "suspected from " + path.source() + " since " + QueueView.second(since) + ", nothing waits for it, " + hosts(path);
        }).toList();
        return doubts.isEmpty() ? "trusted" : String.join("; ", doubts);
    }

    private static String hosts(OwnPath.Standing path) {
        return path.back() + " of " + path.affected() + " hosts are back";
    }

    private Map<String, Long> gauges() {
        DeliveryEngine.Gauges engine = relay.engine().gauges();
        SpoolStatus spool = relay.spool().status();
        Map<String, Long> gauges = new TreeMap<>();
        gauges.put("queue messages", (long) engine.messages());
        gauges.put("queue destinations", (long) engine.destinations());
        gauges.put("connections out", (long) engine.connections());
        gauges.put("mta-sts policies", (long) relay.lookups().policies());
        gauges.put("connections in", (long) relay.listeners().connections());
        gauges.put("spool bytes", spool.bytes());
        gauges.put("spool bytes at most", spool.maxBytes());
        gauges.put("spool memory bytes", spool.memory());
        gauges.put("spool segments", (long) spool.segments());
        return gauges;
    }

    private String json(Readiness ready, Map<String, Long> gauges) {
        JsonText values = new JsonText();
        gauges.forEach((name, value) -> values.put(name.replace(' ', '_'), value));
        JsonText counters = new JsonText();
        relay.metrics().totals().forEach(counters::put);
        JsonText sinceReset = new JsonText();
        relay.counters().sinceReset().forEach(sinceReset::put);
        JsonText lifetime = new JsonText();
        relay.counters().lifetime().forEach(lifetime::put);
        return new JsonText().put("version", relay.version()).put("hostname", relay.settings().get().relay().hostname().name())
                .put("uptime_seconds", relay.uptime().toSeconds()).put("configuration_generation", relay.settings().generation())
                .put("ready", ready.ready()).put("state", ready.reason()).put("suspended", suspended()).put("dnssec", validation()).put("own_network", ownNetwork()).put("gauges", values).put("counters", counters).put("reset_at", relay.counters().resetAt().toString())
                .put("counters_since_reset", sinceReset).put("counters_lifetime", lifetime).toString();
    }
}
