package org.mailrelay.net.dns;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/// Answers for as long as they hold, the least used dropped first. Equal questions under way are put once; the lock is never
/// held while a server is asked.
final class AnswerCache {

    private record Key(Name name, int type) {}

    private record Kept(CompletableFuture<Answer> answer, Instant until) {}

    private final InstantSource time;
    private final LookupListener listener;
    private final BiFunction<Name, Integer, Questioner.Timed> ask;
    private final Map<Key, Kept> entries;

    AnswerCache(int most, InstantSource time, LookupListener listener, BiFunction<Name, Integer, Questioner.Timed> ask) {
        this.time = time;
        this.listener = listener;
        this.ask = ask;
        this.entries = new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
                return size() > most;
            }
        };
    }

    Answer get(Name name, int type) {
        Key key = new Key(name, type);
        CompletableFuture<Answer> mine = new CompletableFuture<>();
        @Nullable CompletableFuture<Answer> other = null;
        synchronized (entries) {
            Kept entry = entries.get(key);
            if (entry != null && time.instant().isBefore(entry.until())) {
                other = entry.answer();
            } else {
                entries.put(key, new Kept(mine, Instant.MAX));
            }
        }
        if (other != null) {
            return other.join();
        }
        try {
            return put(key, mine);
        } catch (RuntimeException ours) {
            synchronized (entries) {
                entries.remove(key);
            }
            mine.completeExceptionally(ours);
            throw ours;
        }
    }

    private Answer put(Key key, CompletableFuture<Answer> mine) {
        Instant began = time.instant();
        Questioner.Timed timed = ask.apply(key.name(), key.type());
        Instant now = time.instant();
        synchronized (entries) {
            entries.put(key, new Kept(mine, now.plus(timed.ttl())));
        }
        mine.complete(timed.answer());
        listener.looked(key.name().toString(true), Type.string(key.type()), resultOf(timed.answer()), Duration.between(began, now));
        return timed.answer();
    }

    private static LookupListener.Result resultOf(Answer answer) {
        return switch (answer) {
            case Answer.Records _ -> LookupListener.Result.FOUND;
            case Answer.NoData _ -> LookupListener.Result.NO_DATA;
            case Answer.NxDomain _ -> LookupListener.Result.NX_DOMAIN;
            case Answer.Failed _ -> LookupListener.Result.FAILED;
        };
    }
}
