/// A mail host that does what a test tells it to, on a real socket of the loopback address.
///
/// Read [FakeMx], then [MxSession] for one connection, which has a virtual thread, and [Effect] for the ways in which it can misbehave.
@NullMarked
package org.mailrelay.testkit.mx;

import org.jspecify.annotations.NullMarked;
