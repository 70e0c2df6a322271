package org.mailrelay.observe.syslog;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import javax.net.SocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.settings.RelaySettings.Syslog;
import org.mailrelay.observe.log.MailLogWriter;

/// Sends lines to one server on a thread of its own. Lines wait in a bounded queue; what finds it full is dropped and counted.
public final class SyslogSender implements MailLogWriter.EventReader, AutoCloseable {

    private static final int QUEUE = 1 << 15;
    private static final int CONNECT_MILLIS = 10_000;
    private static final long LOOK_MILLIS = 250;
    private static final long FIRST_WAIT_MILLIS = 500;
    private static final long LONGEST_WAIT_MILLIS = 60_000;
    /// Lines are told as dropped no more often than this.
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Syslog settings;
    private final SocketFactory sockets;
    private final SyslogLine lines;
    private final MailEvent.Level least;
    private final LongConsumer told;
    private final BlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(QUEUE);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;
    private long lastTold = System.nanoTime() - TELL_NANOS;
    private @Nullable DatagramSocket datagrams;
    /// Closed from elsewhere when the sender is, so that a server that takes nothing holds up no end.
    private volatile @Nullable Socket socket;
    private @Nullable OutputStream out;

    /// @param sockets for TCP and TLS: connects nothing by itself
    /// @param least   the last level that is sent
    /// @param told    gets how many lines were dropped since it was last called
    public SyslogSender(Syslog settings, String hostname, ZoneId zone, SocketFactory sockets, MailEvent.Level least, LongConsumer told) {
        this.settings = settings;
        this.sockets = sockets;
        this.lines = new SyslogLine(settings, hostname, zone);
        this.least = least;
        this.told = told;
        this.thread = Thread.ofPlatform().name("syslog " + settings.host()).start(this::run);
    }

    @Override
    public void event(MailEvent event, String text) {
        if (event.level().ordinal() <= least.ordinal() && !queue.offer(lines.of(event.at(), event.level(), text))) {
            dropped.incrementAndGet();
        }
    }

    @Override
    public void look() {
        long now = System.nanoTime();
        if (dropped.get() > 0 && now - lastTold >= TELL_NANOS) {
            lastTold = now;
            told.accept(dropped.getAndSet(0));
        }
    }

    private void run() {
        byte @Nullable [] unsent = null;
        long wait = FIRST_WAIT_MILLIS;
        while (!closing || unsent == null && !queue.isEmpty()) {
            try {
                unsent = unsent != null ? unsent : queue.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (unsent == null) {
                    flush();
                    continue;
                }
                send(unsent);
                unsent = null;
                wait = FIRST_WAIT_MILLIS;
            } catch (IOException lost) {
                disconnect();
                if (closing) {
                    break;
                }
                wait = pause(wait);
            } catch (InterruptedException _) {
                closing = true;
            }
        }
        disconnect();
    }

    /// @return how long to wait the next time
    private long pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException _) {
            closing = true;
        }
        return Math.min(LONGEST_WAIT_MILLIS, millis * 2);
    }

    private void send(byte[] line) throws IOException {
        if (settings.transport() == Syslog.Transport.UDP) {
            InetSocketAddress server = server();
            if (datagrams == null) {
                datagrams = new DatagramSocket();
            }
            datagrams.send(new DatagramPacket(line, line.length, server));
            return;
        }
        OutputStream to = out != null ? out : connect();
        // RFC 6587 §3.4.1, RFC 5425 §4.3: the length, so that a line needs no end
        to.write((line.length + " ").getBytes(StandardCharsets.US_ASCII));
        to.write(line);
        if (queue.isEmpty()) {
            to.flush();
        }
    }

    private void flush() throws IOException {
        if (out != null) {
            out.flush();
        }
    }

    private InetSocketAddress server() throws IOException {
        InetSocketAddress server = new InetSocketAddress(settings.host(), settings.port());
        if (server.isUnresolved()) {
            throw new UnknownHostException(settings.host());
        }
        return server;
    }

    private OutputStream connect() throws IOException {
        Socket fresh = sockets.createSocket();
        socket = fresh;
        fresh.connect(server(), CONNECT_MILLIS);
        fresh.setKeepAlive(true);
        fresh.setSoTimeout(CONNECT_MILLIS);   // nothing but a handshake is ever read
        if (fresh instanceof SSLSocket tls) {
            SSLParameters terms = tls.getSSLParameters();
            terms.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(terms);
            tls.startHandshake();
        }
        OutputStream to = new BufferedOutputStream(fresh.getOutputStream());
        out = to;
        return to;
    }

    private void disconnect() {
        out = null;
        try {
            Socket left = socket;
            if (left != null) {
                left.close();
            }
            if (datagrams != null) {
                datagrams.close();
            }
        } catch (IOException _) {
            // it is left, whatever it says
        }
        socket = null;
        datagrams = null;
    }

    /// Sends what waits, as far as the server takes it at once.
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(2));
            thread.interrupt();
            Socket held = socket;
            if (held != null) {
                held.close();
            }
            thread.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (IOException _) {
            return;   // it is left, whatever it says
        }
    }
}
