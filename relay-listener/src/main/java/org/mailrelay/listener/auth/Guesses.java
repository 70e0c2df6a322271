package org.mailrelay.listener.auth;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Failed log-ins by address, by network (/24, /64) and by user, each as a level that failures raise and time lowers. Whoever stands above a
/// limit is not heard until it has sunk; what is not heard costs no hash and is no new failure. An address from which a user has logged in
/// before is not kept out by what others do to that user. Bounded: the longest untouched entries go first.
final class Guesses {

    private static final int MOST_ENTRIES = 100_000;
    private static final Duration ONE_SINKS = Duration.ofMinutes(1);

    private enum Kind {
        ADDRESS(10), NETWORK(50), USER(30);

        private final int limit;

        Kind(int limit) {
            this.limit = limit;
        }
    }

    private record Key(Kind kind, String what) {}

    private record Level(double height, Instant at) {

        double now(Instant now) {
            return Math.max(0, height - (double) Duration.between(at, now).toMillis() / ONE_SINKS.toMillis());
        }
    }

    private final Map<Key, Level> levels = bounded();
    private final Map<String, Boolean> familiar = bounded();

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > MOST_ENTRIES;
            }
        };
    }

    synchronized boolean tooMany(InetAddress address, Instant now) {
        return above(new Key(Kind.ADDRESS, address.getHostAddress()), now) || above(new Key(Kind.NETWORK, network(address)), now);
    }

    /// For a guess that was right: many may have begun at once, before the first of them failed.
    synchronized boolean tooMany(InetAddress address, String user, Instant now) {
        return !familiar.containsKey(user + " " + address.getHostAddress()) && (above(new Key(Kind.USER, user), now) || tooMany(address, now));
    }

    private boolean above(Key key, Instant now) {
        Level level = levels.get(key);
        return level != null && level.now(now) >= key.kind.limit;
    }

    synchronized void failed(InetAddress address, String user, Instant now) {
        raise(new Key(Kind.ADDRESS, address.getHostAddress()), now);
        raise(new Key(Kind.NETWORK, network(address)), now);
        raise(new Key(Kind.USER, user), now);
    }

    synchronized void succeeded(InetAddress address, String user) {
        familiar.put(user + " " + address.getHostAddress(), true);
    }

    private void raise(Key key, Instant now) {
        Level level = levels.get(key);
        levels.put(key, new Level((level == null ? 0 : level.now(now)) + 1, now));
    }

    private static String network(InetAddress address) {
        byte[] octets = address.getAddress();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < (octets.length == 4 ? 3 : 8); i++) {
            out.append(octets[i] & 255).append('.');
        }
        return out.toString();
    }
}
