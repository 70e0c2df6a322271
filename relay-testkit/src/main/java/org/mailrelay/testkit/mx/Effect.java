package org.mailrelay.testkit.mx;

import java.util.List;

/// What the host does when it is its turn to speak.
public sealed interface Effect {
    /// These octets (ISO-8859-1), as they are.
    record Say(String octets) implements Effect {}
    /// The same, one octet in a segment.
    record SayBytewise(String octets) implements Effect {}
    /// These pieces, each flushed by itself.
    record SaySplit(List<String> pieces) implements Effect {
        public SaySplit {
            pieces = List.copyOf(pieces);
        }
    }
    /// These octets, then the end.
    record SayAndClose(String octets) implements Effect {}
    /// Close without a word.
    record Close() implements Effect {}
    /// Never answer; the connection stays open.
    record Stall() implements Effect {}
    /// One octet every few milliseconds, for as long as the client bears it; never a whole line.
    record Drip() implements Effect {}
    /// Wait until [FakeMx#open], then say these octets.
    record Gate(String octets) implements Effect {}
    /// This the first time at its moment, over all connections; then what is usual.
    record Once(Effect effect) implements Effect {}
    /// This every second time at its moment, over all connections; what is usual otherwise, and first.
    record EverySecond(Effect effect) implements Effect {}
    /// Answer STARTTLS with 220, then say this instead of the handshake.
    record GoAheadThenSay(String octets) implements Effect {}
    /// Answer STARTTLS with 220, then a fatal TLS alert (handshake_failure).
    record GoAheadThenAlert() implements Effect {}

    static Effect line(String line) {
        return new Say(line + "\r\n");
    }
}
