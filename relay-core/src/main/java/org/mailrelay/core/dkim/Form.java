package org.mailrelay.core.dkim;

import java.io.ByteArrayOutputStream;

/// A way to bring a header or a body to the form that is hashed (RFC 6376 §3.4).
public enum Form {
    SIMPLE("simple"),
    RELAXED("relaxed");

    private final String word;

    Form(String word) {
        this.word = word;
    }

    /// As `c=` spells it.
    public String word() {
        return word;
    }

    /// A header field in this form.
    ///
    /// @param field as it stands in the message, without its last CRLF
    /// @return without a CRLF at the end
    public byte[] field(byte[] field) {
        return switch (this) {
            case SIMPLE -> field;   // RFC 6376 §3.4.1: not changed in any way
            case RELAXED -> relaxed(field);
        };
    }

    /// RFC 6376 §3.4.2: the name in lower case, unfolded, each run of blanks one space, none around the colon or at the end.
    private static byte[] relaxed(byte[] field) {
        int colon = 0;
        while (colon < field.length && field[colon] != ':') {
            colon++;
        }
        int nameEnd = colon;
        while (nameEnd > 0 && isBlank(field[nameEnd - 1])) {
            nameEnd--;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(field.length);
        for (int i = 0; i < nameEnd; i++) {
            out.write(field[i] >= 'A' && field[i] <= 'Z' ? field[i] + 32 : field[i]);
        }
        out.write(':');
        boolean blank = false;
        boolean any = false;
        for (int i = colon + 1; i < field.length; i++) {
            byte octet = field[i];
            if (octet == '\r' && i + 1 < field.length && field[i + 1] == '\n') {
                i++;
            } else if (isBlank(octet)) {
                blank = true;
            } else {
                if (blank && any) {
                    out.write(' ');
                }
                blank = false;
                any = true;
                out.write(octet);
            }
        }
        return out.toByteArray();
    }

    static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }
}
