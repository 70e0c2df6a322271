/// What the relay says to a mail host, as pure decisions: replies in, commands and results out. No socket, thread or clock.
///
/// [Opening] goes from the greeting to the point where mail may be sent (RFC 5321 §3.1, RFC 3207); [Exchange] is one mail
/// transaction (RFC 5321 §3.3, RFC 2920 §3.1, RFC 3030 §2), `EnvelopeRules` what a host can be told of its envelope. [Stage] holds each step's words and time limit (RFC 5321 §4.5.3.2). The same
/// classes serve delivery, the TLS check, unit tests made of lists of replies, and the fuzzer.
@NullMarked
package org.mailrelay.delivery.conversation;

import org.jspecify.annotations.NullMarked;
