package org.mailrelay.listener.auth;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;

/// Sockets to a directory. JNDI makes its factory by the name of a class, so whose trust counts comes with the call that asks the directory.
public final class DirectorySockets extends SocketFactory {

    static final ScopedValue<SSLSocketFactory> TRUSTED = ScopedValue.newInstance();

    private final SocketFactory sockets;

    private DirectorySockets(SocketFactory sockets) {
        this.sockets = sockets;
    }

    /// JNDI's way to get one.
    public static SocketFactory getDefault() {
        return new DirectorySockets(TRUSTED.get());
    }

    @Override
    public Socket createSocket() throws IOException {
        return sockets.createSocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return sockets.createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
        return sockets.createSocket(host, port, from, fromPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return sockets.createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
        return sockets.createSocket(host, port, from, fromPort);
    }
}
