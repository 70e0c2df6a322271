package org.mailrelay.core.tls;

import java.util.Comparator;

/// One TLSA record (RFC 6698 §2.1), as data; whether it can be used is for the lookup to say.
///
/// @param data the association data in lower-case hexadecimal, two digits an octet
public record TlsaRecord(int usage, int selector, int matching, String data) implements Comparable<TlsaRecord> {

    private static final Comparator<TlsaRecord> ORDER = Comparator.comparingInt(TlsaRecord::usage).thenComparingInt(TlsaRecord::selector)
            .thenComparingInt(TlsaRecord::matching).thenComparing(TlsaRecord::data);

    public TlsaRecord {
        if (data.length() % 2 != 0 || !data.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
            throw new IllegalArgumentException("not lower-case hexadecimal: " + data);
        }
    }

    @Override
    public int compareTo(TlsaRecord other) {
        return ORDER.compare(this, other);
    }

    /// As a zone file has it, long data cut off.
    @Override
    public String toString() {
        return usage + " " + selector + " " + matching + " " + (data.length() > 64 ? data.substring(0, 64) + "..." : data);
    }
}
