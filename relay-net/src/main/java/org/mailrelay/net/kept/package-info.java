/// Small files of what is known of other hosts, which outlive a restart: [SummedFile]. Blocks on the disk; may be shared.
@NullMarked
package org.mailrelay.net.kept;

import org.jspecify.annotations.NullMarked;
