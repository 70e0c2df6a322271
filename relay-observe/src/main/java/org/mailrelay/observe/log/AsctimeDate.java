package org.mailrelay.observe.log;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/// Dates as asctime writes them, `Wed Sep  6 13:13:16 2023`: local time, English in every locale. For one thread: the last second is kept.
final class AsctimeDate {

    private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    private static final String[] MONTHS = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    private final ZoneId zone;
    private long second = Long.MIN_VALUE;
    private String text = "";

    AsctimeDate(ZoneId zone) {
        this.zone = zone;
    }

    String of(Instant at) {
        if (at.getEpochSecond() != second) {
            second = at.getEpochSecond();
            text = written(at.atZone(zone));
        }
        return text;
    }

    private static String written(ZonedDateTime at) {
        StringBuilder out = new StringBuilder(24).append(DAYS[at.getDayOfWeek().getValue() - 1]).append(' ')
                .append(MONTHS[at.getMonthValue() - 1]).append(' ');
        padded(out, at.getDayOfMonth(), ' ').append(' ');
        padded(out, at.getHour(), '0').append(':');
        padded(out, at.getMinute(), '0').append(':');
        return padded(out, at.getSecond(), '0').append(' ').append(at.getYear()).toString();
    }

    private static StringBuilder padded(StringBuilder out, int number, char pad) {
        return (number < 10 ? out.append(pad) : out).append(number);
    }
}
