package org.mailrelay.core.dkim;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.dkim.ArcChain.Validity;
import org.mailrelay.core.mail.Domain;

/// Writes the three fields of a set (RFC 8617 §4.1).
public final class ArcFields {

    /// What the message signature is over where it stands; never a seal (RFC 8617 §4.1.2). Nothing is over-signed: hops behind us may add.
    private static final DkimSettings.Style STYLE = new DkimSettings.Style(Form.RELAXED, Form.RELAXED, headers(), Set.of(), Set.of(), Optional.empty());

    /// Who seals, with RSA: those who read seals need not know anything else.
    public record Sealer(Domain domain, Domain selector, int instance, Instant at) {}

    private ArcFields() {
    }

    private static List<String> headers() {
        List<String> names = new ArrayList<>(DkimSettings.Style.HEADERS);
        names.add("DKIM-Signature");
        return names;
    }

    public static DkimSettings.Style style() {
        return STYLE;
    }

    /// ARC-Authentication-Results: what this hop knows itself, in the words of RFC 8601 §2.7. SPF and DKIM are not in it: the relay checks neither.
    public static String results(Domain ourName, int instance, MailSigning.Client client, Validity chain) {
        StringBuilder out = new StringBuilder("ARC-Authentication-Results: i=" + instance + "; " + ourName);
        client.user().ifPresent(user -> out.append(";\r\n\tauth=pass smtp.auth=").append(quoted(user)));
        out.append(";\r\n\tiprev=").append(client.confirmed() ? "pass" : "fail").append(" policy.iprev=").append(quoted(client.address()));
        return out.append(";\r\n\tarc=").append(chain.word()).toString();
    }

    /// RFC 2045 §5.1: a value is a token or a quoted string. What could end a line is left out.
    private static String quoted(String value) {
        StringBuilder out = new StringBuilder("\"");
        value.chars().filter(c -> c >= 0x20 && c < 0x7f).forEach(c -> out.append(c == '"' || c == '\\' ? "\\" : "").append((char) c));
        return out.append('"').toString();
    }

    /// ARC-Message-Signature up to `b=`.
    public static String message(Sealer by, FieldSelection fields, byte[] bodyHash) {
        return "ARC-Message-Signature: i=" + by.instance() + "; a=" + Algorithm.RSA_SHA256.word() + "; c=relaxed/relaxed;\r\n\td=" + by.domain() + "; s=" + by.selector()
                + "; t=" + by.at().getEpochSecond() + ";" + SignatureField.folded(fields.names()) + ";\r\n\tbh=" + SignatureField.base64(bodyHash) + ";\r\n\tb=";
    }

    /// What it is over.
    public static byte[] messageData(FieldSelection fields, String unsigned) {
        return SignatureField.data(fields, Form.RELAXED, unsigned);
    }

    /// ARC-Seal up to `b=`.
    public static String seal(Sealer by, Validity chain) {
        return "ARC-Seal: i=" + by.instance() + "; a=" + Algorithm.RSA_SHA256.word() + "; t=" + by.at().getEpochSecond() + "; cv=" + chain.word() + ";\r\n\td=" + by.domain()
                + "; s=" + by.selector() + ";\r\n\tb=";
    }

    /// What it is over: of a broken chain its own set alone (RFC 8617 §5.1.2).
    public static byte[] sealData(ArcChain chain, String results, String message, String unsignedSeal) {
        List<ArcSet> before = chain instanceof ArcChain.Found(List<ArcSet> sets) ? sets : List.of();
        return ArcChain.sealed(before, octets(results), octets(message), octets(unsignedSeal));
    }

    /// The field without its last CRLF.
    public static String signed(String unsigned, byte[] signature) {
        return unsigned + SignatureField.wrapped(SignatureField.base64(signature));
    }

    private static byte[] octets(String field) {
        return field.getBytes(StandardCharsets.US_ASCII);
    }
}
