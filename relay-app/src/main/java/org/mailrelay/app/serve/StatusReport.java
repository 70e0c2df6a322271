package org.mailrelay.app.serve;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.delivery.engine.DeliveryEngine;
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
        Map<String, Long> gauges = gauges();
        if (words.contains("--json")) {
            out.line(json(ready, gauges));
            return 0;
        }
        out.line("mailrelay " + relay.version() + " on " + relay.settings().get().relay().hostname().name() + ", up " + QueueView.age(relay.uptime())
                + ", configuration generation " + relay.settings().generation());
        out.line("state: " + ready.reason());
        out.line("");
        for (Map.Entry<String, Long> gauge : gauges.entrySet()) {
            out.line("%-28s %15d".formatted(gauge.getKey(), gauge.getValue()));
        }
        out.line("");
        out.line("since the start:");
        for (Map.Entry<String, Long> counter : relay.metrics().totals().entrySet()) {
            out.line("%-44s %15d".formatted(counter.getKey(), counter.getValue()));
        }
        return 0;
    }

    private Map<String, Long> gauges() {
        DeliveryEngine.Gauges engine = relay.engine().gauges();
        SpoolStatus spool = relay.spool().status();
        Map<String, Long> gauges = new TreeMap<>();
        gauges.put("queue messages", (long) engine.messages());
        gauges.put("queue destinations", (long) engine.destinations());
        gauges.put("connections out", (long) engine.connections());
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
        return new JsonText().put("version", relay.version()).put("hostname", relay.settings().get().relay().hostname().name())
                .put("uptime_seconds", relay.uptime().toSeconds()).put("configuration_generation", relay.settings().generation())
                .put("ready", ready.ready()).put("state", ready.reason()).put("gauges", values).put("counters", counters).toString();
    }
}
