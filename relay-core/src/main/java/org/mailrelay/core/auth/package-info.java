/// How a client proves who it is: SASL's exchanges as AUTH carries them (RFC 4954, RFC 4422), without a socket.
///
/// [SaslExchange] is one try of one mechanism: octets of the client in, a [SaslStep] out. [PlainExchange] and [LoginExchange] end in a question
/// to the [Authority] about a password, [ScramExchange] proves the password without showing it (RFC 5802, RFC 7677), [BearerExchange] hands on
/// a token (RFC 7628). [Mechanism] lists them, and which may be offered where. Who the authority is (a file, a directory, a token's issuer)
/// is not known here; it may block, so an exchange never runs on an event loop.
///
/// An unknown user costs the same work and gives the same answer as a wrong password: the authority sees to the work, the exchanges to the answer.
@NullMarked
package org.mailrelay.core.auth;

import org.jspecify.annotations.NullMarked;
