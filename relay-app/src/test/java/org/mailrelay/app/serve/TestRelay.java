package org.mailrelay.app.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.mailrelay.config.ConfigLoader;

/// A whole relay that a test starts from four files, and what it wrote into mail_logs.
public final class TestRelay implements AutoCloseable {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private final StringBuilder log = new StringBuilder();
    private final Relay relay;

    private TestRelay(Path conf) throws IOException {
        SettingsSource source = source(conf);
        if (!(source.read() instanceof ConfigLoader.Loaded loaded)) {
            throw new IOException("the configuration has mistakes: " + source.read());
        }
        relay = Relay.start(loaded.settings(), new Relay.Start(source, this::lines, _ -> { }, "0.1.0"));
    }

    public static TestRelay start(Path conf) throws IOException {
        return new TestRelay(conf);
    }

    /// Writes `conf` below a folder.
    public static Path conf(Path folder, String relay, String destinations, String routes, String access) throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(conf.resolve("relay.yaml"), relay);
        Files.writeString(conf.resolve("destinations.yaml"), destinations);
        Files.writeString(conf.resolve("routes.yaml"), routes);
        Files.writeString(conf.resolve("access.yaml"), access);
        return conf;
    }

    /// Who comes from the loopback may relay.
    public static String accessForLoopback() {
        return """
                sender_groups: [{name: RELAYLIST, match: [127.0.0.0/8], policy: relayed}]
                mail_flow_policies: {relayed: {access: RELAY}}
                """;
    }

    static SettingsSource source(Path conf) {
        return new SettingsSource() {
            @Override
            public ConfigLoader.Result read() {
                return ConfigLoader.load(conf, Map.of());
            }

            @Override
            public Path folder() {
                return conf;
            }
        };
    }

    Relay relay() {
        return relay;
    }

    /// Of the first listener.
    public InetSocketAddress address() {
        return relay.addresses().getFirst();
    }

    private void lines(String lines) {
        synchronized (log) {
            log.append(lines);
            log.notifyAll();
        }
    }

    /// Waits until all of these have been written; readers of events have seen the events then.
    public void awaitLines(String... parts) throws InterruptedException {
        awaitLog(text -> Arrays.stream(parts).allMatch(text::contains));
    }

    public void awaitLog(Predicate<String> rule) throws InterruptedException {
        synchronized (log) {
            long until = System.nanoTime() + PATIENCE;
            while (!rule.test(log.toString())) {
                long left = (until - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("not in mail_logs:\n" + log);
                }
                log.wait(left);
            }
        }
    }

    public String log() {
        synchronized (log) {
            return log.toString();
        }
    }

    /// In the clear; the subject is the Message-ID's local part, too.
    public void send(String from, String to, String subject) throws IOException {
        try (Socket socket = new Socket(address().getAddress(), address().getPort());
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream out = socket.getOutputStream()) {
            expect(in);
            for (String line : List.of("EHLO app.example.net", "MAIL FROM:<" + from + ">", "RCPT TO:<" + to + ">", "DATA",
                    "Subject: " + subject + "\r\nMessage-ID: <" + subject + "@app>\r\n\r\nHello.\r\n.", "QUIT")) {
                out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
                expect(in);
            }
        }
    }

    private static void expect(BufferedReader in) throws IOException {
        String line = in.readLine();
        while (line != null && line.charAt(3) == '-') {
            line = in.readLine();
        }
        if (line == null || line.charAt(0) > '3') {
            throw new IOException("the relay answered: " + line);
        }
    }

    @Override
    public void close() {
        relay.close();
    }
}
