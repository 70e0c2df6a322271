package org.mailrelay.core.mail;

/// The number of a inbound connection; 0 means that the relay made the message itself. It only rises, over restarts too.
public record Icid(long value) implements Comparable<Icid> {

    public Icid {
        if (value < 0) {
            throw new IllegalArgumentException("negative number: " + value);
        }
    }

    @Override
    public int compareTo(Icid other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
