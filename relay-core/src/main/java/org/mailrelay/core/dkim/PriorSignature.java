package org.mailrelay.core.dkim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// A field with a signature that somebody made before us: DKIM-Signature, or one of ARC.
///
/// @param tags     its tags
/// @param unsigned the field without the value of `b=` (RFC 6376 §3.7)
public record PriorSignature(TagList tags, byte[] unsigned) {

    /// Empty where the field is no list of tags.
    static Optional<PriorSignature> parse(HeaderField field) {
        return TagList.parse(field.value()).map(tags -> new PriorSignature(tags, withoutSignature(field.octets())));
    }

    private static byte[] withoutSignature(byte[] field) {
        int at = 0;
        while (at < field.length && field[at] != ':') {
            at++;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(field.length);
        out.write(field, 0, Math.min(at + 1, field.length));
        at++;
        while (at < field.length) {
            int end = at;
            int equals = -1;
            for (; end < field.length && field[end] != ';'; end++) {
                equals = equals < 0 && field[end] == '=' ? end : equals;
            }
            boolean signature = equals > 0 && new String(field, at, equals - at, StandardCharsets.ISO_8859_1).strip().equals("b");
            out.write(field, at, (signature ? equals + 1 : end) - at);
            if (end < field.length) {
                out.write(';');
            }
            at = end + 1;
        }
        return out.toByteArray();
    }

    Optional<Algorithm> algorithm() {
        return tags.get("a").flatMap(word -> List.of(Algorithm.values()).stream().filter(algorithm -> algorithm.word().equals(word)).findFirst());
    }

    Optional<Domain> domain() {
        return tags.get("d").flatMap(Domain::parse);
    }

    /// Where its key stands.
    Optional<Domain> keyName() {
        Optional<String> selector = tags.get("s");
        return domain().flatMap(domain -> selector.flatMap(name -> Domain.parse(name + "._domainkey." + domain)));
    }

    Optional<byte[]> octets(String tag) {
        return tags.dense(tag).flatMap(text -> {
            try {
                return Optional.of(Base64.getDecoder().decode(text));
            } catch (IllegalArgumentException noBase64) {
                return Optional.empty();
            }
        });
    }

    /// RFC 6376 §3.5: `c=header/body`; simple where either is missing.
    Optional<Form[]> forms() {
        String[] words = tags.get("c").orElse("simple").split("/", -1);
        Optional<Form> header = form(words[0]);
        Optional<Form> body = words.length == 1 ? Optional.of(Form.SIMPLE) : form(words[1]);
        return words.length > 2 || header.isEmpty() || body.isEmpty() ? Optional.empty() : Optional.of(new Form[] {header.get(), body.get()});
    }

    private static Optional<Form> form(String word) {
        return List.of(Form.values()).stream().filter(form -> form.word().equals(word)).findFirst();
    }
}
