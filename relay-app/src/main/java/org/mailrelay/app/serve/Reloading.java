package org.mailrelay.app.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.config.ConfigProblem;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.settings.PolicyChange;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;

/// Reads `conf/` again: on command, on SIGHUP, and when its files, or keys that sign mail, changed and have been still for 2 s. Any thread; one reload at a time.
/// Files of the listeners' TLS, which no setting shows a change of, are read again likewise.
///
/// A reload replaces the whole tree or nothing. One that nobody asked for is held back where it would lower TLS terms, because that is what
/// a half-saved file looks like.
final class Reloading implements AutoCloseable {

    /// Binds what the new settings ask for; what was bound and is still asked for stays.
    @FunctionalInterface
    interface Binding {
        void apply(Settings next) throws IOException;
    }

    /// Who asked.
    enum Cause { OPERATOR, FILE_CHANGE }

    /// What became of a reload; every line is for the operator.
    record Outcome(boolean applied, List<String> lines) {
        Outcome {
            lines = List.copyOf(lines);
        }
    }

    private final CurrentSettings current;
    private final SettingsSource source;
    private final Binding binding;
    private final EventSink events;
    private final InstantSource clock;
    private final FileWatch watch;
    /// What was wrong with the files the last time; nothing when they were taken.
    private List<String> wrong = List.of();

    Reloading(CurrentSettings current, SettingsSource source, Binding binding, EventSink events, InstantSource clock) {
        this(current, source, binding, events, clock, FileWatch.STILL);
    }

    /// @param still how long files must not have changed
    Reloading(CurrentSettings current, SettingsSource source, Binding binding, EventSink events, InstantSource clock, Duration still) {
        this.current = current;
        this.source = source;
        this.binding = binding;
        this.events = events;
        this.clock = clock;
        this.watch = new FileWatch(source.folder(), current, still, new FileWatch.Changes() {
            @Override
            public void configuration() {
                reload(Cause.FILE_CHANGE);
            }

            @Override
            public void listeners(List<String> files) {
                readAgain(files);
            }
        });
    }

    synchronized Outcome reload(Cause cause) {
        return switch (source.read()) {
            case ConfigLoader.Refused(var problems, var keys) -> {
                watch.alsoNamed(keys);
                yield refused(cause, problems.stream().map(ConfigProblem::toString).toList());
            }
            case ConfigLoader.Loaded(Settings next, var warnings) -> {
                watch.alsoNamed(Set.of());
                if (cause == Cause.FILE_CHANGE && next.equals(current.get())) {
                    yield unchanged();   // a comment, what a command has already read, or a mistake that was taken back
                }
                List<String> lowered = PolicyChange.lowersTls(current.get(), next, clock.instant());
                yield cause == Cause.FILE_CHANGE && !lowered.isEmpty()
                        ? refused(cause, List.of("the TLS terms of " + String.join(", ", lowered) + " would be lowered: 'mailrelay reload' applies it"))
                        : apply(cause, next, warnings);
            }
        };
    }

    private Outcome unchanged() {
        if (!wrong.isEmpty()) {
            loaded(current.generation());
        }
        return new Outcome(true, List.of());
    }

    private void loaded(long generation) {
        wrong = List.of();
        events.on(new SystemEvent.ConfigurationLoaded(clock.instant(), generation));
    }

    /// What is in force stays so, with files that have changed.
    private synchronized void readAgain(List<String> files) {
        try {
            binding.apply(current.get());
            events.on(new SystemEvent.FilesReadAgain(clock.instant(), files, Optional.empty()));
        } catch (IOException unusable) {
            events.on(new SystemEvent.FilesReadAgain(clock.instant(), files, Optional.of(String.valueOf(unusable.getMessage()))));
        }
    }

    private Outcome apply(Cause cause, Settings next, List<String> warnings) {
        try {
            binding.apply(next);
        } catch (IOException unbound) {
            return refused(cause, List.of(String.valueOf(unbound.getMessage())));
        }
        List<String> lines = new ArrayList<>(warnings);
        lines.addAll(atTheNextStart(current.get().relay(), next.relay()));
        List<String> keys = otherKeys(current.get(), next);
        long generation = current.replace(next);
        loaded(generation);
        if (!keys.isEmpty()) {
            events.on(new SystemEvent.FilesReadAgain(clock.instant(), keys, Optional.empty()));
        }
        lines.add("configuration loaded, generation " + generation);
        return new Outcome(true, lines);
    }

    /// Files that hold another key than before.
    private static List<String> otherKeys(Settings old, Settings next) {
        Map<Path, SigningKey> before = keys(old);
        return keys(next).entrySet().stream().filter(now -> before.containsKey(now.getKey()) && !now.getValue().equals(before.get(now.getKey()))).map(now -> now.getKey().toString()).toList();
    }

    private static Map<Path, SigningKey> keys(Settings of) {
        Map<Path, SigningKey> keys = new TreeMap<>();
        of.dkim().keys().forEach(key -> keys.put(key.file(), key.key()));
        return keys;
    }

    private Outcome refused(Cause cause, List<String> problems) {
        if (cause == Cause.OPERATOR || !problems.equals(wrong)) {
            problems.forEach(problem -> events.on(new SystemEvent.ConfigurationRefused(clock.instant(), problem)));
        }
        wrong = List.copyOf(problems);
        List<String> lines = new ArrayList<>(problems);
        lines.add("configuration not changed");
        return new Outcome(false, lines);
    }

    /// What is opened once and not again.
    private static List<String> atTheNextStart(RelaySettings old, RelaySettings next) {
        List<String> lines = new ArrayList<>();
        note(lines, "spool", old.spool(), next.spool());
        note(lines, "dns", old.dns(), next.dns());
        note(lines, "log", old.log(), next.log());
        note(lines, "metrics", old.metrics(), next.metrics());
        note(lines, "admin", old.admin(), next.admin());
        note(lines, "delivery.refuse_addresses", old.delivery().refuseAddresses(), next.delivery().refuseAddresses());
        note(lines, "delivery.tls_provider", old.delivery().tlsProvider(), next.delivery().tlsProvider());
        return lines;
    }

    private static void note(List<String> lines, String key, Object old, Object next) {
        if (!old.equals(next)) {
            lines.add("relay.yaml: " + key + " changed; that takes effect at the next start");
        }
    }

    @Override
    public void close() {
        watch.close();
    }
}
