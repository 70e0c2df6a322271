package org.mailrelay.app.serve;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.DestinationPolicy;
import org.mailrelay.core.settings.PolicyException;
import org.mailrelay.core.settings.Settings;
import org.mailrelay.observe.alert.Outages;
import org.mailrelay.observe.log.MailLogWriter;

/// Tells operators of outages of policy and of exceptions that end: through the log in any case, by mail and webhook as `alerts` says.
///
/// Events come on the log's thread and never wait: each message is sent by a virtual thread, at most so many at once; one beyond them is not sent,
/// and the log says so. A webhook that does not answer is asked three times.
final class Alerting implements MailLogWriter.EventReader, AutoCloseable {

    private static final int AT_ONCE = 50;
    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Duration POST_LIMIT = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofDays(14);

    private final Supplier<Settings> settings;
    private final EventSink events;
    private final OwnMail mail;
    private final HttpClient web;
    private final InstantSource clock;
    private final ZoneId zone;
    private final Duration pause;
    private final Outages outages = new Outages();
    private final Semaphore room = new Semaphore(AT_ONCE);
    private final Map<String, LocalDate> warned = new HashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    Alerting(Supplier<Settings> settings, EventSink events, OwnMail mail, HttpClient web, InstantSource clock, ZoneId zone) {
        this(settings, events, mail, web, clock, zone, PAUSE);
    }

    /// @param pause before a webhook is asked a second time, and twice that before the third
    Alerting(Supplier<Settings> settings, EventSink events, OwnMail mail, HttpClient web, InstantSource clock, ZoneId zone, Duration pause) {
        this.pause = pause;
        this.settings = settings;
        this.events = events;
        this.mail = mail;
        this.web = web;
        this.clock = clock;
        this.zone = zone;
    }

    /// Begins to look after exceptions, every hour.
    void start() {
        Thread.ofVirtual().name("exceptions").start(() -> {
            try {
                do {
                    warnOfExceptions();
                } while (!closed.await(1, TimeUnit.HOURS));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void event(MailEvent event, String text) {
        if (event instanceof SystemEvent.OwnPath alert) {
            send(alert);
        } else {
            outages.on(event).ifPresent(this::tell);
        }
    }

    @Override
    public void look() {
        // nothing is gathered
    }

    /// A warning a day for each exception, from fourteen days before its end and on the day after it.
    void warnOfExceptions() {
        Instant now = clock.instant();
        LocalDate today = LocalDate.ofInstant(now, zone);
        long ending = 0;
        for (DestinationPolicy policy : settings.get().destinations().all()) {
            if (policy.terms().exception().isEmpty()) {
                continue;
            }
            PolicyException exception = policy.terms().exception().get();
            boolean near = exception.end().isBefore(now.plus(SOON));
            ending += near ? 1 : 0;
            if (near && !today.isAfter(exception.expires().plusDays(1)) && !today.equals(warned.put(exception.entry(), today))) {
                tell(new SystemEvent.ExceptionEnds(now, exception.entry(), exception.position(), exception.owner(), exception.reason(), exception.expires()));
            }
        }
        events.on(new SystemEvent.ExceptionsCounted(now, ending));
    }

    private void tell(SystemEvent.Alert event) {
        events.on(event);
        send(event);
    }

    private void send(SystemEvent.Alert event) {
        AlertText text = AlertText.of(event, settings.get());
        if (text.to().isEmpty() && settings.get().relay().alerts().webhook().isEmpty()) {
            return;
        }
        if (!room.tryAcquire()) {
            events.on(new SystemEvent.LinesDropped(clock.instant(), "alerts", 1));
            return;
        }
        Thread.ofVirtual().name("alert").start(() -> {
            try {
                send(text);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } finally {
                room.release();
            }
        });
    }

    private void send(AlertText text) throws InterruptedException {
        for (Mailbox to : text.to()) {
            mail.send(text.letter(to, settings.get().relay().hostname(), clock.instant()), DkimSettings.Key.MAIL);
        }
        if (settings.get().relay().alerts().webhook().isPresent()) {
            post(settings.get().relay().alerts().webhook().get(), text.json());
        }
    }

    private void post(URI webhook, String json) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(webhook).timeout(POST_LIMIT).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)).build();
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            try {
                if (web.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() / 100 == 2) {
                    return;
                }
            } catch (IOException unanswered) {
                // asked again below; in the end the log tells that it was lost
            }
            if (attempt < TRIES && closed.await(pause.multipliedBy(attempt).toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        events.on(new SystemEvent.LinesDropped(clock.instant(), "alerts", 1));
    }

    @Override
    public void close() {
        closed.countDown();
    }

    /// Recipients of an alert: those of `alerts.mail`, and those of the entry.
    static Set<Mailbox> recipients(Settings settings, String entry) {
        Set<Mailbox> all = new LinkedHashSet<>(settings.relay().alerts().mail());
        for (DestinationPolicy policy : settings.destinations().all()) {
            if (policy.entry().equals(entry)) {
                all.addAll(policy.terms().alert());
            }
        }
        return all;
    }
}
