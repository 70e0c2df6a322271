/// Finds buffers that were taken and never given back.
@NullMarked
package org.mailrelay.testkit.memory;

import org.jspecify.annotations.NullMarked;
