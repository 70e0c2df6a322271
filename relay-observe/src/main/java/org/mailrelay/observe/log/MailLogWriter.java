package org.mailrelay.observe.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.EventSink;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.MessageEvent;
import org.mailrelay.core.event.SystemEvent;
import org.mailrelay.core.settings.RelaySettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes mail_logs on a thread of its own. Events wait in a bounded queue; when it is full they are dropped and counted, because a
/// slow disk must not delay mail.
public final class MailLogWriter implements EventSink, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MailLogWriter.class);
    /// Events; about 2 s of a busy relay.
    private static final int QUEUE = 1 << 17;
    private static final int BATCH = 4_096;
    /// How long the writer sleeps when nothing waits. Nobody wakes it: a wake-up for each event costs the event loops more than the event.
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final MessagePassingQueue<MailEvent> queue = new MpscAtomicArrayQueue<>(QUEUE);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong droppedEver = new AtomicLong();
    private final RelaySettings.Log settings;
    private final LogTime time;
    private final MailLogLine catalogue;
    private final MailLogFile file;
    private final JsonLine json = new JsonLine();
    private final @Nullable MailLogFile jsonFile;
    private final @Nullable LineReader second;
    private final List<EventReader> readers;
    /// The ordinal of the last level that anybody reads.
    private final int least;
    private final Thread thread;
    private volatile boolean closing;

    /// Gets every line as well: standard output, `tail`. Called on the writer's thread.
    @FunctionalInterface
    public interface LineReader {
        void lines(String lines);
    }

    /// Gets every event of level Info and above, and what records of connections are made of below it, with its text, without date and level. Called on the writer's thread, in the order of the lines.
    public interface EventReader {
        void event(MailEvent event, String text);

        /// Called at least every 10 ms or so: what should not wait longer is done here.
        void look();
    }

    public MailLogWriter(RelaySettings.Log settings, ZoneId zone, String version, String instance, @Nullable LineReader second) {
        this(settings, zone, version, instance, second, List.of());
    }

    /// @param version and `instance` stand in the lines that open a file
    public MailLogWriter(RelaySettings.Log settings, ZoneId zone, String version, String instance, @Nullable LineReader second, List<EventReader> readers) {
        this.settings = settings;
        this.readers = List.copyOf(readers);
        this.least = readers.isEmpty() ? settings.level().ordinal() : Math.max(settings.level().ordinal(), MailEvent.Level.INFO.ordinal());
        this.time = new LogTime(zone);
        this.catalogue = new MailLogLine(zone);
        this.second = second;
        this.file = new MailLogFile(settings, zone, "mail", List.of("Begin Logfile", "Version: " + version + " SN: " + instance));
        this.jsonFile = settings.json() ? new MailLogFile(settings, zone, "mail_json", List.of()) : null;
        this.thread = Thread.ofPlatform().name("mail-log").start(this::work);
    }

    @Override
    public void on(MailEvent event) {
        if (event.level().ordinal() > least && !(forReaders(event) && !readers.isEmpty()) || event instanceof MessageEvent.SubjectFound && !settings.subject()) {
            return;
        }
        if (!queue.offer(event)) {
            dropped.incrementAndGet();
            droppedEver.incrementAndGet();
        }
    }

    /// Seldom wanted in the log, and always in the records of connections.
    private static boolean forReaders(MailEvent event) {
        return event instanceof DeliveryEvent.HostPlanned || event instanceof DeliveryEvent.PeerSeen;
    }

    /// Lines that were dropped since the start.
    public long dropped() {
        return droppedEver.get();
    }

    /// The root of the thread: a bug in the catalogue costs the lines at hand, which are counted, and not the log.
    private void work() {
        boolean ended = false;
        while (!ended) {
            try {
                run();
                ended = true;
            } catch (RuntimeException bug) {
                dropped.incrementAndGet();
                droppedEver.incrementAndGet();
                LOG.error("mail_logs lost lines to a bug and goes on", bug);
            }
        }
    }

    private void run() {
        List<MailEvent> batch = new ArrayList<>(BATCH);
        StringBuilder text = new StringBuilder(BATCH * 64);
        while (!closing || !queue.isEmpty()) {
            if (queue.drain(batch::add, BATCH) == 0) {
                readers.forEach(EventReader::look);
                LockSupport.parkNanos(this, LOOK_NANOS);
                closing |= Thread.interrupted();
                continue;
            }
            batch.forEach(event -> line(text, event));
            long lost = dropped.getAndSet(0);
            if (lost > 0) {
                line(text, new SystemEvent.LinesDropped(batch.getLast().at(), "mail_logs", lost));
            }
            if (!text.isEmpty()) {
                write(text.toString(), batch.getLast().at(), batch.size());
                text.setLength(0);
            }
            writeJson(batch, text);
            readers.forEach(EventReader::look);
            batch.clear();
            text.setLength(0);
        }
    }

    private void line(StringBuilder out, MailEvent event) {
        String text = catalogue.text(event);
        if (event.level().ordinal() <= MailEvent.Level.INFO.ordinal() || forReaders(event)) {
            for (EventReader reader : readers) {
                reader.event(event, text);
            }
        }
        if (event.level().ordinal() <= settings.level().ordinal()) {
            out.append(time.text(event.at())).append(' ').append(LogTime.word(event.level())).append(": ").append(text).append('\n');
        }
    }

    private void write(String lines, Instant now, int count) {
        if (second != null) {
            second.lines(lines);
        }
        try {
            file.append(ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8)), now);
        } catch (IOException _) {
            dropped.addAndGet(count);
            droppedEver.addAndGet(count);
        }
    }

    /// The same events as JSON, in a file of their own.
    private void writeJson(List<MailEvent> batch, StringBuilder text) {
        if (jsonFile == null) {
            return;
        }
        batch.stream().filter(event -> event.level().ordinal() <= settings.level().ordinal()).forEach(event -> text.append(json.line(event)).append('\n'));
        if (text.isEmpty()) {
            return;
        }
        try {
            jsonFile.append(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII)), batch.getLast().at());
        } catch (IOException _) {
            droppedEver.addAndGet(batch.size());
        }
    }

    /// Writes what waits and ends.
    @Override
    public void close() throws IOException {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        file.close();
        if (jsonFile != null) {
            jsonFile.close();
        }
    }
}
