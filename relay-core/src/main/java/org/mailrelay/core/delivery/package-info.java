/// What becomes of recipients: the reading of a host's answer, the next attempt, the report to the sender. Pure: no clock, no I/O.
@NullMarked
package org.mailrelay.core.delivery;

import org.jspecify.annotations.NullMarked;
