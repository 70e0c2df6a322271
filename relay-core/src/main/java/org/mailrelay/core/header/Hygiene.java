package org.mailrelay.core.header;

import java.util.Optional;

/// What a mail flow policy does for, and asks of, the messages that come under it.
///
/// @param addMissingFields Date and Message-ID where a message has none: for those who submit mail, not for mail that passes (RFC 6409 §8)
/// @param removeBcc        Bcc fields are taken out: their readers are in the envelope, and nobody else's business (RFC 5322 §3.6.3)
/// @param masquerade       who appears as whom
/// @param aliases          recipients whose mail is for another address; their header stays
/// @param longLines        what becomes of lines that no host must take (RFC 5321 §4.5.3.1.6)
/// @param limits           what a message may look like
public record Hygiene(boolean addMissingFields, boolean removeBcc, Optional<Masquerade> masquerade, Optional<Masquerade> aliases, LongLines longLines, ContentLimits limits) {

    /// Nothing is touched.
    public static final Hygiene NONE = new Hygiene(false, false, Optional.empty(), Optional.empty(), LongLines.ENCODE, ContentLimits.DEFAULT);

    public enum LongLines {
        /// The parts that have them are encoded, header lines are folded; what is signed stays as it is.
        ENCODE,
        /// They go as they are.
        PASS
    }

    /// @param receivedFields as many and a message is in a loop (RFC 5321 §6.3); at least 50
    /// @param headerOctets   of the whole header; with more the message is refused
    /// @param lineOctets     of the longest line without its end; with more the message is refused. RFC 5321 §4.5.3.1.6 promises 998
    public record ContentLimits(int receivedFields, long headerOctets, long lineOctets) {

        public static final ContentLimits DEFAULT = new ContentLimits(100, Long.MAX_VALUE, Long.MAX_VALUE);

        public ContentLimits {
            if (receivedFields < 1 || headerOctets < 1 || lineOctets < 998) {
                throw new IllegalArgumentException("limits " + receivedFields + ", " + headerOctets + ", " + lineOctets);
            }
        }
    }

    /// A field of the message may be changed or taken out, so its header has to be held back.
    public boolean changesHeader() {
        return removeBcc || masquerade.isPresent();
    }

    public Hygiene withAddMissingFields(boolean yes) {
        return new Hygiene(yes, removeBcc, masquerade, aliases, longLines, limits);
    }

    public Hygiene withRemoveBcc(boolean yes) {
        return new Hygiene(addMissingFields, yes, masquerade, aliases, longLines, limits);
    }

    public Hygiene withMasquerade(Masquerade other) {
        return new Hygiene(addMissingFields, removeBcc, Optional.of(other), aliases, longLines, limits);
    }

    public Hygiene withAliases(Masquerade other) {
        return new Hygiene(addMissingFields, removeBcc, masquerade, Optional.of(other), longLines, limits);
    }

    public Hygiene withLongLines(LongLines other) {
        return new Hygiene(addMissingFields, removeBcc, masquerade, aliases, other, limits);
    }

    public Hygiene withLimits(ContentLimits other) {
        return new Hygiene(addMissingFields, removeBcc, masquerade, aliases, longLines, other);
    }
}
