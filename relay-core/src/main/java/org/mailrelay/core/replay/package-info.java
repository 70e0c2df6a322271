/// What a connection to a mail host showed, and what another policy would have made of it. Nothing here performs I/O.
///
/// [Circumstances] are what the decision before connecting looked at beside the operator's entry; [SeenPeer] is what the host showed, with its
/// [SeenCertificate]. Both are facts of the connection that took place, whatever its policy asked for: the chain is judged and its names are kept
/// under a level that verifies nothing, too. [ReplayRules] holds them against a policy, by the functions of [org.mailrelay.core.tls] that decide for
/// delivery itself, and gives a [Foreseen]. What was not looked at then is said to be unknown; it is never guessed.
///
/// Values and pure functions: any thread.
@NullMarked
package org.mailrelay.core.replay;

import org.jspecify.annotations.NullMarked;
