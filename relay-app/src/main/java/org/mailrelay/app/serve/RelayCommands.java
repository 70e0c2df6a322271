package org.mailrelay.app.serve;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.delivery.engine.Order;
import org.mailrelay.delivery.engine.QueueEntry;
import org.mailrelay.observe.log.LineTail;

/// What the command line can ask of the running relay. Each command runs on a virtual thread of its own.
final class RelayCommands {

    private static final Duration TAIL_LOOK = Duration.ofSeconds(1);
    private static final int TAIL_BATCHES = 256;

    private final Relay relay;

    RelayCommands(Relay relay) {
        this.relay = relay;
    }

    Map<String, AdminCommand> all() {
        return Map.ofEntries(
                Map.entry("status", new StatusReport(relay)::run),
                Map.entry("queue", this::queue),
                Map.entry("show", new MessageReport(relay)::run),
                Map.entry("oldest", this::oldest),
                Map.entry("rate", new StatusReport(relay)::rate),
                Map.entry("tophosts", new HostReport(relay)::top),
                Map.entry("hoststatus", new HostReport(relay)::status),
                Map.entry("policy-report", new PolicyReport(relay)::run),
                Map.entry("tls-report", new PolicyReport(relay)::preview),
                Map.entry("track", new TrackReport(relay)::run),
                Map.entry("retry", (words, out) -> act(words, out, "retried", named -> order(named, new Order.Retry()))),
                Map.entry("delete", (words, out) -> act(words, out, "deleted", named -> order(named, new Order.Delete()))),
                Map.entry("suspend", (words, out) -> switchTo(true, words, out)),
                Map.entry("resume", (words, out) -> switchTo(false, words, out)),
                Map.entry("tail", this::tail),
                Map.entry("reload", this::reload));
    }

    private int queue(List<String> words, AdminCommand.Output out) throws IOException {
        boolean json = words.contains("--json");
        List<String> filter = words.stream().filter(word -> !word.equals("--json")).toList();
        Instant now = relay.clock().instant();
        return switch (QueueFilter.parse(filter.isEmpty() ? List.of("all") : filter, now)) {
            case QueueFilter.Parsed.Mistake(String text) -> usage(text, out);
            case QueueFilter.Parsed.Filter(QueueFilter found) -> {
                List<QueueEntry> selected = found.select(relay.engine().snapshot(), relay.spool());
                for (QueueEntry entry : selected) {
                    for (String line : json ? QueueView.json(entry) : List.of(QueueView.line(entry, now))) {
                        out.line(line);
                    }
                }
                if (!json) {
                    out.line(counted(selected));
                }
                yield 0;
            }
        };
    }

    /// The messages that have waited longest.
    private int oldest(List<String> words, AdminCommand.Output out) throws IOException {
        Instant now = relay.clock().instant();
        Comparator<QueueEntry> age = Comparator.comparing(QueueEntry::received).thenComparing(QueueEntry::mid);
        PriorityQueue<QueueEntry> oldest = new PriorityQueue<>(age.reversed());
        long most = Options.number(words, "--limit", 10);
        for (QueueEntry entry : relay.engine().snapshot()) {
            oldest.add(entry);
            if (oldest.size() > most) {
                oldest.poll();
            }
        }
        for (QueueEntry entry : oldest.stream().sorted(age).toList()) {
            for (String line : words.contains("--json") ? QueueView.json(entry) : List.of(QueueView.line(entry, now))) {
                out.line(line);
            }
        }
        return 0;
    }

    @FunctionalInterface
    private interface Action {
        /// @return how many recipients it changed
        long on(Set<Selected> selected);
    }

    /// Recipients that wait together stay together while they wait, so this names them.
    private record Selected(Mid mid, List<Integer> rids) {
        static Selected of(QueueEntry entry) {
            return new Selected(entry.mid(), entry.rids());
        }
    }

    private int act(List<String> words, AdminCommand.Output out, String done, Action action) throws IOException {
        boolean onlyCount = words.contains("--count");
        List<String> filter = words.stream().filter(word -> !word.startsWith("--")).toList();
        return switch (QueueFilter.parse(filter, relay.clock().instant())) {
            case QueueFilter.Parsed.Mistake(String text) -> usage(text, out);
            case QueueFilter.Parsed.Filter(QueueFilter found) -> {
                List<QueueEntry> selected = found.select(relay.engine().snapshot(), relay.spool());
                if (onlyCount) {
                    out.line(counted(selected));
                } else {
                    Set<Selected> named = new HashSet<>();
                    selected.forEach(entry -> named.add(Selected.of(entry)));
                    long count = action.on(named);
                    out.line(count + (count == 1 ? " recipient " : " recipients ") + done);
                }
                yield 0;
            }
        };
    }

    private long order(Set<Selected> selected, Order order) {
        try {
            return relay.engine().act(entry -> selected.contains(Selected.of(entry)), order).recipients();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static String counted(List<QueueEntry> entries) {
        long messages = entries.stream().map(QueueEntry::mid).distinct().count();
        int recipients = entries.stream().mapToInt(entry -> entry.rids().size()).sum();
        return messages + (messages == 1 ? " message, " : " messages, ") + recipients + (recipients == 1 ? " recipient" : " recipients");
    }

    private int switchTo(boolean suspended, List<String> words, AdminCommand.Output out) throws IOException {
        String what = words.isEmpty() ? "" : words.getFirst();
        if (what.equals("receiving") && words.size() == 1) {
            if (suspended) {
                relay.listeners().suspend();
            } else {
                relay.listeners().resume();
            }
        } else if (what.equals("delivery") && words.size() == 1) {
            if (suspended) {
                relay.engine().suspend();
            } else {
                relay.engine().resume();
            }
        } else if (what.equals("domain") && words.size() == 2) {
            Optional<Domain> domain = Domain.parse(words.get(1));
            if (domain.isEmpty()) {
                return usage("not a domain: " + words.get(1), out);
            }
            if (suspended) {
                relay.engine().suspend(domain.get());
            } else {
                relay.engine().resume(domain.get());
            }
        } else {
            return usage("say receiving, delivery, or domain NAME", out);
        }
        out.line(String.join(" ", words) + (suspended ? " suspended" : " resumed"));
        return 0;
    }

    /// Until the client leaves, or the relay.
    private int tail(List<String> words, AdminCommand.Output out) throws IOException {
        String pattern = words.isEmpty() ? "" : words.getFirst();
        try (LineTail.Follower follower = relay.tail().follow(TAIL_BATCHES)) {
            long lost = 0;
            while (true) {
                Optional<String> lines = follower.next(TAIL_LOOK);
                for (String line : lines.map(text -> text.split("\n")).orElse(new String[0])) {
                    if (line.contains(pattern)) {
                        out.line(line);
                    }
                }
                if (follower.lost() > lost) {
                    lost = follower.lost();
                    out.line("(some lines left out: this terminal is slower than the log)");
                }
                out.flush();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private int reload(List<String> words, AdminCommand.Output out) throws IOException {
        Reloading.Outcome outcome = relay.reloading().reload(Reloading.Cause.OPERATOR);
        for (String line : outcome.lines()) {
            out.line(line);
        }
        return outcome.applied() ? 0 : 1;
    }

    private static int usage(String text, AdminCommand.Output out) throws IOException {
        out.line(text);
        return 2;
    }
}
