package org.mailrelay.net.dns;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.route.DnsFailure;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/// Answers with their state, for as long as they hold, the least used dropped first; what was validated and what was not
/// apart. Equal questions under way are put once; the lock is never held while a server is asked.
final class AnswerCache {

    private record Key(Name name, int type, boolean validated) {}

    @FunctionalInterface
    interface Ask {
        Questioner.Timed ask(Name name, int type, boolean validated);
    }

    /// @param from   a clock that is set back ends it too
    /// @param octets what it takes of the room, about
    private record Kept(CompletableFuture<Answer> answer, Instant from, Instant until, int octets) {
        boolean holds(Instant now) {
            return !now.isBefore(from) && now.isBefore(until);
        }
    }

    /// All answers together: none of them may be long because a server wrote it so.
    private static final long MOST_OCTETS = 64L << 20;

    private final InstantSource time;
    private final LookupListener listener;
    private final Ask ask;
    private final LinkedHashMap<Key, Kept> entries;
    private final int most;
    private long octets;

    AnswerCache(int most, InstantSource time, LookupListener listener, Ask ask) {
        this.time = time;
        this.listener = listener;
        this.ask = ask;
        this.most = most;
        this.entries = new LinkedHashMap<>(64, 0.75f, true);
    }

    Answer get(Name name, int type, boolean validated) {
        Key key = new Key(name, type, validated);
        CompletableFuture<Answer> mine = new CompletableFuture<>();
        @Nullable CompletableFuture<Answer> other = null;
        synchronized (entries) {
            Kept entry = entries.get(key);
            if (entry != null && entry.holds(time.instant())) {
                other = entry.answer();
            } else {
                keep(key, new Kept(mine, Instant.MIN, Instant.MAX, 0));
            }
        }
        if (other != null) {
            return other.join();
        }
        try {
            return put(key, mine);
        } catch (RuntimeException ours) {
            synchronized (entries) {
                drop(key);
            }
            mine.completeExceptionally(ours);
            throw ours;
        }
    }

    private Answer put(Key key, CompletableFuture<Answer> mine) {
        Instant began = time.instant();
        Questioner.Timed timed = ask.ask(key.name(), key.type(), key.validated());
        Instant now = time.instant();
        synchronized (entries) {
            keep(key, new Kept(mine, now, now.plus(timed.ttl()), size(timed.answer())));
        }
        mine.complete(timed.answer());
        listener.looked(key.name().toString(true), Type.string(key.type()), resultOf(timed.answer()), Duration.between(began, now));
        return timed.answer();
    }

    private void keep(Key key, Kept entry) {
        drop(key);
        entries.put(key, entry);
        octets += entry.octets();
        Iterator<Kept> eldest = entries.values().iterator();
        while (entries.size() > most || octets > MOST_OCTETS) {
            octets -= eldest.next().octets();
            eldest.remove();
        }
    }

    private void drop(Key key) {
        Kept before = entries.remove(key);
        octets -= before == null ? 0 : before.octets();
    }

    private static int size(Answer answer) {
        return answer instanceof Answer.Records(var records, _) ? records.stream().mapToInt(r -> 100 + r.rdataToWireCanonical().length).sum() : 100;
    }

    private static LookupListener.Result resultOf(Answer answer) {
        return switch (answer) {
            case Answer.Records _ -> LookupListener.Result.FOUND;
            case Answer.NoData _ -> LookupListener.Result.NO_DATA;
            case Answer.NxDomain _ -> LookupListener.Result.NX_DOMAIN;
            case Answer.Failed(var why, _) -> why == DnsFailure.BOGUS ? LookupListener.Result.BOGUS : LookupListener.Result.FAILED;
        };
    }
}
