package org.mailrelay.app.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.core.mail.Domain;
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
        Map<String, AdminCommand> commands = new HashMap<>(new QueueCommands(relay).all());
        commands.putAll(Map.ofEntries(
                Map.entry("status", new StatusReport(relay)::run),
                Map.entry("show", new MessageReport(relay)::run),
                Map.entry("rate", new StatusReport(relay)::rate),
                Map.entry("tophosts", new HostReport(relay)::top),
                Map.entry("hoststatus", new HostReport(relay)::status),
                Map.entry("policy-report", new PolicyReport(relay)::run),
                Map.entry("tls-report", new PolicyReport(relay)::preview),
                Map.entry("track", new TrackReport(relay)::run),
                Map.entry("suspend", (words, out) -> switchTo(true, words, out)),
                Map.entry("resume", (words, out) -> switchTo(false, words, out)),
                Map.entry("tail", this::tail),
                Map.entry("reload", this::reload)));
        return commands;
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
