package org.mailrelay.app.serve;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.config.Units;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.observe.log.MailLogLine;
import org.mailrelay.observe.track.TrackQuestion;
import org.mailrelay.observe.track.TrackSearch;
import org.mailrelay.observe.track.Tracked;

/// `track FILTER`: the lines of the messages that were asked for, their connections' lines among them, and what last became of each recipient.
final class TrackReport {

    private static final List<String> KEYS = List.of("mid", "sender", "recipient", "domain", "subject", "message-id", "ip", "tls", "older", "newer");
    private static final int MESSAGES = 100;

    private final Relay relay;
    private final MailLogLine lines = new MailLogLine(ZoneId.systemDefault());

    TrackReport(Relay relay) {
        this.relay = relay;
    }

    /// A question, or what is wrong with its words.
    private static final class Reading {
        private final Map<TrackQuestion.Part, Predicate<String>> parts = new EnumMap<>(TrackQuestion.Part.class);
        private OptionalLong mid = OptionalLong.empty();
        private Instant from = Instant.EPOCH;
        private Instant to = Instant.MAX;

        Optional<String> add(String word, Instant now) {
            int colon = word.indexOf(':');
            if (word.equals("all")) {
                return Optional.empty();
            }
            if (colon < 1 || colon == word.length() - 1) {
                return Optional.of("'" + word + "' is not key:value");
            }
            String value = word.substring(colon + 1);
            return switch (word.substring(0, colon)) {
                case "mid" -> mid(value);
                case "sender" -> part(TrackQuestion.Part.SENDER, value);
                case "recipient" -> part(TrackQuestion.Part.RECIPIENT, value);
                case "domain" -> part(TrackQuestion.Part.DOMAIN, value);
                case "subject" -> part(TrackQuestion.Part.SUBJECT, value);
                case "message-id" -> part(TrackQuestion.Part.MESSAGE_ID, value);
                case "ip" -> part(TrackQuestion.Part.IP, value);
                case "tls" -> part(TrackQuestion.Part.TLS, value);
                case "older" -> age(value, now).map(at -> {
                    to = at;
                    return Optional.<String>empty();
                }).orElseGet(() -> notAnAge(value));
                case "newer" -> age(value, now).map(at -> {
                    from = at;
                    return Optional.<String>empty();
                }).orElseGet(() -> notAnAge(value));
                default -> Optional.of(FilterKeys.unknown(word.substring(0, colon), KEYS));
            };
        }

        private Optional<String> mid(String value) {
            boolean number = value.length() < 19 && value.chars().allMatch(c -> c >= '0' && c <= '9');
            mid = number ? OptionalLong.of(Long.parseLong(value)) : mid;
            return number ? Optional.empty() : Optional.of("'" + value + "' is not the number of a message");
        }

        private Optional<String> part(TrackQuestion.Part part, String value) {
            parts.merge(part, TextPattern.of(value), Predicate::and);
            return Optional.empty();
        }

        private static Optional<Instant> age(String value, Instant now) {
            return Units.duration(value).map(now::minus);
        }

        private static Optional<String> notAnAge(String value) {
            return Optional.of("'" + value + "' is not a duration such as 30s, 5m, 2h, 3d");
        }
    }

    int run(List<String> words, AdminCommand.Output out) throws IOException {
        boolean json = words.contains("--json");
        List<String> filter = Options.rest(words);
        Optional<TrackSearch> search = relay.track();
        if (search.isEmpty()) {
            out.line("nothing is tracked here: tracking.keep is none");
            return 1;
        }
        if (filter.isEmpty()) {
            out.line("say which: key:value with one of the keys " + String.join(" ", KEYS) + ", or all");
            return 2;
        }
        Reading reading = new Reading();
        for (String word : filter) {
            Optional<String> mistake = reading.add(word, relay.clock().instant());
            if (mistake.isPresent()) {
                out.line(mistake.get());
                return 2;
            }
        }
        TrackSearch.Found found = search.get().find(new TrackQuestion(reading.mid, reading.parts, reading.from, reading.to, (int) Options.number(words, "--limit", MESSAGES)));
        AttemptReport attempts = AttemptReport.of(relay, found.messages());
        for (Tracked message : found.messages()) {
            if (json) {
                out.line(json(message, attempts).toString());
            } else {
                print(message, attempts, out);
            }
        }
        if (!json) {
            int shown = found.messages().size();
            out.line(found.all() + (found.all() == 1 ? " message" : " messages") + (shown < found.all() ? ", the latest " + shown + " shown; --limit N shows more" : ""));
        }
        return found.all() == 0 ? 1 : 0;
    }

    private void print(Tracked message, AttemptReport attempts, AdminCommand.Output out) throws IOException {
        for (Tracked.Line line : message.lines()) {
            out.line(lines.dated(line.at(), line.level(), line.text()));
        }
        out.line("MID " + message.mid() + ": " + message.end());
        for (Map.Entry<Integer, Tracked.State> recipient : message.recipients().entrySet()) {
            Tracked.State state = recipient.getValue();
            out.line("  RID " + recipient.getKey() + " " + state.state() + " since " + QueueView.second(state.at()) + (state.reason().isEmpty() ? "" : ": " + Escape.text(state.reason(), Escape.LOG_LIMIT)));
        }
        for (String attempt : attempts.lines(message)) {
            out.line("  " + attempt);
        }
        out.line("");
    }

    private static JsonText json(Tracked message, AttemptReport attempts) {
        return new JsonText().put("mid", message.mid()).put("end", message.end())
                .putObjects("recipients", message.recipients().entrySet().stream().map(entry -> new JsonText().put("rid", entry.getKey())
                        .put("state", entry.getValue().state()).put("since", entry.getValue().at().toString()).put("reason", entry.getValue().reason())).toList())
                .putObjects("attempts", attempts.json(message))
                .putObjects("lines", message.lines().stream().map(line -> new JsonText().put("time", line.at().toString())
                        .put("level", line.level().name().toLowerCase(java.util.Locale.ROOT)).put("text", line.text())).toList());
    }
}
