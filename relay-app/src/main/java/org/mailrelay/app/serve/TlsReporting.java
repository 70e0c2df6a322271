package org.mailrelay.app.serve;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.mail.AddressText;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.net.dns.TextLookup;
import org.mailrelay.net.web.HttpReply;
import org.mailrelay.net.web.WebHosts;
import org.mailrelay.observe.report.ReportDay;
import org.mailrelay.observe.report.ReportMail;
import org.mailrelay.observe.report.ReportRequest;
import org.mailrelay.observe.report.TlsReport;
import org.mailrelay.observe.session.SessionRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends yesterday's reports on TLS to the domains that ask for them (RFC 8460): once the UTC day has ended, at a moment of the next four hours.
///
/// What was sent is written down before the next is sent, so that a restart goes on where it was. What could not be sent is tried again each hour
/// until its day is over. A virtual thread of its own.
final class TlsReporting implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TlsReporting.class);
    private static final Duration SPREAD = Duration.ofHours(4);
    private static final Duration AGAIN = Duration.ofHours(1);
    private static final Duration POST_LIMIT = Duration.ofSeconds(60);
    private static final int HTTPS = 443;
    /// Of what a host says to a report, which nobody reads.
    private static final int MOST_ANSWER = 64 << 10;

    /// What reports are made of and go out by.
    ///
    /// @param texts TXT records of a name
    record Parts(SessionRecords sessions, Supplier<Optional<RelaySettings.TlsReports>> settings, Function<Domain, TextLookup> texts, OwnMail mail, WebHosts web,
            Path folder, InstantSource clock, RandomGenerator random) {}

    private final Parts parts;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Duration jitter;

    TlsReporting(Parts parts) {
        this.parts = parts;
        this.jitter = Duration.ofMillis(parts.random().nextLong(SPREAD.toMillis()));
    }

    void start() {
        Thread.ofVirtual().name("tls-reports").start(this::run);
    }

    private void run() {
        try {
            while (!closing.await(untilNext().toMillis(), TimeUnit.MILLISECONDS)) {
                sendDue();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// To the moment of this day, then from hour to hour.
    private Duration untilNext() {
        Instant now = parts.clock().instant();
        Instant moment = now.atZone(ZoneOffset.UTC).toLocalDate().atStartOfDay().toInstant(ZoneOffset.UTC).plus(jitter);
        return now.isBefore(moment) ? Duration.between(now, moment) : AGAIN;
    }

    /// Sends what is left of yesterday's reports. A bug or a disk that cannot be read costs this round.
    void sendDue() throws InterruptedException {
        Optional<RelaySettings.TlsReports> from = parts.settings().get();
        if (from.isEmpty()) {
            return;
        }
        LocalDate yesterday = parts.clock().instant().atZone(ZoneOffset.UTC).toLocalDate().minusDays(1);
        try {
            Set<String> done = done(yesterday);
            for (TlsReport report : reports(yesterday)) {
                send(report, from.get(), done);
            }
        } catch (IOException | RuntimeException failed) {
            LOG.warn("TLS reports of {} were not sent: {}", yesterday, failed.toString());
        }
    }

    /// The reports of a UTC day as far as it has gone.
    List<TlsReport> reports(LocalDate date) throws IOException {
        ReportDay day = new ReportDay(date);
        parts.sessions().read(day.begin(), day.end(), day::accept);
        return day.reports();
    }

    private void send(TlsReport report, RelaySettings.TlsReports from, Set<String> done) throws IOException, InterruptedException {
        Optional<Domain> name = Domain.parse("_smtp._tls." + report.domain());
        if (name.isEmpty() || !(parts.texts().apply(name.get()) instanceof TextLookup.Found(List<String> texts))) {
            return;   // asked again in an hour
        }
        Optional<ReportRequest> request = ReportRequest.of(texts);
        if (request.isEmpty()) {
            return;
        }
        for (Mailbox mailbox : request.get().mailboxes()) {
            String entry = report.domain() + " mailto:" + mailbox;
            if (!done.contains(entry) && parts.mail().send(new OwnMail.Letter(from.from(), mailbox, ReportMail.subject(report, from), ReportMail.messageId(report, from),
                    ReportMail.message(report, from, mailbox, parts.clock().instant())), DkimSettings.Key.TLS_REPORTS)) {
                write(report.day(), entry);
            }
        }
        for (URI address : request.get().posts()) {
            String entry = report.domain() + " " + address;
            if (!done.contains(entry) && post(address, ReportMail.gzip(report, from))) {
                write(report.day(), entry);
            }
        }
    }

    /// To hosts that have a name, so that a certificate can vouch for them.
    private boolean post(URI address, byte[] report) {
        Optional<Domain> host = AddressText.parse(address.getHost()).isPresent() ? Optional.empty() : Domain.parse(address.getHost());
        if (host.isEmpty()) {
            return false;
        }
        URI ascii = URI.create(address.toASCIIString());
        String target = (ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath()) + (ascii.getRawQuery() == null ? "" : "?" + ascii.getRawQuery());
        int port = address.getPort() < 0 ? HTTPS : address.getPort();
        byte[] head = ("POST " + target + " HTTP/1.1\r\nHost: " + host.get() + (port == HTTPS ? "" : ":" + port) + "\r\nUser-Agent: mailrelay\r\nContent-Type: application/tlsrpt+gzip\r\n"
                + "Content-Length: " + report.length + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] request = Arrays.copyOf(head, head.length + report.length);
        System.arraycopy(report, 0, request, head.length, report.length);
        return switch (parts.web().ask(new WebHosts.Question(host.get(), port, request, MOST_ANSWER, POST_LIMIT))) {
            case WebHosts.Answer.Replied(HttpReply reply) -> reply.status() / 100 == 2;
            case WebHosts.Answer.Failed(String detail, _) -> {
                LOG.debug("no TLS report to {}: {}", address, detail);
                yield false;
            }
        };
    }

    private Path file(LocalDate day) {
        return parts.folder().resolve("tls-reports." + day);
    }

    private Set<String> done(LocalDate day) throws IOException {
        Files.createDirectories(parts.folder());
        try (Stream<Path> files = Files.list(parts.folder())) {
            for (Path old : files.filter(path -> path.getFileName().toString().startsWith("tls-reports.") && !path.equals(file(day))).toList()) {
                Files.deleteIfExists(old);
            }
        }
        return Files.exists(file(day)) ? new HashSet<>(Files.readAllLines(file(day))) : Set.of();
    }

    private void write(LocalDate day, String entry) throws IOException {
        Files.writeString(file(day), entry + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.SYNC);
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
