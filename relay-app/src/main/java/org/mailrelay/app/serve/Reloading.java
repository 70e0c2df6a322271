package org.mailrelay.app.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.mailrelay.config.ConfigLoader;
import org.mailrelay.config.ConfigProblem;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.settings.PolicyChange;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.settings.Settings;

/// Reads `conf/` again: on command, on SIGHUP, and when its files, certificates of listeners, or keys that sign mail, changed and have been still for 2 s. Any thread; one reload at a time.
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

    private static final Duration STILL = Duration.ofSeconds(2);

    private final CurrentSettings current;
    private final SettingsSource source;
    private final Binding binding;
    private final EventSink events;
    private final InstantSource clock;
    private final Duration still;
    private final CountDownLatch closed = new CountDownLatch(1);
    /// Of the certificates that listeners show.
    private Map<String, String> certificates;

    Reloading(CurrentSettings current, SettingsSource source, Binding binding, EventSink events, InstantSource clock) {
        this(current, source, binding, events, clock, STILL);
    }

    Reloading(CurrentSettings current, SettingsSource source, Binding binding, EventSink events, InstantSource clock, Duration still) {
        this.still = still;
        this.certificates = certificates(current.get());
        this.current = current;
        this.source = source;
        this.binding = binding;
        this.events = events;
        this.clock = clock;
        Thread.ofVirtual().name("conf-watch").start(this::watch);
    }

    synchronized Outcome reload(Cause cause) {
        return switch (source.read()) {
            case ConfigLoader.Refused(var problems) -> refused(problems.stream().map(ConfigProblem::toString).toList());
            case ConfigLoader.Loaded(Settings next, var warnings) -> {
                if (cause == Cause.FILE_CHANGE && next.equals(current.get()) && certificates(next).equals(certificates)) {
                    yield new Outcome(true, List.of());   // a comment, or what a command has already read
                }
                List<String> lowered = PolicyChange.lowersTls(current.get(), next, clock.instant());
                yield cause == Cause.FILE_CHANGE && !lowered.isEmpty()
                        ? refused(List.of("the TLS terms of " + String.join(", ", lowered) + " would be lowered: 'mailrelay reload' applies it"))
                        : apply(next, warnings);
            }
        };
    }

    private Outcome apply(Settings next, List<String> warnings) {
        Map<String, String> shown = certificates(next);   // before they are read: a change meanwhile is one to come
        try {
            binding.apply(next);
            certificates = shown;
        } catch (IOException unbound) {
            return refused(List.of(unbound.getMessage()));
        }
        List<String> lines = new ArrayList<>(warnings);
        lines.addAll(atTheNextStart(current.get().relay(), next.relay()));
        long generation = current.replace(next);
        events.on(new SystemEvent.ConfigurationLoaded(clock.instant(), generation));
        lines.add("configuration loaded, generation " + generation);
        return new Outcome(true, lines);
    }

    private Outcome refused(List<String> problems) {
        problems.forEach(problem -> events.on(new SystemEvent.ConfigurationRefused(clock.instant(), problem)));
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

    private void watch() {
        Map<String, String> applied = marks();
        Map<String, String> before = applied;
        try {
            while (!closed.await(still.toMillis(), TimeUnit.MILLISECONDS)) {
                Map<String, String> now = marks();
                boolean still = now.equals(before);
                before = now;
                if (still && !now.equals(applied)) {
                    applied = now;
                    if (current.get().relay().reloadOnChange()) {
                        reload(Cause.FILE_CHANGE);
                    }
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Name to time and size of each file of the folder, of each certificate that a listener shows, and of each key that signs mail. A folder that cannot be read has none: the reload will say why.
    private Map<String, String> marks() {
        Map<String, String> marks = new TreeMap<>();
        try (Stream<Path> files = Files.list(source.folder())) {
            for (Path file : files.filter(f -> f.getFileName().toString().endsWith(".yaml")).toList()) {
                marks.put(file.getFileName().toString(), mark(file));
            }
        } catch (IOException unreadable) {
            marks.put("", unreadable.toString());
        }
        marks.putAll(certificates(current.get()));
        current.get().dkim().arc().ifPresent(arc -> marks.put(arc.key().file().toString(), mark(arc.key().file())));
        current.get().dkim().signers().forEach(signer -> signer.keys().forEach(key -> marks.put(key.file().toString(), mark(key.file()))));
        return marks;
    }

    private static Map<String, String> certificates(Settings settings) {
        Map<String, String> marks = new TreeMap<>();
        settings.relay().listeners().forEach(listener -> listener.tls().ifPresent(tls -> {
            marks.put(tls.certificate().toString(), mark(tls.certificate()));
            marks.put(tls.key().toString(), mark(tls.key()));
            tls.clientAuthorities().forEach(authority -> marks.put(authority.toString(), mark(authority)));
        }));
        return marks;
    }

    private static String mark(Path file) {
        try {
            return Files.getLastModifiedTime(file) + " " + Files.size(file);
        } catch (IOException gone) {
            return gone.toString();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
