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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens on the admin socket and runs the commands that come in, each on a virtual thread of its own.
public final class AdminServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

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
        Files.createDirectories(socket.toAbsolutePath().getParent());
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        AdminServer admin = new AdminServer(socket, server, commands);
        Thread.ofVirtual().name("admin-accept").start(admin::accept);
        return admin;
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Thread.ofVirtual().name("admin-command").start(() -> serve(client));
            } catch (IOException closed) {
                return;
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
