package org.mailrelay.core.dkim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// Writes a DKIM-Signature field (RFC 6376 §3.5), in two steps: without the signature, then with it.
public final class SignatureField {

    private static final int LINE = 76;

    /// @param at `t=`
    public record Tags(Algorithm algorithm, Domain domain, Domain selector, DkimSettings.Style style, Instant at) {}

    private final String unsigned;
    private final byte[] data;

    private SignatureField(String unsigned, byte[] data) {
        this.unsigned = unsigned;
        this.data = data;
    }

    /// There is no `l=`: whatever is added to a body must break its signature (RFC 6376 §8.2).
    public static SignatureField of(Tags tags, FieldSelection fields, byte[] bodyHash) {
        DkimSettings.Style style = tags.style();
        Optional<Instant> expires = style.expires().map(tags.at()::plus);
        String text = "DKIM-Signature: v=1; a=" + tags.algorithm().word() + "; c=" + style.header().word() + "/" + style.body().word() + ";\r\n\td=" + tags.domain() + "; s="
                + tags.selector() + "; t=" + tags.at().getEpochSecond() + ";" + expires.map(end -> " x=" + end.getEpochSecond() + ";").orElse("")
                + folded(fields.names()) + ";\r\n\tbh=" + base64(bodyHash) + ";\r\n\tb=";
        return new SignatureField(text, data(fields, style.header(), text));
    }

    /// RFC 6376 §3.7: the fields, then this one with an empty `b=` and without CRLF.
    static byte[] data(FieldSelection fields, Form form, String unsigned) {
        return data(fields, form, unsigned.getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] data(FieldSelection fields, Form form, byte[] unsigned) {
        ByteArrayOutputStream data = new ByteArrayOutputStream(fields.octets().length + 1_024);
        data.writeBytes(fields.octets());
        data.writeBytes(form.field(unsigned));
        return data.toByteArray();
    }

    static String folded(List<String> names) {
        StringBuilder out = new StringBuilder("\r\n\th=");
        int column = 10;
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i) + (i + 1 < names.size() ? ":" : "");
            if (column + name.length() > LINE && i > 0) {
                out.append("\r\n\t ");
                column = 9;
            }
            out.append(name);
            column += name.length();
        }
        return out.toString();
    }

    static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }

    /// What the key signs.
    public byte[] data() {
        return data;
    }

    /// The field with its CRLF.
    public String signed(byte[] signature) {
        return unsigned + wrapped(base64(signature)) + "\r\n";
    }

    static String wrapped(String base64) {
        StringBuilder out = new StringBuilder(base64.length() + 32);
        for (int at = 0; at < base64.length(); at += LINE - 8) {
            out.append(at == 0 ? "" : "\r\n\t ").append(base64, at, Math.min(base64.length(), at + LINE - 8));
        }
        return out.toString();
    }
}
