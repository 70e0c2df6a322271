package org.mailrelay.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.settings.RelaySettings;

/// New definitions of listeners while others talk.
class ReloadTest {

    private ListenerFixture relay;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        relay = ListenerFixture.in(folder).open();
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static RelaySettings.Listener at(String host, int port) {
        return new RelaySettings.Listener("moving", List.of(new InetSocketAddress(host, port)), Optional.empty(), false);
    }

    private static void isGreeted(int port) throws IOException {
        try (Client client = new Client(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            assertThat(client.reply()).startsWith("220 ");
        }
    }

    @Test
    void movesBetweenOneAddressAndTheWildcardOfTheSamePortAndKeepsConnections() throws Exception {
        int port = freePort();
        relay.listeners.apply(List.of(at("127.0.0.1", port)));
        try (Client before = new Client(new InetSocketAddress("127.0.0.1", port))) {
            before.reply();
            relay.listeners.apply(List.of(at("0.0.0.0", port)));
            isGreeted(port);
            relay.listeners.apply(List.of(at("127.0.0.1", port)));
            isGreeted(port);
            assertThat(before.ask("NOOP")).startsWith("250 ");
        }
    }

    @Test
    void whatMadeWayIsBoundAgainWhereTheMoveFails() throws Exception {
        int port = freePort();
        relay.listeners.apply(List.of(at("127.0.0.1", port)));
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"))) {
            assertThat(other.isBound()).isTrue();
            assertThatThrownBy(() -> relay.listeners.apply(List.of(at("0.0.0.0", port)))).isInstanceOf(IOException.class).hasMessageContaining("cannot be bound");
            isGreeted(port);
        }
    }
}
