package org.mailrelay.core.header;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Holds the header of one message back until it is whole, changes it, and lets what follows pass untouched.
///
/// The header ends at the first empty line and before the first line that is neither field nor continuation, as for
/// [org.mailrelay.core.smtp.DataScanner]. A header beyond [#MOST_OCTETS] is not changed but given up: the message is to be refused.
/// One object a message, on its connection's event loop.
public final class HeaderGate {

    /// Octets of a header that is held back, each connection its own: more than real ones have.
    public static final int MOST_OCTETS = 100 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final UnaryOperator<HeaderBlock> change;
    private final boolean stuffed;
    private byte[] held = new byte[2_048];
    private int length;
    private int lineStart;
    private boolean tooLong;
    private long grown;
    private long dotsGrown;
    private @Nullable HeaderBlock header;

    /// @param stuffed lines that begin with a dot have one more, as behind DATA
    public HeaderGate(UnaryOperator<HeaderBlock> change, boolean stuffed) {
        this.change = change;
        this.stuffed = stuffed;
    }

    /// The header is through, and what comes needs the gate no more.
    public boolean open() {
        return header != null;
    }

    /// @return what may be kept now of all that was given so far; valid until the caller's array changes
    public ByteBuffer pass(byte[] octets, int from, int to) {
        if (open()) {
            return ByteBuffer.wrap(octets, from, to - from);
        }
        for (int at = from; at < to && !tooLong; at++) {
            hold(octets[at]);
            if (octets[at] == '\n' && length > 1 && held[length - 2] == '\r' && endsHeader()) {
                return release(lineStart, octets, at + 1, to);
            }
        }
        return NOTHING;
    }

    /// The content is over: a message may be all header.
    public ByteBuffer end() {
        return open() || tooLong ? NOTHING : release(lineStart, held, 0, 0);
    }

    private void hold(byte octet) {
        if (length == held.length) {
            held = Arrays.copyOf(held, length * 2);
        }
        held[length++] = octet;
        tooLong = length > MOST_OCTETS;
    }

    /// Looks at the line that has just ended.
    private boolean endsHeader() {
        int first = stuffed && held[lineStart] == '.' ? lineStart + 1 : lineStart;
        boolean continuation = held[first] == ' ' || held[first] == '\t';
        if (length - lineStart == 2 || (continuation ? lineStart == 0 : !isField(first))) {
            return true;
        }
        lineStart = length;
        return false;
    }

    private boolean isField(int from) {
        for (int i = from; i < length; i++) {
            if (held[i] == ':') {
                return i > from;
            }
            if (held[i] < 0x20 && held[i] != '\t') {
                return false;
            }
        }
        return false;
    }

    /// @param end octets of the header in `held`; what is held behind it is content already
    private ByteBuffer release(int end, byte[] octets, int from, int to) {
        HeaderBlock read = HeaderBlock.read(held, end, stuffed);
        HeaderBlock changed = change.apply(read);
        header = changed;
        byte[] written = changed.octets(stuffed);
        grown = changed.length() - read.length();
        dotsGrown = written.length - changed.length() - (end - read.length());
        ByteBuffer out = ByteBuffer.allocate(written.length + length - end + to - from);
        out.put(written).put(held, end, length - end).put(octets, from, to - from);
        held = new byte[0];
        return out.flip();
    }

    /// The header has more octets than are held.
    public boolean tooLong() {
        return tooLong;
    }

    /// Octets that the change has added, stuffing not counted; negative where it has taken some away.
    public long grown() {
        return grown;
    }

    /// The same of dots that are stuffing. A client may leave one alone at a line's start, which is stuffing then, and is not written again (RFC 5321 §4.5.2).
    public long dotsGrown() {
        return dotsGrown;
    }

    /// The header as it is kept; empty until it is whole.
    public Optional<HeaderBlock> header() {
        return Optional.ofNullable(header);
    }
}
