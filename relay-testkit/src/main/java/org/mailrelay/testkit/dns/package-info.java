/// A DNS server for tests: [FakeDns]. Real sockets on loopback, no fixed port.
@NullMarked
package org.mailrelay.testkit.dns;

import org.jspecify.annotations.NullMarked;
