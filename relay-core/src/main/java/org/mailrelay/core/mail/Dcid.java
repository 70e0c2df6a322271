package org.mailrelay.core.mail;

/// The number of a outbound connection, taken when it is tried; 0 means that there was none. It only rises, over restarts too.
public record Dcid(long value) implements Comparable<Dcid> {

    public Dcid {
        if (value < 0) {
            throw new IllegalArgumentException("negative number: " + value);
        }
    }

    @Override
    public int compareTo(Dcid other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
