package org.mailrelay.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations (`60s 5m 72h 3d`), sizes (`10MB 64KiB`), and the nearest word to a misspelt one.
public final class Units {

    private static final Pattern QUANTITY = Pattern.compile("([0-9]{1,12})([A-Za-z]*)");

    private Units() {
    }

    /// Empty when the text is not a whole count with one of the units ms, s, m, h, d.
    public static Optional<Duration> duration(String text) {
        Matcher match = QUANTITY.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Optional.of(Duration.ofMillis(count));
            case "s" -> Optional.of(Duration.ofSeconds(count));
            case "m" -> Optional.of(Duration.ofMinutes(count));
            case "h" -> Optional.of(Duration.ofHours(count));
            case "d" -> Optional.of(Duration.ofDays(count));
            default -> Optional.empty();
        };
    }

    static OptionalLong size(String text) {
        Matcher match = QUANTITY.matcher(text);
        if (!match.matches()) {
            return OptionalLong.empty();
        }
        long unit = switch (match.group(2)) {
            case "", "B" -> 1L;
            case "kB", "KB" -> 1_000L;
            case "MB" -> 1_000_000L;
            case "GB" -> 1_000_000_000L;
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case "TiB" -> 1L << 40;
            default -> 0L;
        };
        long count = Long.parseLong(match.group(1));
        return unit == 0 || count > Long.MAX_VALUE / unit ? OptionalLong.empty() : OptionalLong.of(count * unit);
    }

    /// The known word at the least edit distance, when that is at most a third of its length (or 2).
    public static Optional<String> nearest(String word, Iterable<String> known) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(word, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return least <= Math.max(2, best.length() / 3) ? Optional.of(best) : Optional.empty();
    }

    static String oneOf(List<String> words) {
        return String.join(", ", words);
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
