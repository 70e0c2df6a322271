package org.mailrelay.queue;

/// Something is wrong with the spool's files. Each one is worth a Critical or Warning line.
///
/// @param file   the file's name within the spool
/// @param offset octets from the file's start; -1 where it says nothing
public record SpoolProblem(Severity severity, String file, long offset, String detail) {

    public enum Severity { CRITICAL, WARNING }
}
