package org.mailrelay.observe.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/// Answers Prometheus and whoever asks after the relay's health. Reads only; anything but GET and HEAD is 405.
public final class MachineEndpoint implements AutoCloseable {

    /// Requests at a time; more are told to come back (503), so that a scrape storm costs no memory.
    private static final int CONCURRENT = 16;
    private static final int BACKLOG = 64;
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    static {
        // The JDK's server reads these once, when its class is loaded. Seconds; a client that says or takes nothing is left, and no crowd of them fills memory.
        limit("sun.net.httpserver.maxReqTime", 10);
        limit("sun.net.httpserver.maxRspTime", 60);
        limit("jdk.httpserver.maxConnections", 200);
    }

    private record Answer(int status, String type, String body) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("machine-http-", 0).factory());
    private final Semaphore places = new Semaphore(CONCURRENT);
    private final Supplier<String> metrics;
    private final Supplier<Readiness> readiness;

    /// Binds and serves at once.
    ///
    /// @param metrics gives the exposition text, asked for at each scrape
    /// @throws IOException when the address cannot be bound
    public MachineEndpoint(InetSocketAddress address, Supplier<String> metrics, Supplier<Readiness> readiness) throws IOException {
        this.metrics = metrics;
        this.readiness = readiness;
        server = HttpServer.create(address, BACKLOG);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }

    /// Where it listens: the port that was taken where port 0 was asked for.
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!places.tryAcquire()) {
                send(exchange, new Answer(503, PLAIN, "busy\n"));
                return;
            }
            try {
                send(exchange, answer(exchange));
            } finally {
                places.release();
            }
        }
    }

    private Answer answer(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        return switch (exchange.getRequestURI().getPath()) {
            case "/metrics", "/health/live", "/health/ready" -> {
                if (!method.equals("GET") && !method.equals("HEAD")) {
                    // RFC 9110 §15.5.6: "The origin server MUST generate an Allow header field in a 405 response"
                    exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                    yield new Answer(405, PLAIN, "GET and HEAD only\n");
                }
                yield found(exchange.getRequestURI().getPath());
            }
            case null, default -> new Answer(404, PLAIN, "not found\n");
        };
    }

    private Answer found(String path) {
        if (path.equals("/metrics")) {
            return new Answer(200, EXPOSITION, metrics.get());
        }
        if (path.equals("/health/live")) {
            return new Answer(200, PLAIN, "live\n");
        }
        Readiness now = readiness.get();
        return new Answer(now.ready() ? 200 : 503, PLAIN, now.reason() + "\n");
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }
}
