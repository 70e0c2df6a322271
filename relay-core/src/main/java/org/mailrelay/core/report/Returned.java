package org.mailrelay.core.report;

/// What of the message goes along with a report. Octets without stuffing; held in memory, at most [ReportRules#MOST_RETURNED].
public sealed interface Returned {

    record Nothing() implements Returned {}

    /// Its header fields, the line behind the last one ended.
    record Headers(byte[] octets) implements Returned {}

    record Full(byte[] octets) implements Returned {}
}
