package org.mailrelay.app.admin;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/// Sends one command to the relay behind an admin socket.
public final class AdminClient {

    private final Path socket;

    public AdminClient(Path socket) {
        this.socket = socket;
    }

    /// What became of a command.
    public sealed interface Answer {
        record Ended(int status) implements Answer {}
        /// No relay listens there, or it went away in the middle.
        record NoRelay(String detail) implements Answer {}
    }

    /// Runs the command and hands its lines on as they come.
    public Answer run(List<String> words, AdminCommand.Output lines) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            AdminProtocol.writeRequest(new DataOutputStream(Channels.newOutputStream(channel)), words);
            DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
            return new Answer.Ended(AdminProtocol.readAnswer(in, lines));
        } catch (EOFException ended) {
            return new Answer.NoRelay("the relay stopped while it answered");
        } catch (IOException unreachable) {
            return new Answer.NoRelay("no relay answers at " + socket + " (" + unreachable.getMessage() + ")");
        }
    }
}
