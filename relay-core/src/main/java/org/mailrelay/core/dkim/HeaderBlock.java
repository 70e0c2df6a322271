package org.mailrelay.core.dkim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A message's header, field by field.
///
/// @param wellFormed false where it begins with a continuation line, which would become a part of whatever is put on top
public record HeaderBlock(List<HeaderField> fields, boolean wellFormed) {

    public HeaderBlock {
        fields = List.copyOf(fields);
    }

    /// @param octets lines that end in CRLF; the last may lack it
    static HeaderBlock parse(byte[] octets) {
        List<HeaderField> fields = new ArrayList<>();
        boolean wellFormed = octets.length == 0 || !Form.isBlank(octets[0]);
        int start = 0;
        int line = 0;
        while (line < octets.length) {
            int end = lineEnd(octets, line);
            int next = Math.min(octets.length, end + 2);
            if (next >= octets.length || !Form.isBlank(octets[next])) {
                fields.add(HeaderField.of(Arrays.copyOfRange(octets, start, end)));
                start = next;
            }
            line = next;
        }
        return new HeaderBlock(fields, wellFormed);
    }

    /// Where the CRLF of a line stands; the end where there is none.
    private static int lineEnd(byte[] octets, int from) {
        for (int i = from; i + 1 < octets.length; i++) {
            if (octets[i] == '\r' && octets[i + 1] == '\n') {
                return i;
            }
        }
        return octets.length;
    }

    /// The fields of a name, in their order.
    List<HeaderField> named(String name) {
        return fields.stream().filter(field -> field.isNamed(name)).toList();
    }
}
