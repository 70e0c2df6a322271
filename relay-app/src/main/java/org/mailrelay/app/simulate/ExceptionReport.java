package org.mailrelay.app.simulate;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.settings.PolicyException;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.observe.session.SessionRecords;
import org.mailrelay.observe.simulate.ExceptionNeeds;

/// What recorded attempts say of the exceptions of a configuration.
public final class ExceptionReport {

    /// Older attempts say little of today's hosts.
    private static final Duration LOOKED_AT = Duration.ofDays(90);

    /// Reads records of a span of time.
    @FunctionalInterface
    public interface Source {
        void read(Instant from, Instant to, SessionRecords.Reader reader) throws IOException;
    }

    private ExceptionReport() {
    }

    /// @return empty without reading anything where there is no exception
    public static List<ExceptionNeeds.Need> of(Settings settings, Source records, Instant now) throws IOException {
        ExceptionNeeds needs = new ExceptionNeeds(settings.destinations(), settings.routes());
        if (needs.any()) {
            records.read(now.minus(LOOKED_AT), now.plusSeconds(1), needs);
        }
        return needs.needs();
    }

    /// `the exception of broken.example (owner: reason) is needed no more: the last 42 attempts, over 12 days, would have met required`; empty where
    /// the records say nothing.
    public static Optional<String> words(ExceptionNeeds.Need need) {
        PolicyException exception = need.exception();
        String begin = exception.position() + ": the exception of " + exception.entry() + " (" + exception.owner() + ": " + exception.reason() + ") ";
        String level = need.policy().tls().level().word();
        if (need.isNeededNoMore()) {
            return Optional.of(begin + "is needed no more: " + (need.without() == 1 ? "the last attempt" : "the last " + need.without() + " attempts, over " + span(need) + ",")
                    + " would have met " + level + " without it" + need.stoppedLast().map(at -> "; one was needed on " + at).orElse(""));
        }
        if (need.stoppedLast().isPresent()) {
            return Optional.of(begin + "is still needed: " + level + " would have stopped an attempt on " + need.stoppedLast().get() + ": " + Escape.text(need.stoppedBy(), Escape.LOG_LIMIT));
        }
        return need.untold().map(why -> begin + "may be needed or not, the records do not tell: " + why);
    }

    /// The same for a list of all exceptions: with its last day, and also where the records say nothing.
    public static String line(ExceptionNeeds.Need need, Instant now) {
        PolicyException exception = need.exception();
        String end = exception.holds(now) ? "until the end of " + exception.expires() : "void since the end of " + exception.expires();
        return words(need).orElse(exception.position() + ": the exception of " + exception.entry() + " (" + exception.owner() + ": " + exception.reason() + ") has no recorded attempt")
                + "; " + end;
    }

    private static String span(ExceptionNeeds.Need need) {
        Duration span = Duration.between(need.first().orElseThrow(), need.last().orElseThrow());
        return span.toDays() >= 1 ? span.toDays() + (span.toDays() == 1 ? " day" : " days") : Math.max(1, span.toHours()) + (span.toHours() <= 1 ? " hour" : " hours");
    }

    /// @param now the exception holds or has ended by it
    public static JsonText json(ExceptionNeeds.Need need, Instant now) {
        PolicyException exception = need.exception();
        JsonText object = new JsonText().put("entry", exception.entry()).put("position", exception.position()).put("owner", exception.owner()).put("reason", exception.reason())
                .put("expires", exception.expires().toString()).put("holds", exception.holds(now)).put("policy", need.policy().tls().level().word())
                .put("needed", need.isNeededNoMore() ? "no" : need.stoppedLast().isPresent() ? "yes" : "unknown").put("attempts", need.attempts()).put("attempts_without", need.without());
        need.first().ifPresent(at -> object.put("since", at.toString()));
        need.stoppedLast().ifPresent(at -> object.put("needed_last", at.toString()).put("needed_for", need.stoppedBy()));
        need.untold().ifPresent(why -> object.put("untold", why));
        return object;
    }
}
