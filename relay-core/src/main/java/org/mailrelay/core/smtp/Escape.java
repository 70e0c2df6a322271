package org.mailrelay.core.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Turns text that came from afar into one harmless line for logs, reports and JSON.
///
/// CR, LF, NUL, ESC and other controls are written as `\r`, `\n`, `\x1b`…, and so are the bidirectional controls and line
/// separators of Unicode, which could make a log line read as another. Nothing is interpreted, nothing is ever longer
/// than asked for.
public final class Escape {

    /// What mail_logs shows of a remote text at most, in characters.
    public static final int LOG_LIMIT = 512;

    private Escape() {
    }

    /// Text of Unicode characters, for a place without quotes.
    public static String text(CharSequence text, int limit) {
        return write(text, limit, false);
    }

    /// Text that will stand between quotes: quotes (single and double) and backslashes get a backslash.
    public static String quoted(CharSequence text, int limit) {
        return write(text, limit, true);
    }

    /// Octets held one in a character (ISO-8859-1), as [Reply] keeps them: shown as UTF-8 where they are UTF-8, else `\xNN`.
    public static String octets(String octets, int limit) {
        return write(decode(octets), limit, false);
    }

    /// The same, to stand between quotes.
    public static String quotedOctets(String octets, int limit) {
        return write(decode(octets), limit, true);
    }

    public static String bytes(byte[] octets, int from, int to, int limit) {
        return octets(new String(octets, from, to - from, StandardCharsets.ISO_8859_1), limit);
    }

    private static String decode(String octets) {
        boolean ascii = true;
        for (int i = 0; i < octets.length() && ascii; i++) {
            ascii = octets.charAt(i) < 0x80;
        }
        if (ascii) {
            return octets;
        }
        try {
            byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException notUtf8) {
            return eightBitAsHex(octets);
        }
    }

    /// Controls are left to [#write]; here only what would look like a letter and is none.
    private static String eightBitAsHex(String octets) {
        StringBuilder out = new StringBuilder(octets.length() + 16);
        for (int i = 0; i < octets.length(); i++) {
            char c = octets.charAt(i);
            if (c < 0x80) {
                out.append(c);
            } else {
                out.append("\\x").append(Integer.toHexString(c & 255));
            }
        }
        return out.toString();
    }

    private static String write(CharSequence text, int limit, boolean inQuotes) {
        if (text.length() <= limit && isPlain(text, inQuotes)) {
            return text.toString();
        }
        StringBuilder out = new StringBuilder(Math.min(limit, text.length() + 16));
        for (int i = 0; i < text.length() && out.length() < limit; i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                int point = Character.toCodePoint(c, text.charAt(++i));
                if (!append(out, isHidden(point) ? "\\u{" + Integer.toHexString(point) + "}" : Character.toString(point), limit)) {
                    break;
                }
            } else if (!append(out, shown(c, inQuotes), limit)) {
                break;
            }
        }
        return out.toString();
    }

    /// Never half an escape: what does not fit whole is left out, and everything behind it.
    private static boolean append(StringBuilder out, String piece, int limit) {
        if (out.length() + piece.length() > limit) {
            return false;
        }
        out.append(piece);
        return true;
    }

    private static boolean isPlain(CharSequence text, boolean inQuotes) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c > 0x7e || inQuotes && needsBackslash(c)) {
                return false;
            }
        }
        return true;
    }

    private static boolean needsBackslash(char c) {
        return c == '"' || c == '\'' || c == '\\';
    }

    private static String shown(char c, boolean inQuotes) {
        return switch (c) {
            case '\r' -> "\\r";
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            default -> {
                if (c < 0x20 || c >= 0x7f && c < 0xa0) {
                    yield "\\x" + Character.forDigit(c >> 4, 16) + Character.forDigit(c & 15, 16);
                }
                if (isHidden(c)) {
                    yield "\\u{" + Integer.toHexString(c) + "}";
                }
                yield inQuotes && needsBackslash(c) ? "\\" + c : Character.toString(c);
            }
        };
    }

    /// Bidirectional controls, zero-width characters, line and paragraph separators, tags, lone surrogates, non-characters.
    private static boolean isHidden(int point) {
        int type = Character.getType(point);
        return type == Character.FORMAT || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE || type == Character.CONTROL || type == Character.UNASSIGNED;
    }
}
