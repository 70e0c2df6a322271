package org.mailrelay.observe.syslog;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.settings.RelaySettings.Syslog;

/// One line as a syslog server reads it. The tag is `mail_logs`, as the ESA's.
final class SyslogLine {

    private static final String TAG = "mail_logs";
    /// RFC 3164 §4.1.2: local time, the day padded with a space.
    private static final DateTimeFormatter OLD = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH);
    /// RFC 5424 §6.2.3
    private static final DateTimeFormatter NEW = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final Syslog settings;
    private final String hostname;
    private final DateTimeFormatter old;

    SyslogLine(Syslog settings, String hostname, ZoneId zone) {
        this.settings = settings;
        this.hostname = hostname;
        this.old = OLD.withZone(zone);
    }

    /// Without a line end or a length.
    byte[] of(Instant at, MailEvent.Level level, String text) {
        int priority = settings.facility() * 8 + severity(level);   // RFC 5424 §6.2.1
        String line = switch (settings.format()) {
            case RFC3164 -> "<" + priority + ">" + old.format(at) + " " + hostname + " " + TAG + ": " + text;
            case RFC5424 -> "<" + priority + ">1 " + NEW.format(at) + " " + hostname + " " + TAG + " - - - " + text;
        };
        return line.getBytes(StandardCharsets.UTF_8);
    }

    private static int severity(MailEvent.Level level) {
        return switch (level) {
            case CRITICAL -> 2;
            case WARNING -> 4;
            case INFO -> 6;
            case DEBUG, TRACE -> 7;
        };
    }
}
