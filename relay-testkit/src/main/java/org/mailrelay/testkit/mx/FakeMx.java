package org.mailrelay.testkit.mx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.mailrelay.testkit.tls.TestCa;

/// A mail host for tests. It answers each command word by its script, and otherwise as a plain, friendly host would.
public final class FakeMx implements AutoCloseable {

    /// @param identity the certificate to show; without one STARTTLS is answered but the handshake fails
    /// @param effects     what to do at `GREETING`, at a command word such as `EHLO`, at a whole RCPT or BDAT line, at `EHLO-TLS`, and at `CONTENT`
    /// @param implicitTls TLS from the first octet
    /// @param protocols   the TLS versions that it speaks
    public record Script(Optional<TestCa.Identity> identity, Map<String, Effect> effects, boolean implicitTls, List<String> protocols) {
        public Script {
            effects = Map.copyOf(effects);
            protocols = List.copyOf(protocols);
        }

        public Script(Optional<TestCa.Identity> identity, Map<String, Effect> effects) {
            this(identity, effects, false, List.of("TLSv1.2", "TLSv1.3"));
        }
    }

    /// One message that was received, with its content as it came, without the final dot.
    public record Received(boolean encrypted, List<String> commands, String content) {
        public Received {
            commands = List.copyOf(commands);
        }
    }

    private final ServerSocket server;
    private volatile Script script;
    private final SSLContext context;
    private final AtomicInteger resumed = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<String> clearCommands = new CopyOnWriteArrayList<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final Map<String, Integer> times = new ConcurrentHashMap<>();
    private final List<InetAddress> peers = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    public FakeMx(Script script) {
        this(script, InetAddress.getLoopbackAddress());
    }

    /// @param at its own address, such as 127.0.1.1
    public FakeMx(Script script, InetAddress at) {
        this(script, at, 0);
    }

    /// @param port of its own; 0: one that is free
    public FakeMx(Script script, InetAddress at, int port) {
        this.script = script;
        try {
            context = context(script);
            server = new ServerSocket(port, 50, at);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        threads.execute(this::accept);
    }

    /// From now on, also on connections that are open.
    public void become(Map<String, Effect> effects) {
        script = new Script(script.identity(), effects, script.implicitTls(), script.protocols());
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    /// Every command line seen so far, in order, on all connections.
    public List<String> commands() {
        return List.copyOf(commands);
    }

    /// Those that came in the clear.
    public List<String> clearCommands() {
        return List.copyOf(clearCommands);
    }

    public List<Received> received() {
        return List.copyOf(received);
    }

    /// Whence each connection came, in their order.
    public List<InetAddress> peers() {
        return List.copyOf(peers);
    }

    /// Lets every [Effect.Gate] go on, for good.
    public void open() {
        gate.countDown();
    }

    /// How many handshakes took up an earlier session.
    public int resumed() {
        return resumed.get();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }

    private static SSLContext context(Script script) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (script.identity().isPresent()) {
            TestCa.Identity own = script.identity().get();
            store.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                peers.add(socket.getInetAddress());
                open.add(socket);
                threads.execute(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the test has ended
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            if (script.implicitTls()) {
                new MxSession(this, handshake(socket), true).run("GREETING");
            } else {
                new MxSession(this, socket, false).run("GREETING");
            }
        } catch (IOException | GeneralSecurityException gone) {
            // the client has left, or the handshake failed: both are what tests provoke
        } finally {
            open.remove(socket);
        }
    }

    SSLSocket handshake(Socket socket) throws IOException {
        long began = System.currentTimeMillis();
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, null, socket.getPort(), true);
        tls.setUseClientMode(false);
        tls.setEnabledProtocols(script.protocols().toArray(String[]::new));
        tls.startHandshake();
        if (tls.getSession().getCreationTime() < began) {
            resumed.incrementAndGet();
        }
        return tls;
    }

    Script script() {
        return script;
    }

    void heard(String line, boolean encrypted) {
        commands.add(line);
        if (!encrypted) {
            clearCommands.add(line);
        }
    }

    void took(Received message) {
        received.add(message);
    }

    void awaitOpen() throws InterruptedException {
        gate.await();
    }

    /// How often this moment has come, over all connections, this time included.
    int time(String moment) {
        return times.merge(moment, 1, Integer::sum);
    }
}
