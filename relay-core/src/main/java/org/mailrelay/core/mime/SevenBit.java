package org.mailrelay.core.mime;

import java.nio.ByteBuffer;

/// Converts one message's content as it passes, to the wire form, from it or from binary content. It goes over the content three times: [SevenBitPlan.Search] finds what
/// is to be done, a first conversion counts, a second one is sent; so that the size that MAIL tells is the true one and memory is that of
/// one header.
public final class SevenBit {

    private final SevenBitWriter writer;

    /// @param plan without a hindrance, of the same content
    public SevenBit(SevenBitPlan plan) {
        if (plan.hindrance().isPresent()) {
            throw new IllegalArgumentException("not to be converted: " + plan.hindrance().get());
        }
        this.writer = new SevenBitWriter(plan);
    }

    /// @return what is written for it; may be nothing yet
    public byte[] convert(ByteBuffer octets) {
        return writer.write(octets);
    }

    /// The content is over.
    public byte[] end() {
        return writer.end();
    }

    /// Octets in wire form so far.
    public long written() {
        return writer.written();
    }

    /// An octet above 127 is among them.
    public boolean eightBit() {
        return writer.eightBit();
    }

    /// Dots of them that are stuffing.
    public long stuffedDots() {
        return writer.stuffedDots();
    }
}
