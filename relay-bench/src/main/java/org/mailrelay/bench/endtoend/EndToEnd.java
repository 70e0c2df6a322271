package org.mailrelay.bench.endtoend;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.mailrelay.testkit.tls.TestCa;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Measures the relay from the first MAIL to the last arrival. Exit status 1 when a message was lost, doubled or damaged.
@Command(name = "bench/run", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Starts the relay, sends it mail over SMTP, lets it deliver to a sink, and prints speed, latency, processor time and memory.")
public final class EndToEnd implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();
    @Option(names = "--messages", defaultValue = "20000", description = "how many (default ${DEFAULT-VALUE})")
    private int messages;
    @Option(names = "--size", defaultValue = "10240", description = "octets of a body (default ${DEFAULT-VALUE})")
    private int size;
    @Option(names = "--connections", defaultValue = "50", description = "inbound, at once (default ${DEFAULT-VALUE})")
    private int connections;
    @Option(names = "--outbound", defaultValue = "100", description = "outbound connections allowed (default ${DEFAULT-VALUE})")
    private int outbound;
    @Option(names = "--domains", defaultValue = "1", description = "recipients' domains (default ${DEFAULT-VALUE})")
    private int domains;
    @Option(names = "--rate", defaultValue = "0", description = "messages a second; 0: as fast as they are accepted (default ${DEFAULT-VALUE})")
    private int rate;
    @Option(names = "--delay", defaultValue = "0", description = "milliseconds before each group of the sink's replies (default ${DEFAULT-VALUE})")
    private int delay;
    @Option(names = "--tls", description = "the sink offers STARTTLS, the relay takes it")
    private boolean tls;
    @Option(names = "--training", description = "mail for every other domain goes to a second sink that offers TLS: what a start-up cache is made from")
    private boolean training;
    @Option(names = "--warm", defaultValue = "2000", description = "messages before those that count (default ${DEFAULT-VALUE})")
    private int warm;
    @Option(names = "--cache", description = "the relay writes a start-up cache there when it ends")
    private @Nullable Path cache;
    @Option(names = "--launcher", defaultValue = "${sys:mailrelay.launcher}", description = "the relay's launcher (default that of this tree)")
    private Path launcher = Path.of("mailrelay");

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new EndToEnd()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException, GeneralSecurityException {
        Books warmUp = new Books(warm);
        Books books = new Books(messages);
        AtomicReference<Books> current = new AtomicReference<>(warmUp);
        try (Sink sink = new Sink(current::get, Duration.ofMillis(delay), tls ? context() : null);
                Sink other = new Sink(current::get, Duration.ofMillis(delay), training ? context() : null);
                RelayProcess relay = new RelayProcess(launcher, routes(sink, other), tls || training, outbound, cache)) {
            run(relay, warmUp, 0);
            current.set(books);
            double before = relay.cpuSeconds();
            boolean complete = run(relay, books, rate);
            report(relay, books, relay.cpuSeconds() - before);
            return complete && books.duplicates() == 0 && books.damagedCount() == 0 ? 0 : 1;
        }
    }

    /// @return in YAML's flow style
    private String routes(Sink sink, Sink other) {
        StringBuilder routes = new StringBuilder("{");
        for (int domain = 1; training && domain < domains; domain += 2) {
            routes.append(route(Generator.domain(domain), other)).append(", ");
        }
        return routes.append(route("ALL", sink)).append('}').toString();
    }

    private static String route(String domain, Sink sink) {
        return domain + ": [{host: 127.0.0.1, port: " + sink.port() + "}]";
    }

    /// @return false when messages are missing after a minute
    private boolean run(RelayProcess relay, Books books, int perSecond) throws IOException, InterruptedException {
        new Generator(relay.port(), new Generator.Load(connections, size, perSecond, domains), books).run();
        return books.missing().await(1, TimeUnit.MINUTES);
    }

    private static SSLContext context() throws GeneralSecurityException, IOException {
        TestCa.Identity identity = new TestCa(Instant.now()).good("sink.bench.example");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("sink", identity.key(), new char[0], identity.chain().toArray(java.security.cert.Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private void report(RelayProcess relay, Books books, double cpu) throws IOException {
        double[] latency = books.endToEndMillis();
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "%d messages of %d octets, %d connections in, %s out%n", messages, size, connections, tls ? "TLS" : "in the clear");
        out.printf(Locale.ROOT, "  accepted a second     %.0f%n  delivered a second    %.0f%n", books.acceptedPerSecond(), books.deliveredPerSecond());
        out.printf(Locale.ROOT, "  end to end, ms        p50 %.1f  p99 %.1f  max %.1f%n", at(latency, 0.5), at(latency, 0.99), at(latency, 1));
        out.printf(Locale.ROOT, "  CPU s per 1,000       %.3f%n  resident MiB, peak    %d%n  first 220 after, s    %.2f%n", cpu * 1000 / messages, relay.peakResidentMebibytes(),
                relay.startSeconds());
        out.printf(Locale.ROOT, "  missing %d, twice %d, damaged %d%n", books.missing().getCount(), books.duplicates(), books.damagedCount());
        out.flush();
    }

    private static double at(double[] ascending, double share) {
        return ascending.length == 0 ? Double.NaN : ascending[(int) Math.min(ascending.length - 1L, Math.round(share * (ascending.length - 1)))];
    }
}
