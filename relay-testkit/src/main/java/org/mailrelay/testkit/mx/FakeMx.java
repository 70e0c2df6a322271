package org.mailrelay.testkit.mx;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
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
                new Session(handshake(socket), true).run("GREETING");
            } else {
                new Session(socket, false).run("GREETING");
            }
        } catch (IOException | GeneralSecurityException gone) {
            // the client has left, or the handshake failed: both are what tests provoke
        } finally {
            open.remove(socket);
        }
    }

    private SSLSocket handshake(Socket socket) throws IOException {
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

    /// One connection, or what is inside its TLS.
    private final class Session {
        private final Socket socket;
        private final boolean encrypted;
        private final InputStream in;
        private final OutputStream out;
        private final List<String> transaction = new CopyOnWriteArrayList<>();
        private final StringBuilder content = new StringBuilder();

        Session(Socket socket, boolean encrypted) throws IOException {
            this.socket = socket;
            this.encrypted = encrypted;
            this.in = new BufferedInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        }

        void run(String first) throws IOException, GeneralSecurityException {
            if (!first.isEmpty() && !answer(first, "220 mx.test ESMTP\r\n")) {
                return;
            }
            for (String line = line(); ; line = line()) {
                commands.add(line);
                if (!encrypted) {
                    clearCommands.add(line);
                }
                if (!obey(line)) {
                    return;
                }
            }
        }

        private boolean obey(String line) throws IOException, GeneralSecurityException {
            int space = line.indexOf(' ');
            String word = space < 0 ? line : line.substring(0, space);
            return switch (word) {
                case "EHLO" -> answer(encrypted ? "EHLO-TLS" : "EHLO", encrypted || script.identity().isEmpty()
                        ? "250-mx.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 30000000\r\n"
                        : "250-mx.test\r\n250-STARTTLS\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 30000000\r\n");
                case "STARTTLS" -> startTls();
                case "MAIL" -> {
                    transaction.clear();
                    content.setLength(0);
                    transaction.add(line);
                    yield answer(word, "250 2.1.0 sender ok\r\n");
                }
                case "RCPT" -> {
                    transaction.add(line);
                    yield answer(script.effects().containsKey(line) ? line : word, "250 2.1.5 recipient ok\r\n");
                }
                case "DATA" -> data();
                case "BDAT" -> chunk(line);
                case "QUIT" -> {
                    answer(word, "221 2.0.0 bye\r\n");
                    yield false;
                }
                default -> answer(word, "250 2.0.0 ok\r\n");
            };
        }

        private boolean data() throws IOException {
            if (script.effects().containsKey("DATA")) {
                return answer("DATA", "");
            }
            say("354 go ahead\r\n");
            StringBuilder lines = new StringBuilder();
            for (String line = line(); !line.equals("."); line = line()) {
                lines.append(line).append("\r\n");
            }
            received.add(new Received(encrypted, transaction, lines.toString()));
            return answer("CONTENT", "250 2.0.0 taken\r\n");
        }

        /// Reads the octets whatever the answer is (RFC 3030 §2). Effects: at the whole line, at `BDAT`, and at `CONTENT` for the last.
        private boolean chunk(String line) throws IOException {
            String[] words = line.split(" ");
            content.append(new String(in.readNBytes(Integer.parseInt(words[1])), StandardCharsets.ISO_8859_1));
            boolean last = words.length == 3;
            if (last) {
                received.add(new Received(encrypted, transaction, content.toString()));
                content.setLength(0);
            }
            String moment = script.effects().containsKey(line) ? line : last && !script.effects().containsKey("BDAT") ? "CONTENT" : "BDAT";
            return answer(moment, "250 2.0.0 taken\r\n");
        }

        private boolean startTls() throws IOException, GeneralSecurityException {
            Optional<Effect> effect = Optional.ofNullable(script.effects().get("STARTTLS"))
                    .flatMap(some -> some instanceof Effect.Once(Effect first) ? Optional.of(first).filter(_ -> time("STARTTLS") == 1) : Optional.of(some));
            if (effect.isPresent()) {
                return perform("STARTTLS", effect.get(), "");
            }
            say("220 2.0.0 ready\r\n");
            new Session(handshake(socket), true).run("");
            return false;
        }

        /// @return false when the connection is over
        private boolean answer(String moment, String usual) throws IOException {
            return perform(moment, script.effects().getOrDefault(moment, new Effect.Say(usual)), usual);
        }

        private boolean perform(String moment, Effect effect, String usual) throws IOException {
            return switch (effect) {
                case Effect.Gate(String octets) -> {
                    awaitGate();
                    yield say(octets);
                }
                case Effect.Once(Effect first) -> perform(moment, time(moment) == 1 ? first : new Effect.Say(usual), usual);
                case Effect.EverySecond(Effect second) -> perform(moment, time(moment) % 2 == 0 ? second : new Effect.Say(usual), usual);
                case Effect.Say(String octets) -> say(octets);
                case Effect.SayBytewise(String octets) -> {
                    for (int i = 0; i < octets.length(); i++) {
                        say(octets.substring(i, i + 1));
                    }
                    yield true;
                }
                case Effect.SaySplit(List<String> pieces) -> {
                    for (String piece : pieces) {
                        say(piece);
                    }
                    yield true;
                }
                case Effect.SayAndClose(String octets) -> {
                    say(octets);
                    yield false;
                }
                case Effect.Close _ -> false;
                case Effect.Stall _ -> {
                    in.transferTo(OutputStream.nullOutputStream());
                    yield false;
                }
                case Effect.Drip _ -> {
                    drip();
                    yield false;
                }
                case Effect.GoAheadThenSay(String octets) -> {
                    say("220 2.0.0 ready\r\n");
                    in.read();
                    yield say(octets);
                }
                case Effect.GoAheadThenAlert _ -> {
                    say("220 2.0.0 ready\r\n");
                    in.read();
                    out.write(new byte[] {21, 3, 3, 0, 2, 2, 40});
                    out.flush();
                    in.transferTo(OutputStream.nullOutputStream());
                    yield false;
                }
            };
        }

        private void awaitGate() throws IOException {
            try {
                gate.await();
            } catch (InterruptedException ended) {
                throw new IOException("the test has ended", ended);
            }
        }

        private int time(String moment) {
            return times.merge(moment, 1, Integer::sum);
        }

        private void drip() throws IOException {
            socket.setSoTimeout(20);
            while (true) {
                say("2");
                try {
                    if (in.read() < 0) {
                        return;
                    }
                } catch (SocketTimeoutException quiet) {
                    // the client still waits
                }
            }
        }

        private boolean say(String octets) throws IOException {
            out.write(octets.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return true;
        }

        /// A line without its end.
        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int octet = in.read(); octet >= 0; octet = in.read()) {
                if (octet == '\n') {
                    line.setLength(Math.max(0, line.length() - 1));
                    return line.toString();
                }
                line.append((char) octet);
            }
            throw new EOFException("the client has left");
        }
    }
}
