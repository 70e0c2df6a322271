package org.mailrelay.core.smtp;

import java.util.OptionalLong;

/// The argument of BDAT (RFC 3030 §2): how many octets follow behind the line, and whether they are the last.
public sealed interface ChunkCommand {

    record Chunk(long octets, boolean last) implements ChunkCommand {
    }

    /// What follows cannot be told from commands any more: answer and close.
    record Unreadable(OurReply reply) implements ChunkCommand {
    }

    /// `1*DIGIT [ SP "LAST" ]`; at most 20 digits, and less than a signed 64-bit number holds.
    static ChunkCommand parse(String argument) {
        int space = argument.indexOf(' ');
        boolean last = space >= 0 && Ascii.equals(argument.substring(space + 1), "LAST");
        OptionalLong octets = Numbers.size(space < 0 ? argument : argument.substring(0, space));
        return octets.isEmpty() || octets.getAsLong() == Long.MAX_VALUE || space >= 0 && !last ? new Unreadable(OurReplies.BAD_CHUNK) : new Chunk(octets.getAsLong(), last);
    }
}
