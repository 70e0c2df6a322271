package org.mailrelay.delivery.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.delivery.WaitCause;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mail.ReversePath;
import org.mailrelay.queue.QueuedMessage;
import org.mailrelay.queue.Spool;

/// Recipients of a message that wait together, as `queue` and `show` tell of them. What the scheduler knows is here at once; what only the message knows is
/// read from the spool when it is first asked for, so not on an event loop: ask for the cheap first. For one thread.
public final class QueueEntry {

    public enum State {
        /// Waits for nothing but its turn.
        READY,
        /// Waits for its time, or for its destination to take mail again.
        WAITING,
        DELIVERING,
        /// An operator holds it.
        HELD
    }

    private final Spool spool;
    private final Mid mid;
    private final Domain domain;
    private final Optional<Redirection> redirected;
    private final List<Integer> rids;
    private final Instant received;
    private final int attempts;
    private final Instant next;
    private final State state;
    private final Optional<WaitCause> heldFor;
    private @Nullable Optional<QueuedMessage> message;

    /// @param received as the wall clock shows it now: what was set since does not count
    /// @param heldFor  why no host of its destination takes mail at present
    QueueEntry(Spool spool, Item item, Instant received, Instant next, State state, Optional<WaitCause> heldFor) {
        this.spool = spool;
        this.mid = item.mid();
        this.domain = item.destination.key.domain();
        this.redirected = item.destination.key.via();
        this.rids = item.rids();
        this.received = received;
        this.attempts = item.attempts;
        this.next = next;
        this.state = state;
        this.heldFor = heldFor;
    }

    public Mid mid() {
        return mid;
    }

    public Domain domain() {
        return domain;
    }

    public Optional<Redirection> redirected() {
        return redirected;
    }

    public List<Integer> rids() {
        return rids;
    }

    public Instant received() {
        return received;
    }

    /// Tries in which MAIL was sent.
    public int attempts() {
        return attempts;
    }

    /// The next attempt; in the past for what only waits for a connection.
    public Instant next() {
        return next;
    }

    public State state() {
        return state;
    }

    public boolean underWay() {
        return state == State.DELIVERING;
    }

    /// Why it was not delivered yet; empty before the first attempt, unless its sender has it held.
    public String reason() {
        return cause().text();
    }

    /// The same with what it rests on: as it was recorded with the last try, or with the last tries of its destination.
    public WaitCause cause() {
        if (heldFor.isPresent()) {
            return heldFor.get();
        }
        WaitCause tried = WaitCause.ofStored(spool.reason(mid, rids.getFirst()));
        return tried.text().isEmpty() && attempts == 0 && state == State.WAITING ? WaitCause.of("held by its sender") : tried;   // RFC 4865
    }

    /// Empty when it has left the queue meanwhile, or cannot be read.
    public Optional<QueuedMessage> message() {
        Optional<QueuedMessage> known = message;
        if (known == null) {
            try {
                known = spool.load(mid);
            } catch (IOException unreadable) {
                throw new UncheckedIOException("MID " + mid, unreadable);
            }
            message = known;
        }
        return known;
    }

    public ReversePath sender() {
        return message().map(of -> of.envelope().sender()).orElse(ReversePath.NULL);
    }

    /// As many as there are [#rids]; none when the message has left the queue meanwhile.
    public List<Mailbox> recipients() {
        return message().map(of -> rids.stream().map(of.envelope()::mailbox).toList()).orElse(List.of());
    }

    public long bytes() {
        return message().map(of -> of.content().trueSize()).orElse(0L);
    }
}
