package org.mailrelay.app.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.mailrelay.app.admin.AdminCommand;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.delivery.engine.QueueEntry;
import org.mailrelay.observe.track.Tracked;
import org.mailrelay.queue.BodySource;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.RecipientState;
import org.mailrelay.queue.WaitReason;

/// `show MID`: envelope, the state of each recipient, header, and with `--body` all of the content.
final class MessageReport {

    /// Octets of content that are looked at.
    private static final int MOST = 1 << 20;
    private static final int LINE = 1_000;
    private static final String TAB = "        ";

    private final Relay relay;

    MessageReport(Relay relay) {
        this.relay = relay;
    }

    int run(List<String> words, AdminCommand.Output out) throws IOException {
        Optional<Mid> mid = words.stream().filter(word -> !word.startsWith("--")).findFirst().flatMap(MessageReport::mid);
        if (mid.isEmpty()) {
            out.line("say which message: its MID, a number");
            return 2;
        }
        Optional<QueuedMessage> message = relay.spool().load(mid.get()).map(relay.spool()::inWords);
        if (message.isEmpty()) {
            out.line("MID " + mid.get() + " is not in the queue");
            return 1;
        }
        if (words.contains("--json")) {
            out.line(json(message.get()).putObjects("attempts", attempts(mid.get(), AttemptReport::json)).toString());
            return 0;
        }
        envelope(message.get(), out);
        for (String attempt : attempts(mid.get(), AttemptReport::lines)) {
            out.line(attempt);
        }
        out.line("");
        content(message.get(), words.contains("--body"), out);
        return 0;
    }

    private <T> List<T> attempts(Mid mid, BiFunction<AttemptReport, Tracked, List<T>> told) throws IOException {
        Optional<Tracked> tracked = AttemptReport.tracked(relay, mid);
        return tracked.isEmpty() ? List.of() : told.apply(AttemptReport.of(relay, List.of(tracked.get())), tracked.get());
    }

    private static Optional<Mid> mid(String text) {
        boolean number = !text.isEmpty() && text.length() < 19 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Optional.of(new Mid(Long.parseLong(text))) : Optional.empty();
    }

    /// The envelope and where each recipient stands; the content is for people.
    private static JsonText json(QueuedMessage message) {
        return new JsonText().put("mid", message.mid().value()).put("icid", message.origin().icid().value()).put("received", message.origin().received().toString())
                .put("address", message.origin().peerAddress()).put("from", message.envelope().sender().mailbox().map(Object::toString).orElse(""))
                .put("size", message.content().trueSize()).put("subject", message.content().subject().orElse("")).put("message_id", message.content().messageId().orElse(""))
                .putObjects("recipients", IntStream.range(0, message.states().size()).mapToObj(rid -> new JsonText().put("rid", rid)
                        .put("to", message.envelope().mailbox(rid).toString()).put("state", state(message.states().get(rid)))).toList());
    }

    private void envelope(QueuedMessage message, AdminCommand.Output out) throws IOException {
        out.line("MID " + message.mid() + "  received " + QueueView.second(message.origin().received()) + " from " + message.origin().peerAddress() + "  ICID " + message.origin().icid());
        out.line("From: " + message.envelope().sender() + "  " + message.content().trueSize() + " bytes");
        for (int rid = 0; rid < message.states().size(); rid++) {
            out.line("RID " + rid + " To: <" + message.envelope().mailbox(rid) + ">  " + state(message.states().get(rid)));
        }
        for (QueueEntry entry : relay.engine().of(message.mid())) {
            out.line("RID " + entry.rids() + " " + QueueView.line(entry, relay.clock().instant()));
        }
    }

    private static String state(RecipientState state) {
        return switch (state) {
            case RecipientState.ByOrder(var as, boolean held, var via) -> state(as) + (held ? ", held" : "") + via.map(host -> ", redirected to " + host).orElse("");
            case RecipientState.Waiting(int attempts, _, WaitReason reason, _) -> "waiting, " + attempts + " attempts" + why(reason);
            case RecipientState.Delivered _ -> "delivered";
            case RecipientState.Bounced _ -> "bounced";
            case RecipientState.Deleted _ -> "deleted";
        };
    }

    private static String why(WaitReason reason) {
        return switch (reason) {
            case WaitReason.Text(String words) when !words.isEmpty() -> ": " + Escape.text(WaitCause.ofStored(words).text(), Escape.LOG_LIMIT);
            case WaitReason.Text _, WaitReason.Recorded _ -> "";
        };
    }

    /// The wire form without its stuffed dots; every line escaped, because it came from afar and goes to a terminal.
    private void content(QueuedMessage message, boolean all, AdminCommand.Output out) throws IOException {
        Optional<BodySource> found = relay.spool().body(message.mid());
        if (found.isEmpty()) {
            out.line("(its content is gone: the message has just left the queue)");
            return;
        }
        ByteBuffer octets = ByteBuffer.allocate((int) Math.min(MOST, message.prologue().length + message.bodyLength()));
        octets.put(message.prologue(), 0, Math.min(message.prologue().length, octets.capacity()));
        try (BodySource body = found.get()) {
            while (octets.hasRemaining() && body.read(octets) >= 0) {
                // read on
            }
        }
        for (String line : new String(octets.array(), 0, octets.position(), StandardCharsets.ISO_8859_1).split("\r\n", -1)) {
            if (line.isEmpty() && !all) {
                return;
            }
            out.line(Escape.octets((line.startsWith(".") ? line.substring(1) : line).replace("\t", TAB), LINE));
        }
        if (octets.position() < message.prologue().length + message.bodyLength()) {
            out.line("(and more: only the first " + MOST + " octets are shown)");
        }
    }
}
