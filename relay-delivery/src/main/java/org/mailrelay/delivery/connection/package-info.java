/// Connections to mail hosts: sockets and deadlines around the conversation of `org.mailrelay.delivery.conversation`.
///
/// [Connector] opens; a connection that is ready pulls its messages from a [TransactionSource] on its own event loop, one
/// after the other, and reports each result there. Read [ConnectionPlan] for what is asked of a connection,
/// `ConversationHandler` for the way from octets to replies, `OpeningPhase` and `CarryingPhase` for how the conversation's
/// actions are performed, `BodySender` and `Framing` for the content, by DATA or by BDAT. A [PathWatch] is told what each handshake
/// showed, and may say that the path is in doubt. One event loop runs all of a connection; bodies
/// in files are read by [BodyReaders]. What a host or the network does is a value, never an exception.
@NullMarked
package org.mailrelay.delivery.connection;

import org.jspecify.annotations.NullMarked;
