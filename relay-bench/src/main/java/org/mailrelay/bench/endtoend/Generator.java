package org.mailrelay.bench.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Hands messages to the relay over many connections at once: MAIL, RCPT and DATA in one group, the content, and the next after the 250.
final class Generator {

    /// @param size    octets of a body
    /// @param rate    messages a second over all connections; 0 sends the next as soon as the last is accepted
    /// @param domains recipients' domains, taken in turn: `d0.bench.example` and on
    record Load(int connections, int size, int rate, int domains) {}

    private final int port;
    private final Load load;
    private final Books books;
    private final Message message;
    private final AtomicInteger next = new AtomicInteger();
    private final long start = System.nanoTime();

    Generator(int port, Load load, Books books) {
        this.port = port;
        this.load = load;
        this.books = books;
        this.message = new Message(load.size());
    }

    static String domain(int number) {
        return "d" + number + ".bench.example";
    }

    /// @throws IOException when the relay refused or a connection was lost
    void run() throws IOException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> connections = new ArrayList<>();
            for (int i = 0; i < load.connections(); i++) {
                connections.add(threads.submit(() -> {
                    connection();
                    return null;
                }));
            }
            for (Future<?> each : connections) {
                each.get();
            }
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause());
        }
    }

    private void connection() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            Wire wire = new Wire(socket);
            wire.expect(220);
            wire.write("EHLO generator.bench.example\r\n");
            wire.expect(250);
            for (int number = next.getAndIncrement(); number < books.messages(); number = next.getAndIncrement()) {
                send(wire, number);
            }
            wire.write("QUIT\r\n");
            wire.expect(221);
        }
    }

    private void send(Wire wire, int number) throws IOException {
        long due = load.rate() == 0 ? System.nanoTime() : start + number * 1_000_000_000L / load.rate();
        while (System.nanoTime() < due) {
            LockSupport.parkNanos(due - System.nanoTime());
        }
        books.begun(number, due);
        wire.write("MAIL FROM:<sender@bench.example>\r\nRCPT TO:<recipient@" + domain(number % load.domains()) + ">\r\nDATA\r\n");
        wire.expect(250);
        wire.expect(250);
        wire.expect(354);
        wire.write(message.wire(number));
        wire.expect(250);
        books.accepted(number);
    }
}
