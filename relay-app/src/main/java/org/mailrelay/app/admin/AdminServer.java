package org.mailrelay.app.admin;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens on the admin socket and runs the commands that come in, each on a virtual thread of its own.
public final class AdminServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    /// What the system takes for a Unix socket.
    private static final int LONGEST_PATH = 107;
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path socket;
    private final ServerSocketChannel server;
    private final Map<String, AdminCommand> commands;

    private AdminServer(Path socket, ServerSocketChannel server, Map<String, AdminCommand> commands) {
        this.socket = socket;
        this.server = server;
        this.commands = Map.copyOf(commands);
    }

    /// Takes the socket's place: the spool's lock has shown that no other relay uses this one.
    public static AdminServer start(Path socket, Map<String, AdminCommand> commands) throws IOException {
        ServerSocketChannel server = bind(socket);
        AdminServer admin = new AdminServer(socket, server, commands);
        Thread.ofVirtual().name("admin-accept").start(admin::accept);
        return admin;
    }

    /// In a folder that nobody else may enter until the socket has its mode: before that, whoever may enter its own folder could connect.
    private static ServerSocketChannel bind(Path socket) throws IOException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
            throw new IOException("admin.socket " + socket + " cannot be bound: its path is longer than " + LONGEST_PATH + " octets");
        }
        Path folder = Files.createDirectories(socket.toAbsolutePath().getParent());
        Path hidden = folder.resolve(".admin");
        Files.createDirectories(hidden);
        Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("rwx------"));
        Path fresh = hidden.resolve("s");
        Files.deleteIfExists(fresh);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(fresh));
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
            Files.move(fresh, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.delete(hidden);
            return server;
        } catch (IOException | RuntimeException unbindable) {
            server.close();
            throw new IOException("admin.socket " + socket + " cannot be bound: " + unbindable.getMessage(), unbindable);
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Thread.ofVirtual().name("admin-command").start(() -> serve(client));
            } catch (IOException refused) {
                LockSupport.parkNanos(AGAIN_NANOS);   // closed, or out of descriptors for the moment: just then an operator wants to look
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client;
                DataInputStream in = new DataInputStream(Channels.newInputStream(client));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(client)))) {
            List<String> words = AdminProtocol.readRequest(in);
            AdminCommand command = commands.get(words.getFirst());
            AdminCommand.Output lines = new AdminCommand.Output() {
                @Override
                public void line(String text) throws IOException {
                    AdminProtocol.writeLine(out, text);
                }

                @Override
                public void flush() throws IOException {
                    out.flush();
                }
            };
            int status = command == null ? unknown(words.getFirst(), lines) : run(command, words, lines);
            AdminProtocol.writeExit(out, status);
        } catch (IOException left) {
            LOG.debug("an admin client left: {}", left.toString());
        }
    }

    private static int run(AdminCommand command, List<String> words, AdminCommand.Output lines) throws IOException {
        try {
            return command.run(words.subList(1, words.size()), lines);
        } catch (RuntimeException bug) {
            LOG.error("the command {} failed", words.getFirst(), bug);
            lines.line("the relay could not run this: " + bug);
            return 1;
        }
    }

    private static int unknown(String name, AdminCommand.Output lines) throws IOException {
        lines.line("this relay does not know the command '" + name + "'");
        return 2;
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
    }
}
