package org.mailrelay.core.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Picks the few fields of a message's header that the relay reads, from the header block only: it closes at the first empty
/// line and at the first line that is neither field nor continuation (RFC 5322 §2.1), so nothing in a body counts.
final class HeaderWatch {

    /// Characters kept of a field's value.
    static final int VALUE_LIMIT = 512;
    private static final int NAME_LIMIT = 64;

    private enum Field { OTHER, SUBJECT, MESSAGE_ID, TLS_REQUIRED }

    private final byte[] line = new byte[NAME_LIMIT + VALUE_LIMIT];
    private int length;
    private long lineOctets;
    private long octets;
    private boolean open = true;
    private boolean anyField;
    private Field field = Field.OTHER;
    private int receivedFields;
    private boolean date;
    private final StringBuilder value = new StringBuilder();
    /// Some of the value was not kept.
    private boolean cut;
    private Optional<String> subject = Optional.empty();
    private Optional<String> messageId = Optional.empty();
    private int tlsRequiredFields;
    private boolean tlsRequiredSaysNo;

    boolean open() {
        return open;
    }

    /// Octets of the line under way; what exceeds the limit is only counted.
    void octets(byte[] octets, int from, int to) {
        int kept = Math.min(to - from, line.length - length);
        System.arraycopy(octets, from, line, length, kept);
        length += kept;
        lineOctets += to - from;
    }

    void endLine() {
        octets += lineOctets + 2;
        if (lineOctets == 0) {
            end();
        } else if (line[0] == ' ' || line[0] == '\t') {
            if (anyField) {
                append(0);
            } else {
                end();
            }
        } else {
            keep();
            int colon = colon();
            if (colon <= 0) {
                end();
            } else {
                begin(colon);
            }
        }
        length = 0;
        lineOctets = 0;
    }

    /// The header is over, or the message is.
    void end() {
        keep();
        open = false;
    }

    private void begin(int colon) {
        anyField = true;
        int nameEnd = colon;
        while (nameEnd > 0 && (line[nameEnd - 1] == ' ' || line[nameEnd - 1] == '\t')) {
            nameEnd--;   // RFC 5322 §4.5: obsolete syntax lets white space stand before the colon
        }
        String name = new String(line, 0, nameEnd, StandardCharsets.ISO_8859_1);
        if (Ascii.equals(name, "RECEIVED")) {
            receivedFields++;
        }
        date |= Ascii.equals(name, "DATE");
        boolean tlsRequired = Ascii.equals(name, "TLS-REQUIRED");
        tlsRequiredFields += tlsRequired ? 1 : 0;
        field = tlsRequired ? Field.TLS_REQUIRED : Ascii.equals(name, "SUBJECT") && subject.isEmpty() ? Field.SUBJECT
                : Ascii.equals(name, "MESSAGE-ID") && messageId.isEmpty() ? Field.MESSAGE_ID : Field.OTHER;
        cut = false;
        append(colon + 1);
    }

    /// Unfolding takes only the CRLF away (RFC 5322 §2.2.3).
    private void append(int from) {
        if (field != Field.OTHER) {
            int room = Math.max(0, VALUE_LIMIT * 2 - value.length());
            cut |= lineOctets > length || length - from > room;
            value.append(new String(line, from, Math.min(length - from, room), StandardCharsets.ISO_8859_1));
        }
    }

    private void keep() {
        switch (field) {
            case SUBJECT -> subject = Optional.of(text());
            case MESSAGE_ID -> messageId = Optional.of(text());
            case TLS_REQUIRED -> tlsRequiredSaysNo = !cut && Ascii.equals(text(), "NO");
            case OTHER -> { }
        }
        field = Field.OTHER;
        value.setLength(0);
    }

    /// Blanks at both ends dropped; UTF-8 where it is that, else one character an octet.
    private String text() {
        int from = 0;
        int to = value.length();
        while (from < to && isBlank(value.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(value.charAt(to - 1))) {
            to--;
        }
        String octets = value.substring(from, to);
        String text = utf8(octets).orElse(octets);
        int end = Math.min(text.length(), VALUE_LIMIT);
        return text.substring(0, end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }

    private static Optional<String> utf8(String octets) {
        try {
            byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException notUtf8) {
            return Optional.empty();
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /// Where the field name ends; -1 when the line is no field.
    private int colon() {
        for (int i = 0; i < length; i++) {
            if (line[i] == ':') {
                return i;
            }
            if (line[i] < 0x20 && line[i] != '\t') {
                return -1;
            }
        }
        return -1;
    }

    /// A Date field was there.
    boolean date() {
        return date;
    }

    /// Octets of the lines looked at so far, their ends included.
    long octets() {
        return octets;
    }

    int receivedFields() {
        return receivedFields;
    }

    /// `TLS-Required: No`, and nothing else of that name (RFC 8689 §5): one that says it twice, or something else, is not heard.
    boolean tlsRequiredNo() {
        return tlsRequiredFields == 1 && tlsRequiredSaysNo;
    }

    Optional<String> subject() {
        return subject;
    }

    Optional<String> messageId() {
        return messageId;
    }
}
