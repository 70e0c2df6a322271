/// Benchmarks of single pieces with JMH: what a reply, an EHLO, a command, the content of a message, and a durable put cost.
///
/// Run with `bench/micro [PATTERN] [JMH OPTIONS]`.
@NullMarked
package org.mailrelay.bench.micro;

import org.jspecify.annotations.NullMarked;
