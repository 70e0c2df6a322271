package org.mailrelay.app.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.tls.TlsReason;

/// Reads the relay's facts and keeps, by recipient domain, what became of the mail and why. Any thread.
final class DemoResults implements EventSink {

    /// One row of the table.
    record Row(String result, String how, String why) {}

    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Map<String, String> how = new LinkedHashMap<>();
    private final Map<String, String> why = new LinkedHashMap<>();
    private final CountDownLatch missing;

    /// @param domains how many must have a result
    DemoResults(int domains) {
        missing = new CountDownLatch(domains);
    }

    @Override
    public synchronized void on(MailEvent event) {
        switch (event) {
            case DeliveryEvent.TlsSucceeded e -> how.put(e.connection().domain().name(), "encrypted, " + e.protocol());
            case DeliveryEvent.InTheClear e -> {
                how.put(e.connection().domain().name(), "in the clear");
                why.put(e.connection().domain().name(), e.why().words());
            }
            case DeliveryEvent.PeerVerified e -> how.computeIfPresent(e.connection().domain().name(), (_, before) -> before + ", verified");
            case DeliveryEvent.PolicyUnmet e -> {
                how.remove(e.connection().domain().name());
                why.put(e.connection().domain().name(), String.join(", ", e.why().stream().map(TlsReason::words).toList()));
            }
            case DeliveryEvent.Delivered e -> ended(e.connection().domain().name(), "delivered");
            case DeliveryEvent.Closed e -> {
                String domain = e.connection().domain().name();
                if (!how.containsKey(domain) && why.containsKey(domain)) {
                    ended(domain, "waits");
                }
            }
            default -> { }
        }
    }

    private void ended(String domain, String result) {
        if (rows.putIfAbsent(domain, new Row(result, how.getOrDefault(domain, "nothing was sent"), why.getOrDefault(domain, ""))) == null) {
            missing.countDown();
        }
    }

    /// @return false when some mail has neither been delivered nor held after `limit`
    boolean await(Duration limit) throws InterruptedException {
        return missing.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// The table, a line a destination under each policy.
    synchronized List<String> table(List<String> policies) {
        String format = "  %-16s %-42s %-10s %-29s %s";
        List<String> lines = new ArrayList<>();
        lines.add(format.formatted("policy", "the destination ...", "result", "how", "why"));
        for (DemoDestination destination : DemoDestination.values()) {
            for (String policy : policies) {
                Row row = rows.getOrDefault(destination.domain(policy), new Row("no result", "", ""));
                lines.add(format.formatted(policy, destination.words(), row.result(), row.how(), row.why()).stripTrailing());
            }
        }
        return lines;
    }
}
