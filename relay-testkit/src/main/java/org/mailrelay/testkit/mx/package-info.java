/// A mail host that does what a test tells it to, on a real socket of the loopback address.
///
/// Read [FakeMx], then [Effect] for the ways in which it can misbehave. Each connection has a virtual thread.
@NullMarked
package org.mailrelay.testkit.mx;

import org.jspecify.annotations.NullMarked;
