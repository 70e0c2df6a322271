/// Decides how one connection to a mail host may use TLS. Nothing here performs I/O.
@NullMarked
package org.mailrelay.core.tls;

import org.jspecify.annotations.NullMarked;
