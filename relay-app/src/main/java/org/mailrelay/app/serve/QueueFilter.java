package org.mailrelay.app.serve;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.mailrelay.config.Units;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.delivery.engine.QueueEntry;
import org.mailrelay.queue.QueuedMessage;

/// Which of the queue a command means: words `key:value`, all of which must hold; `all` alone means everything.
///
/// Values are compared without regard to case, and `*` stands for any text. Keys of the message itself are looked up in the spool,
/// after the cheap ones have matched. `tls:held` is what waits because a TLS policy was not met, `tls:free` all else.
final class QueueFilter {

    /// What came of reading the words.
    sealed interface Parsed {
        record Filter(QueueFilter filter) implements Parsed {}

        record Mistake(String text) implements Parsed {}
    }

    private static final List<String> KEYS = List.of("mid", "domain", "recipient", "sender", "state", "reason", "subject", "message-id", "ip", "source", "tls", "older", "newer");

    /// The words of the reasons for which TLS policy keeps mail from a host.
    private static final List<String> TLS_WORDS = Arrays.stream(TlsReason.values()).filter(reason -> reason.reportType().isPresent() || reason.ofRequireTls())
            .map(TlsReason::words).toList();

    private final List<Predicate<QueueEntry>> ofTheEntry = new ArrayList<>();
    private final List<Predicate<QueuedMessage>> ofTheMessage = new ArrayList<>();

    private QueueFilter() {
    }

    /// @param now what `older` and `newer` count from
    static Parsed parse(List<String> words, Instant now) {
        QueueFilter filter = new QueueFilter();
        if (words.equals(List.of("all"))) {
            return new Parsed.Filter(filter);
        }
        if (words.isEmpty()) {
            return new Parsed.Mistake("say which: key:value with one of the keys " + String.join(" ", KEYS) + ", or all");
        }
        for (String word : words) {
            Optional<String> mistake = filter.add(word, now);
            if (mistake.isPresent()) {
                return new Parsed.Mistake(mistake.get());
            }
        }
        return new Parsed.Filter(filter);
    }

    private Optional<String> add(String word, Instant now) {
        int colon = word.indexOf(':');
        if (colon < 1 || colon == word.length() - 1) {
            return Optional.of("'" + word + "' is not key:value" + (word.equals("all") ? "; all stands alone" : ""));
        }
        String key = word.substring(0, colon);
        String value = word.substring(colon + 1);
        return switch (key) {
            case "mid" -> entry(value, e -> List.of(e.mid().toString()));
            case "domain" -> entry(value, e -> List.of(e.domain().name()));
            case "recipient" -> entry(value, e -> e.recipients().stream().map(Object::toString).toList());
            case "sender" -> entry(value.equals("<>") ? "" : value, e -> List.of(e.sender().mailbox().map(Object::toString).orElse("")));
            case "state" -> entry(value, e -> List.of(QueueView.state(e)));
            case "reason" -> entry("*" + value + "*", e -> List.of(e.reason()));
            case "tls" -> entry(value, e -> List.of(TLS_WORDS.stream().anyMatch(e.reason()::contains) ? "held" : "free"));
            case "subject" -> message(value, m -> m.content().subject().orElse(""));
            case "message-id" -> message(value, m -> m.content().messageId().orElse(""));
            case "ip" -> message(value, m -> m.origin().peerAddress());
            case "source" -> message(value, m -> m.origin().source().orElse(""));
            case "older" -> age(value, age -> e -> e.received().isBefore(now.minus(age)));
            case "newer" -> age(value, age -> e -> e.received().isAfter(now.minus(age)));
            default -> Optional.of(FilterKeys.unknown(key, KEYS));
        };
    }

    private Optional<String> entry(String value, Function<QueueEntry, List<String>> texts) {
        Predicate<String> pattern = TextPattern.of(value);
        ofTheEntry.add(entry -> texts.apply(entry).stream().anyMatch(text -> pattern.test(text)));
        return Optional.empty();
    }

    private Optional<String> message(String value, Function<QueuedMessage, String> text) {
        Predicate<String> pattern = TextPattern.of(value);
        ofTheMessage.add(message -> pattern.test(text.apply(message)));
        return Optional.empty();
    }

    private Optional<String> age(String value, Function<Duration, Predicate<QueueEntry>> rule) {
        Optional<Duration> age = Units.duration(value);
        age.ifPresent(a -> ofTheEntry.add(rule.apply(a)));
        return age.isPresent() ? Optional.empty() : Optional.of("'" + value + "' is not a duration such as 30s, 5m, 2h, 3d");
    }

    /// Reads messages where a key asks for it: not under a lock, not on an event loop.
    Predicate<QueueEntry> rule() {
        return entry -> ofTheEntry.stream().allMatch(rule -> rule.test(entry)) && matchesMessage(entry);
    }

    private boolean matchesMessage(QueueEntry entry) {
        if (ofTheMessage.isEmpty()) {
            return true;
        }
        Optional<QueuedMessage> message = entry.message();
        return message.isPresent() && ofTheMessage.stream().allMatch(rule -> rule.test(message.get()));
    }
}
