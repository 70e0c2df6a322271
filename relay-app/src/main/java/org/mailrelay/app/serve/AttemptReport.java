package org.mailrelay.app.serve;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.observe.session.SessionRecord;
import org.mailrelay.observe.track.TrackQuestion;
import org.mailrelay.observe.track.Tracked;

/// Every attempt of a message, from what was recorded with it: its connection, the host, what came of it and the reasons in their order.
final class AttemptReport {

    private final Map<Long, SessionRecord> connections;

    private AttemptReport(Map<Long, SessionRecord> connections) {
        this.connections = connections;
    }

    /// Reads the records of the connections of these messages.
    static AttemptReport of(Relay relay, Collection<Tracked> messages) throws IOException {
        Set<Long> dcids = messages.stream().flatMap(message -> message.attempts().stream()).map(Tracked.Attempt::dcid).filter(dcid -> dcid != 0).collect(Collectors.toSet());
        return new AttemptReport(dcids.isEmpty() || relay.sessions().isEmpty() ? Map.of() : relay.sessions().get().of(dcids));
    }

    /// What is tracked of one message; empty where nothing is.
    static Optional<Tracked> tracked(Relay relay, Mid mid) throws IOException {
        return relay.track().isEmpty() ? Optional.empty()
                : relay.track().get().find(new TrackQuestion(OptionalLong.of(mid.value()), Map.of(), Instant.EPOCH, Instant.MAX, 1)).messages().stream().findFirst();
    }

    List<String> lines(Tracked message) {
        return message.attempts().stream().map(this::line).toList();
    }

    private String line(Tracked.Attempt attempt) {
        Optional<SessionRecord> connection = Optional.ofNullable(connections.get(attempt.dcid()));
        List<String> reasons = reasons(attempt, connection);
        return "attempt " + QueueView.second(attempt.at()) + " " + (attempt.dcid() == 0 ? "without a connection" : "DCID " + attempt.dcid())
                + connection.map(known -> " " + Escape.text(known.mx(), 320) + " [" + known.address() + "]").orElse("") + " RID [" + attempt.rids() + "] " + attempt.outcome()
                + (reasons.isEmpty() ? "" : ": " + reasons.stream().map(reason -> Escape.text(reason, Escape.LOG_LIMIT)).collect(Collectors.joining(", ")))
                + connection.map(SessionRecord::rule).filter(rule -> !rule.isEmpty()).map(rule -> " (policy " + rule + ")").orElse("");
    }

    List<JsonText> json(Tracked message) {
        return message.attempts().stream().map(this::json).toList();
    }

    private JsonText json(Tracked.Attempt attempt) {
        Optional<SessionRecord> connection = Optional.ofNullable(connections.get(attempt.dcid()));
        JsonText json = new JsonText().put("time", attempt.at().toString()).put("dcid", attempt.dcid())
                .putNumbers("rids", Stream.of(attempt.rids().split(",")).map(Long::valueOf).toList()).put("outcome", attempt.outcome()).putTexts("reasons", reasons(attempt, connection));
        connection.ifPresent(known -> json.put("mx", known.mx()).put("address", known.address()).put("policy", known.rule()).put("tls", known.version()));
        return json;
    }

    /// Those of the connection first: each has its own, where the message waits because of them all.
    private static List<String> reasons(Tracked.Attempt attempt, Optional<SessionRecord> connection) {
        List<String> reasons = new ArrayList<>();
        connection.ifPresent(known -> {
            known.unmet().stream().map(TlsReason::words).forEach(reasons::add);
            known.clear().map(why -> "in the clear: " + why.words()).ifPresent(reasons::add);
            known.noted().stream().map(TlsReason::words).filter(words -> !reasons.contains(words)).map(words -> "noted: " + words).forEach(reasons::add);
            if (!known.failure().isEmpty()) {
                reasons.add(known.failure());
            }
        });
        boolean own = !attempt.outcome().equals("waiting") || reasons.isEmpty();
        if (own && !attempt.reason().isEmpty() && !reasons.contains(attempt.reason())) {
            reasons.add(attempt.reason());
        }
        return reasons;
    }
}
