package org.mailrelay.app.serve;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.delivery.engine.QueueEntry;

/// How what waits is shown.
final class QueueView {

    private QueueView() {
    }

    /// `delivering`, `ready`, `waiting` or `held`: the values of the filter's key `state`.
    static String state(QueueEntry entry) {
        return switch (entry.state()) {
            case READY -> "ready";
            case WAITING -> "waiting";
            case DELIVERING -> "delivering";
            case HELD -> "held";
        };
    }

    /// One line for people.
    static String line(QueueEntry entry, Instant now) {
        String next = entry.state() == QueueEntry.State.HELD ? "when released" : entry.underWay() ? "now" : entry.next().isAfter(now) ? "in " + age(Duration.between(now, entry.next())) : "next turn";
        return "MID %d  %s  %s bytes  age %s  attempts %d  next %s  %s to %s%s".formatted(entry.mid().value(), state(entry), entry.bytes(),
                age(Duration.between(entry.received(), now)), entry.attempts(), next, entry.sender(), recipients(entry),
                entry.reason().isEmpty() ? "" : "  reason: " + Escape.text(entry.reason(), Escape.LOG_LIMIT));
    }

    private static String recipients(QueueEntry entry) {
        if (entry.recipients().isEmpty()) {
            return "(gone meanwhile)";
        }
        String first = entry.recipients().getFirst().toString();
        int more = entry.recipients().size() - 1;
        return Escape.text(first, 320) + (more == 0 ? "" : " and " + more + " more at " + entry.domain().name());
    }

    /// One JSON object a recipient, with why it waits and the connections that were tried for it.
    static List<String> json(QueueEntry entry) {
        WaitCause cause = entry.cause();
        JsonText reason = WaitReason.json(cause);
        List<Long> dcids = cause.dcids().stream().map(Dcid::value).toList();
        return IntStream.range(0, entry.recipients().size()).mapToObj(i -> new JsonText()
                .put("mid", entry.mid().value()).put("rid", entry.rids().get(i))
                .put("from", entry.sender().mailbox().map(Object::toString).orElse("")).put("to", entry.recipients().get(i).toString())
                .put("domain", entry.domain().name()).put("size", entry.bytes()).put("received", entry.received().toString())
                .put("state", state(entry)).put("attempts", entry.attempts()).put("next_attempt", entry.next().toString())
                .put("reason", reason).putNumbers("dcids", dcids).toString()).toList();
    }

    /// For people: to the second.
    static Instant second(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS);
    }

    /// `37s`, `12m`, `5h`, `3d`: the largest unit of which there are two.
    static String age(Duration age) {
        if (age.toDays() >= 2) {
            return age.toDays() + "d";
        }
        if (age.toHours() >= 2) {
            return age.toHours() + "h";
        }
        return age.toMinutes() >= 2 ? age.toMinutes() + "m" : Math.max(0, age.toSeconds()) + "s";
    }
}
