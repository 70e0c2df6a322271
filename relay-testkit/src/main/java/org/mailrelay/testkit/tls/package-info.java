/// Certificates for tests: an authority and what it, or nobody, vouches for. Any thread.
@NullMarked
package org.mailrelay.testkit.tls;

import org.jspecify.annotations.NullMarked;
