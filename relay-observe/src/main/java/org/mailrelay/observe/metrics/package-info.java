/// Counts events for Prometheus.
///
/// Read [MetricNames], the catalogue of every name and label, then [Metrics], which counts, on the series of [Meters]. No label ever holds what a remote side
/// chose: values come from enums, from listeners' names and, up to a limit ([DestinationNames]), from the entries of destinations.yaml.
/// Any thread may report an event; meters that every message moves are held, not looked up.
@NullMarked
package org.mailrelay.observe.metrics;

import org.jspecify.annotations.NullMarked;
