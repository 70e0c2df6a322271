/// TLS contexts for both directions, and the checks of a peer's certificate.
///
/// Read [ClientTls] for connections that we make, [PeerChecks] for what is asked of their certificates, [ServerTls] (and [ClientCertificates], what clients' certificates are worth) for
/// those that we accept. BoringSSL where the platform has it, the JDK's engine elsewhere. The trust manager accepts every
/// chain: the judgement is made once the handshake has ended, on new and on resumed sessions alike, by [PeerChecks]
/// (RFC 9525 names, RFC 5280 paths). Contexts are safe for any thread; an engine belongs to its channel's event loop.
@NullMarked
package org.mailrelay.net.tls;

import org.jspecify.annotations.NullMarked;
