package org.mailrelay.app.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.delivery.engine.DeliveryEngine;
import org.mailrelay.delivery.engine.Order;
import org.mailrelay.delivery.engine.QueueEntry;
import org.mailrelay.delivery.engine.Redirection;

/// What operators ask of the queue: to list it, and to do something to a selection of it. Entries pass one by one: a million of them take no memory here.
final class QueueCommands {

    private final Relay relay;

    QueueCommands(Relay relay) {
        this.relay = relay;
    }

    Map<String, AdminCommand> all() {
        return Map.of(
                "queue", this::queue,
                "oldest", this::oldest,
                "retry", (words, out) -> act(words, out, "retried", new Order.Retry()),
                "hold", (words, out) -> act(words, out, "held", new Order.Hold()),
                "release", (words, out) -> act(words, out, "released", new Order.Release()),
                "delete", (words, out) -> act(words, out, "deleted", new Order.Delete()),
                "bounce", (words, out) -> act(words, out, "bounced", new Order.Bounce()),
                "redirect", this::redirect);
    }

    private int queue(List<String> words, AdminCommand.Output out) throws IOException {
        boolean json = words.contains("--json");
        List<String> filter = Options.rest(words);
        Instant now = relay.clock().instant();
        long most = Options.number(words, "--limit", Long.MAX_VALUE);
        Mid after = new Mid(Options.number(words, "--after", 0));
        return switch (QueueFilter.parse(filter.isEmpty() ? List.of("all") : filter, now)) {
            case QueueFilter.Parsed.Mistake(String text) -> usage(text, out);
            case QueueFilter.Parsed.Filter(QueueFilter found) -> {
                Page page = new Page(most, entry -> line(entry, json, now, out));
                try {
                    relay.engine().each(after, found.rule(), page);
                } catch (UncheckedIOException left) {
                    throw left.getCause();
                }
                if (!json) {
                    out.line(counted(page.shown()) + (page.cut() ? "; there are more: --after " + page.last() + " goes on" : ""));
                }
                yield 0;
            }
        };
    }

    private void line(QueueEntry entry, boolean json, Instant now, AdminCommand.Output out) {
        try {
            for (String line : json ? QueueView.json(entry) : List.of(QueueView.line(entry, now))) {
                out.line(line);
            }
        } catch (IOException left) {
            throw new UncheckedIOException(left);
        }
    }

    /// The messages that have waited longest.
    private int oldest(List<String> words, AdminCommand.Output out) throws IOException {
        Instant now = relay.clock().instant();
        Comparator<QueueEntry> age = Comparator.comparing(QueueEntry::received).thenComparing(QueueEntry::mid);
        PriorityQueue<QueueEntry> oldest = new PriorityQueue<>(age.reversed());
        long most = Options.number(words, "--limit", 10);
        relay.engine().each(_ -> true, entry -> {
            oldest.add(entry);
            if (oldest.size() > most) {
                oldest.poll();
            }
        });
        for (QueueEntry entry : oldest.stream().sorted(age).toList()) {
            line(entry, words.contains("--json"), now, out);
        }
        return 0;
    }

    private int redirect(List<String> words, AdminCommand.Output out) throws IOException {
        Optional<Redirection> to = Options.value(words, "--to").flatMap(text -> Redirection.parse(text, relay.settings().get().relay().delivery().port()));
        if (to.isEmpty()) {
            return usage("--to: say a host, such as mx.example.com or 192.0.2.7:587", out);
        }
        return act(words, out, "redirected to " + to.get(), new Order.Redirect(to.get()));
    }

    private int act(List<String> words, AdminCommand.Output out, String done, Order order) throws IOException {
        boolean json = words.contains("--json");
        return switch (QueueFilter.parse(Options.rest(words), relay.clock().instant())) {
            case QueueFilter.Parsed.Mistake(String text) -> usage(text, out);
            case QueueFilter.Parsed.Filter(QueueFilter found) when words.contains("--count") -> {
                DeliveryEngine.Count count = relay.engine().count(found.rule());
                out.line(json ? new JsonText().put("messages", count.messages()).put("recipients", count.recipients()).toString() : counted(count));
                yield 0;
            }
            case QueueFilter.Parsed.Filter(QueueFilter found) -> act(found, out, json, done, order);
        };
    }

    private int act(QueueFilter filter, AdminCommand.Output out, boolean json, String done, Order order) throws IOException {
        try {
            DeliveryEngine.Done result = relay.engine().act(filter.rule(), order);
            out.line(json ? new JsonText().put("recipients", result.recipients()).put("under_way", result.underWay()).toString()
                    : result.recipients() + (result.recipients() == 1 ? " recipient " : " recipients ") + done
                            + (result.underWay() == 0 ? "" : "; " + result.underWay() + " more are being delivered, and it is done to those that still wait afterwards"));
            return 0;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static String counted(DeliveryEngine.Count count) {
        return count.messages() + (count.messages() == 1 ? " message, " : " messages, ") + count.recipients() + (count.recipients() == 1 ? " recipient" : " recipients");
    }

    private static int usage(String text, AdminCommand.Output out) throws IOException {
        out.line(text);
        return 2;
    }
}
