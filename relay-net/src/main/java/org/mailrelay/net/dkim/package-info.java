/// Signs mail with the keys of `org.mailrelay.core.dkim`.
///
/// [DkimSigning] is what listeners, reports and the relay's own mail sign with; [Signers] holds the keys in the form that signs; [LibCrypto] is
/// OpenSSL's libcrypto where the machine has it, the JDK and Bouncy Castle serve elsewhere (docs/decisions/010-rsa-signing.md). [PublicKeys] is what
/// DNS publishes of a key, [SignatureCheck] the other way: does a published key fit a signature?
///
/// RSA signs on threads of its own, as many as there are processors, never on an event loop; Ed25519 where it is called.
///
/// Sources: RFC 6376, RFC 8301, RFC 8463.
@NullMarked
package org.mailrelay.net.dkim;

import org.jspecify.annotations.NullMarked;
