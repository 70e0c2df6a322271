package org.mailrelay.queue;

/// Something is wrong with the spool's files. Each one is worth a Critical or Warning line.
///
/// @param file   the file's name within the spool
/// @param offset octets from the file's start; -1 where it says nothing
public record SpoolProblem(Severity severity, String file, long offset, String detail) {

    public enum Severity { CRITICAL, WARNING }

    boolean isDamage() {
        return severity == Severity.CRITICAL;
    }

    @Override
    public String toString() {
        return file + (offset < 0 ? "" : ":" + offset) + ": " + detail;
    }
}
