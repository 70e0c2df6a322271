package org.mailrelay.core.mime;

import java.util.List;
import org.mailrelay.core.header.HeaderBlock;

/// One entity of a message, known by its header.
///
/// @param index   parts are counted as their headers come; the message itself is 0
/// @param message a message's header, the outermost or an attached one's: it may lack MIME fields altogether
/// @param type    `text/plain` where none is said, lower case
/// @param encoding of `Content-Transfer-Encoding`, lower case; empty where none is said
record Part(int index, Kind kind, boolean message, HeaderBlock header, String type, String encoding) {

    enum Kind {
        /// Content that may be encoded.
        LEAF,
        /// Multipart or an attached message: parts inside, no encoding of its own (RFC 2045 §6.4).
        CONTAINER,
        /// Signed or encrypted: no octet of it may change (RFC 1847 §2.1).
        SEALED,
        /// What may neither be looked into nor encoded: reports and the like, and a multipart without a boundary.
        CLOSED
    }

    /// Without its header, which may be large: for as long as it is open.
    Part bare() {
        return new Part(index, kind, message, new HeaderBlock(List.of()), type, encoding);
    }

    boolean has(String upperCase) {
        return header.fields().stream().anyMatch(field -> field.is(upperCase));
    }

    boolean isText() {
        return type.startsWith("text/");
    }

    /// Its octets are what they stand for.
    static boolean isPlain(String encoding) {
        return switch (encoding) {
            case "", "7bit", "8bit", "binary" -> true;
            default -> false;
        };
    }
}
