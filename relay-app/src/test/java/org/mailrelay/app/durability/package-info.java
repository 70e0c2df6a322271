/// The durability harness: a relay in a process of its own is crashed in every way there is, and what it had acknowledged must arrive.
///
/// Not a unit test: `bench/durability short` (under a minute, in CI) or `bench/durability long [MINUTES]` run [Durability]. Read on in
/// [Oracle], which knows what was promised and what arrived, outside the tested disk; [Injector] and [Sink] tell it. [Relay] is the
/// process under test, [LoopDisk] a file system that can be stopped or filled, [Rounds] the ways to crash.
@NullMarked
package org.mailrelay.app.durability;

import org.jspecify.annotations.NullMarked;
