package org.mailrelay.listener;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;

/// A client that sends exactly the octets it is given, one character an octet.
final class Client implements AutoCloseable {

    private Socket socket;

    Client(InetSocketAddress server) throws IOException {
        socket = new Socket(server.getAddress(), server.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
    }

    /// From an address of its own.
    Client(InetSocketAddress server, InetAddress from) throws IOException {
        socket = new Socket(server.getAddress(), server.getPort(), from, 0);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
    }

    void send(String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// One whole reply without its last CRLF; lines of a long one are joined by LF.
    String reply() throws IOException {
        StringBuilder all = new StringBuilder();
        while (true) {
            String line = line();
            all.append(line);
            if (line.length() < 4 || line.charAt(3) != '-') {
                return all.toString();
            }
            all.append('\n');
        }
    }

    String ask(String command) throws IOException {
        send(command + "\r\n");
        return reply();
    }

    /// What one read of the socket brings.
    String oneRead() throws IOException {
        byte[] all = new byte[64 * 1024];
        int count = socket.getInputStream().read(all);
        return new String(all, 0, Math.max(0, count), StandardCharsets.ISO_8859_1);
    }

    /// Sends each part in a segment (or TLS record) of its own.
    void sendApart(String... parts) throws IOException {
        for (String part : parts) {
            send(part);
        }
    }

    boolean closed() throws IOException {
        return socket.getInputStream().read() < 0;
    }

    /// The handshake; the server's certificate is not looked at.
    void startTls() throws Exception {
        startTls(context());
    }

    static SSLContext context() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAll()}, null);
        return context;
    }

    /// Shows this certificate where it is asked for one.
    static SSLContext context(PrivateKey key, X509Certificate... chain) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new ShowsItWhoeverIsAsked(key, chain)}, new TrustManager[] {new TrustAll()}, null);
        return context;
    }

    void startTls(SSLContext context, String... applicationProtocols) throws Exception {
        SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", 25, true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setApplicationProtocols(applicationProtocols);
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        socket = secure;
    }

    SSLSession tls() {
        return ((SSLSocket) socket).getSession();
    }

    String cipher() {
        return ((SSLSocket) socket).getSession().getCipherSuite();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = socket.getInputStream().read(); octet != '\n'; octet = socket.getInputStream().read()) {
            if (octet < 0) {
                throw new EOFException("closed after " + line);
            }
            line.append((char) octet);
        }
        return line.substring(0, line.length() - 1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /// The JDK's own shows only what the server's authorities have signed.
    private static final class ShowsItWhoeverIsAsked extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate[] chain;

        private ShowsItWhoeverIsAsked(PrivateKey key, X509Certificate... chain) {
            this.key = key;
            this.chain = chain;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return "own";
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return "";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.clone();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new java.security.cert.X509Certificate[0];
        }
    }
}
