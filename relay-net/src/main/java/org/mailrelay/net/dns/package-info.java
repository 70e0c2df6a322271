/// Asks DNS, and turns answers into values of `org.mailrelay.core.route`.
///
/// Read [HostFinder] (a route becomes a plan), [MailResolver] (MX and addresses, with a cache), [ReverseLookup] (the name of a
/// connected peer). All of it blocks and belongs on virtual threads; every class may be shared. Only these classes and the DNS
/// library read what a remote DNS server wrote; no name from outside ever reaches the JDK's own resolver.
///
/// Sources: RFC 1035, RFC 2308 (negative answers), RFC 5321 §5.1, RFC 7505.
@NullMarked
package org.mailrelay.net.dns;

import org.jspecify.annotations.NullMarked;
