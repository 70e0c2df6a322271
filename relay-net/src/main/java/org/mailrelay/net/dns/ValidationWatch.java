package org.mailrelay.net.dns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.settings.RelaySettings.BrokenValidation;
import org.mailrelay.core.settings.RelaySettings.Validation;
import org.mailrelay.core.tls.DnssecState;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// Tries whether DNSSEC can be validated here at all: servers that strip signatures or know no TLSA are common inside firewalls.
/// Then it turns the resolver's validation on or off, as the operator chose. To be called at start and hourly, by one thread at a
/// time; blocks.
///
/// A canary works when its SOA is secure and so is what it says to a question for TLSA records, which it need not have. One that
/// works is enough: where nothing passes, none does, and one zone's mistake is not ours.
public final class ValidationWatch {

    public enum State {
        /// The first trial is still under way; answers wait for it, ten seconds at most.
        NOT_TRIED,
        /// `dns.validate: false`.
        OFF,
        WORKING,
        /// It does not work, and mail whose answers need it waits.
        BROKEN_DEFERRING,
        /// It does not work, and answers are taken as they come.
        BROKEN_IGNORED
    }

    /// @param detail what each canary said, in words
    public record Report(State state, String detail) {}

    private final MailResolver resolver;
    private final Optional<Validation> settings;
    private final Path memory;
    private volatile Report last;

    /// @param memory a file that is made when validation has worked once
    public ValidationWatch(MailResolver resolver, Optional<Validation> settings, Path memory) {
        this.resolver = resolver;
        this.settings = settings;
        this.memory = memory;
        this.last = new Report(State.NOT_TRIED, "not tried yet");
    }

    /// Of the last trial.
    public Report last() {
        return last;
    }

    public Report look() {
        Report report = tryOnly();
        if (report.state() == State.WORKING && settings.isPresent() && !settings.get().canaries().isEmpty()) {
            remember();
        }
        return report;
    }

    /// Likewise, for a process that has no file of its own.
    public Report tryOnly() {
        Validator validator = resolver.validator();
        last = settings.isEmpty() || validator == null ? new Report(State.OFF, "dns.validate is false") : look(settings.get(), validator);
        resolver.validate(switch (last.state()) {
            case OFF, BROKEN_IGNORED -> false;
            case NOT_TRIED, WORKING, BROKEN_DEFERRING -> true;
        });
        return last;
    }

    private Report look(Validation validation, Validator validator) {
        if (validation.canaries().isEmpty()) {
            return new Report(State.WORKING, "no canary to try it on");
        }
        List<String> faults = new ArrayList<>();
        for (String canary : validation.canaries()) {
            Optional<String> fault = fault(validator, canary);
            if (fault.isEmpty()) {
                return new Report(State.WORKING, canary + " is secure");
            }
            faults.add(canary + ": " + fault.get());
        }
        boolean defer = switch (validation.whenBroken()) {
            case DEFER -> true;
            case IGNORE -> false;
            case AUTO -> Files.exists(memory);
        };
        return new Report(defer ? State.BROKEN_DEFERRING : State.BROKEN_IGNORED, faults.stream().collect(Collectors.joining("; ")));
    }

    private static Optional<String> fault(Validator validator, String canary) {
        try {
            Name zone = Name.fromString(canary, Name.root);
            return fault(validator, zone, Type.SOA).or(() -> fault(validator, below(zone), Type.TLSA));
        } catch (TextParseException tooLong) {
            return Optional.of("no name");
        }
    }

    private static Name below(Name zone) {
        try {
            return Name.fromString("_25._tcp", zone);
        } catch (TextParseException tooLong) {
            return zone;
        }
    }

    private static Optional<String> fault(Validator validator, Name name, int type) {
        return switch (validator.ask(name, type)) {
            case Validator.Verdict.Usable(_, var state) when state == DnssecState.SECURE -> Optional.empty();
            case Validator.Verdict.Usable(_, var state) -> Optional.of(Type.string(type) + " " + state.words());
            case Validator.Verdict.Failed(var why, String detail) -> Optional.of(Type.string(type) + " " + why.words() + (detail.isEmpty() ? "" : " (" + detail + ")"));
        };
    }

    private void remember() {
        try {
            if (!Files.exists(memory)) {
                Files.createDirectories(memory.toAbsolutePath().getParent());
                Files.createFile(memory);
            }
        } catch (IOException unwritable) {
            throw new UncheckedIOException(memory + " cannot be written", unwritable);
        }
    }
}
