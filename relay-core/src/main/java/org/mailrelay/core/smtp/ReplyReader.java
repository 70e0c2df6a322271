package org.mailrelay.core.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Makes replies of octets as they arrive; what it finds does not depend on how they were cut into segments (R-RPL-13).
///
/// One reader serves one connection, on that connection's event loop. After [ReplyResult.Broken] it stays broken.
public final class ReplyReader {

    /// RFC 5321 §4.5.3.1.5 says 512; servers exceed it. Line end included.
    static final int MAX_LINE = 2048;
    static final int MAX_LINES = 128;
    static final int MAX_REPLY = 32 * 1024;
    private static final int DETAIL_LIMIT = 200;

    private final boolean strictLineEnds;
    private byte[] line = new byte[256];
    private int length;
    private boolean afterCr;
    private int code;
    private int octets;
    private int bareLfLine;
    private final List<String> lines = new ArrayList<>();
    private ReplyResult.@org.jspecify.annotations.Nullable Broken broken;

    /// @param strictLineEnds a bare LF is a protocol error (`replies: strict`); else it ends a line and is noted
    public ReplyReader(boolean strictLineEnds) {
        this.strictLineEnds = strictLineEnds;
    }

    /// Takes octets up to the end of one reply, moving the buffer's position. `in.hasRemaining()` after
    /// [ReplyResult.Complete] tells that octets stand behind the reply.
    public ReplyResult read(ByteBuffer in) {
        while (broken == null && in.hasRemaining()) {
            byte octet = in.get();
            if (++octets > MAX_REPLY) {
                return breakOff(ProtocolError.REPLY_TOO_LONG);
            }
            if (octet == '\n') {
                ReplyResult result = endLine();
                if (!(result instanceof ReplyResult.NeedMore)) {
                    return result;
                }
            } else if (afterCr) {
                return breakOff(ProtocolError.BARE_CR);
            } else if (octet == '\r') {
                afterCr = true;
            } else if (octet == 0) {
                return breakOff(ProtocolError.NUL);
            } else if (length == MAX_LINE - 2) {
                return breakOff(ProtocolError.LINE_TOO_LONG);
            } else {
                if (length == line.length) {
                    line = Arrays.copyOf(line, MAX_LINE);
                }
                line[length++] = octet;
            }
        }
        return broken != null ? broken : ReplyResult.NeedMore.INSTANCE;
    }

    /// True when a reply has begun and is not complete.
    public boolean midReply() {
        return octets > 0;
    }

    private ReplyResult endLine() {
        if (!afterCr) {
            if (strictLineEnds) {
                return breakOff(ProtocolError.BARE_LF);
            }
            bareLfLine = bareLfLine == 0 ? lines.size() + 1 : bareLfLine;
        }
        afterCr = false;
        int lineCode = readCode();
        if (lineCode < 0) {
            return breakOff(ProtocolError.BAD_LINE);
        }
        if (!lines.isEmpty() && lineCode != code) {
            return breakOff(ProtocolError.MIXED_CODES);   // RFC 5321 §4.2.1: the codes "MUST be the same"
        }
        code = lineCode;
        boolean last = length == 3 || line[3] != '-';
        lines.add(length <= 4 ? "" : new String(line, 4, length - 4, StandardCharsets.ISO_8859_1));
        length = 0;
        if (!last) {
            return lines.size() == MAX_LINES ? breakOff(ProtocolError.TOO_MANY_LINES) : ReplyResult.NeedMore.INSTANCE;
        }
        Reply reply = new Reply(code, lines, bareLfLine);
        lines.clear();
        octets = 0;
        bareLfLine = 0;
        return new ReplyResult.Complete(reply);
    }

    /// Three ASCII digits, the first 2 to 5, then `-`, SP or the end of the line (RFC 5321 §4.2). The second digit may be
    /// any: codes like 571 occur, and refusing them would turn bounces into endless retries.
    private int readCode() {
        if (length < 3 || line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '9' || line[2] < '0' || line[2] > '9'
                || length > 3 && line[3] != '-' && line[3] != ' ') {
            return -1;
        }
        return (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
    }

    private ReplyResult breakOff(ProtocolError error) {
        broken = new ReplyResult.Broken(error, Escape.bytes(line, 0, length, DETAIL_LIMIT));
        return broken;
    }
}
