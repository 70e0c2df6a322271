package org.mailrelay.observe.log;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.mailrelay.core.event.MailEvent;

/// Date and level before a line. `Wed Sep  6 13:13:16 2023`: asctime, local time, English in every locale. One thread's own: the last second is kept.
final class LogTime {

    private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    private static final String[] MONTHS = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    private final ZoneId zone;
    private long second = Long.MIN_VALUE;
    private String text = "";

    LogTime(ZoneId zone) {
        this.zone = zone;
    }

    String text(Instant at) {
        if (at.getEpochSecond() != second) {
            second = at.getEpochSecond();
            text = asctime(at, zone);
        }
        return text;
    }

    static String asctime(Instant at, ZoneId zone) {
        ZonedDateTime time = at.atZone(zone);
        StringBuilder out = new StringBuilder(24);
        out.append(DAYS[time.getDayOfWeek().getValue() - 1]).append(' ').append(MONTHS[time.getMonthValue() - 1]).append(' ');
        padded(out, time.getDayOfMonth(), ' ').append(' ');
        padded(out, time.getHour(), '0').append(':');
        padded(out, time.getMinute(), '0').append(':');
        padded(out, time.getSecond(), '0').append(' ');
        return out.append(time.getYear()).toString();
    }

    static String word(MailEvent.Level level) {
        return switch (level) {
            case CRITICAL -> "Critical";
            case WARNING -> "Warning";
            case INFO -> "Info";
            case DEBUG -> "Debug";
            case TRACE -> "Trace";
        };
    }

    private static StringBuilder padded(StringBuilder out, int number, char pad) {
        if (number < 10) {
            out.append(pad);
        }
        return out.append(number);
    }
}
