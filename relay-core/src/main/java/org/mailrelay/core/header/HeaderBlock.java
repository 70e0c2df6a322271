package org.mailrelay.core.header;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A message's header: its fields in their order, without the empty line behind them.
public record HeaderBlock(List<HeaderField> fields) {

    public HeaderBlock {
        fields = List.copyOf(fields);
    }

    /// Reads octets that are whole lines, each a field's begin or a continuation.
    ///
    /// @param stuffed a dot before a line's first is not part of the field (RFC 5321 §4.5.2)
    public static HeaderBlock read(byte[] octets, int length, boolean stuffed) {
        String text = new String(octets, 0, length, StandardCharsets.ISO_8859_1);
        List<HeaderField> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf("\r\n", from) + 2;
            int start = stuffed && text.charAt(from) == '.' ? from + 1 : from;
            if (!field.isEmpty() && text.charAt(start) != ' ' && text.charAt(start) != '\t') {
                fields.add(new HeaderField(field.toString()));
                field.setLength(0);
            }
            field.append(text, start, end);
            from = end;
        }
        if (!field.isEmpty()) {
            fields.add(new HeaderField(field.toString()));
        }
        return new HeaderBlock(fields);
    }

    /// Octets of the fields, without stuffing.
    public int length() {
        return fields.stream().mapToInt(field -> field.text().length()).sum();
    }

    /// As it crosses the wire.
    public byte[] octets(boolean stuffed) {
        StringBuilder out = new StringBuilder();
        for (HeaderField field : fields) {
            out.append(stuffed && field.text().charAt(0) == '.' ? "." : "").append(field.text());
        }
        return out.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
