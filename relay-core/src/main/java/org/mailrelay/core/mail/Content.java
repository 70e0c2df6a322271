package org.mailrelay.core.mail;

import java.util.Optional;

/// What is known of a message's content, found while its bytes passed. The bytes themselves are kept apart.
///
/// @param trueSize    octets as RFC 1870 §3 counts them: with CRLF, without dot-stuffing and without the final dot; the
///                    prologue (our own header fields) included
/// @param stuffedDots dots added by stuffing; with 0 the same octets serve BDAT
/// @param eightBit    an octet above 127 occurs
/// @param subject     the Subject field unfolded, at most 512 characters, as received (log and search)
/// @param messageId   the Message-ID field, likewise
/// @param tlsRequiredNo the header says `TLS-Required: No`, once (RFC 8689 §5)
public record Content(long trueSize, long stuffedDots, boolean eightBit, Optional<String> subject, Optional<String> messageId, boolean tlsRequiredNo) {

    public Content {
        if (trueSize < 0 || stuffedDots < 0) {
            throw new IllegalArgumentException("negative size: " + trueSize + ", " + stuffedDots);
        }
    }

    /// Of a header that does not say `TLS-Required: No`.
    public Content(long trueSize, long stuffedDots, boolean eightBit, Optional<String> subject, Optional<String> messageId) {
        this(trueSize, stuffedDots, eightBit, subject, messageId, false);
    }
}
