package org.mailrelay.core.mail;

/// The number of a message, taken at MAIL and unique for the life of the spool. It only rises, over restarts too.
public record Mid(long value) implements Comparable<Mid> {

    public Mid {
        if (value < 0) {
            throw new IllegalArgumentException("negative number: " + value);
        }
    }

    @Override
    public int compareTo(Mid other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
