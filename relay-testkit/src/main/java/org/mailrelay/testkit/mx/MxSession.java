package org.mailrelay.testkit.mx;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// One connection, or what is inside its TLS.
final class MxSession {
    private final FakeMx host;
    private final Socket socket;
    private final boolean encrypted;
    private final InputStream in;
    private final OutputStream out;
    private final List<String> transaction = new CopyOnWriteArrayList<>();
    private final StringBuilder content = new StringBuilder();

    MxSession(FakeMx host, Socket socket, boolean encrypted) throws IOException {
        this.host = host;
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
            host.heard(line, encrypted);
            if (!obey(line)) {
                return;
            }
        }
    }

    private boolean obey(String line) throws IOException, GeneralSecurityException {
        int space = line.indexOf(' ');
        String word = space < 0 ? line : line.substring(0, space);
        return switch (word) {
            case "EHLO" -> answer(encrypted ? "EHLO-TLS" : "EHLO", encrypted || host.script().identity().isEmpty()
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
                yield answer(host.script().effects().containsKey(line) ? line : word, "250 2.1.5 recipient ok\r\n");
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
        if (host.script().effects().containsKey("DATA")) {
            return answer("DATA", "");
        }
        say("354 go ahead\r\n");
        StringBuilder lines = new StringBuilder();
        for (String line = line(); !line.equals("."); line = line()) {
            lines.append(line).append("\r\n");
        }
        host.took(new FakeMx.Received(encrypted, transaction, lines.toString()));
        return answer("CONTENT", "250 2.0.0 taken\r\n");
    }

    /// Reads the octets whatever the answer is (RFC 3030 §2). Effects: at the whole line, at `BDAT`, and at `CONTENT` for the last.
    private boolean chunk(String line) throws IOException {
        String[] words = line.split(" ");
        content.append(new String(in.readNBytes(Integer.parseInt(words[1])), StandardCharsets.ISO_8859_1));
        boolean last = words.length == 3;
        if (last) {
            host.took(new FakeMx.Received(encrypted, transaction, content.toString()));
            content.setLength(0);
        }
        String moment = host.script().effects().containsKey(line) ? line : last && !host.script().effects().containsKey("BDAT") ? "CONTENT" : "BDAT";
        return answer(moment, "250 2.0.0 taken\r\n");
    }

    private boolean startTls() throws IOException, GeneralSecurityException {
        Optional<Effect> effect = Optional.ofNullable(host.script().effects().get("STARTTLS"))
                .flatMap(some -> some instanceof Effect.Once(Effect first) ? Optional.of(first).filter(_ -> time("STARTTLS") == 1) : Optional.of(some));
        if (effect.isPresent()) {
            return perform("STARTTLS", effect.get(), "");
        }
        say("220 2.0.0 ready\r\n");
        new MxSession(host, host.handshake(socket), true).run("");
        return false;
    }

    /// @return false when the connection is over
    private boolean answer(String moment, String usual) throws IOException {
        return perform(moment, host.script().effects().getOrDefault(moment, new Effect.Say(usual)), usual);
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
            host.awaitOpen();
        } catch (InterruptedException ended) {
            throw new IOException("the test has ended", ended);
        }
    }

    private int time(String moment) {
        return host.time(moment);
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
