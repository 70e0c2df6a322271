/// The port for machines: `/metrics`, `/health/live`, `/health/ready`. [MachineEndpoint] serves them on virtual threads (RFC 9110).
@NullMarked
package org.mailrelay.observe.http;

import org.jspecify.annotations.NullMarked;
