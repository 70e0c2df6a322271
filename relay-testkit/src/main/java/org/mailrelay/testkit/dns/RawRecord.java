package org.mailrelay.testkit.dns;

import org.xbill.DNS.Compression;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSInput;
import org.xbill.DNS.DNSOutput;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Tokenizer;

/// A record whose data need not be what its type asks for.
final class RawRecord extends Record {

    private static final long serialVersionUID = 1L;

    private final byte[] data;

    RawRecord(Name name, int type, byte[] data) {
        super(name, type, DClass.IN, 300);
        this.data = data.clone();
    }

    @Override
    protected void rrFromWire(DNSInput in) {
        throw new UnsupportedOperationException("made, never read");
    }

    @Override
    protected String rrToString() {
        return data.length + " octets";
    }

    @Override
    protected void rdataFromString(Tokenizer text, Name origin) {
        throw new UnsupportedOperationException("made, never read");
    }

    @Override
    protected void rrToWire(DNSOutput out, Compression compression, boolean canonical) {
        out.writeByteArray(data);
    }
}
