/// One end-to-end measurement: a generator speaks SMTP to the relay as a user starts it, the relay delivers to a sink that keeps the books.
///
/// Read [EndToEnd] (the command), then [Generator], [Sink], [RelayProcess] (the relay in a process and folder of its own), [Books] (what arrived when).
/// A virtual thread a connection on both sides; everything stays on the loopback. The relay's syncs are its own: nothing is switched off.
@NullMarked
package org.mailrelay.bench.endtoend;

import org.jspecify.annotations.NullMarked;
