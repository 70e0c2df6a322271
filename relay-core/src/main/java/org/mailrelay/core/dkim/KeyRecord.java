package org.mailrelay.core.dkim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mailrelay.core.smtp.Escape;

/// A key as it stands in DNS (RFC 6376 §3.6.1).
///
/// @param keyType   `k=`, `rsa` where it is missing
/// @param publicKey `p=`; empty: revoked
/// @param hashes    `h=`; empty: any
/// @param services  `s=`; `*` where it is missing
/// @param flags     `t=`: `y` for a domain that tests, `s` where subdomains may not be signed for
public record KeyRecord(String keyType, byte[] publicKey, Set<String> hashes, Set<String> services, Set<String> flags) {

    private static final int STRING = 255;

    public KeyRecord {
        hashes = Set.copyOf(hashes);
        services = Set.copyOf(services);
        flags = Set.copyOf(flags);
    }

    public static KeyRecord of(Algorithm algorithm, byte[] publicKey, Set<String> services) {
        return new KeyRecord(algorithm.keyType(), publicKey, Set.of(), services, Set.of());
    }

    /// Empty where the text is no key record.
    public static Optional<KeyRecord> parse(String text) {
        Optional<TagList> parsed = TagList.parse(text);
        if (parsed.isEmpty()) {
            return Optional.empty();
        }
        TagList tags = parsed.get();
        boolean version = tags.get("v").map(v -> v.equals("DKIM1") && tags.tags().keySet().iterator().next().equals("v")).orElse(true);
        Optional<String> key = tags.dense("p");
        if (!version || key.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new KeyRecord(tags.get("k").orElse("rsa"), Base64.getDecoder().decode(key.get()), Set.copyOf(new TreeSet<>(tags.list("h"))),
                    tags.get("s").isEmpty() ? Set.of("*") : Set.copyOf(new TreeSet<>(tags.list("s"))), Set.copyOf(new TreeSet<>(tags.list("t")))));
        } catch (IllegalArgumentException noBase64) {
            return Optional.empty();
        }
    }

    /// As it is published, in one piece.
    public String text() {
        return "v=DKIM1; k=" + keyType + (services.contains("*") ? "" : "; s=" + String.join(":", new TreeSet<>(services))) + "; p=" + Base64.getEncoder().encodeToString(publicKey);
    }

    /// As a zone file has it: strings of at most 255 octets (RFC 1035 §3.3).
    public String zoneLine(String name) {
        String text = text();
        StringBuilder out = new StringBuilder(name + ". IN TXT (");
        for (int at = 0; at < text.length(); at += STRING) {
            out.append(" \"").append(text, at, Math.min(text.length(), at + STRING)).append('"');
        }
        return out.append(" )").toString();
    }

    /// What keeps a receiver from verifying with `published` what this key signed; empty where nothing does.
    public List<String> faults(List<String> published) {
        if (published.isEmpty()) {
            return List.of("there is no TXT record");
        }
        List<KeyRecord> records = published.stream().flatMap(text -> parse(text).stream()).toList();
        if (records.isEmpty()) {
            return List.of("no TXT record is a DKIM key record");
        }
        if (published.size() > 1) {
            return List.of("there are " + published.size() + " TXT records; receivers may take any of them (RFC 6376 §3.6.2.2)");
        }
        return records.getFirst().against(this);
    }

    private List<String> against(KeyRecord ours) {
        if (publicKey.length == 0) {
            return List.of("the key is revoked (p= is empty)");
        }
        List<String> faults = new ArrayList<>();
        if (!keyType.equals(ours.keyType)) {
            faults.add("k=" + shown(keyType) + " is published, the key is " + ours.keyType);
        } else if (!Arrays.equals(publicKey, ours.publicKey)) {
            faults.add("another key is published");
        }
        if (!hashes.isEmpty() && !hashes.contains("sha256")) {
            faults.add("h=" + shown(String.join(":", hashes)) + " does not allow sha256");
        }
        for (String service : ours.services) {
            if (!services.contains("*") && !services.contains(service)) {
                faults.add("s=" + shown(String.join(":", services)) + " does not allow " + (service.equals("*") ? "all services" : service));
            }
        }
        if (flags.contains("y")) {
            faults.add("t=y: receivers treat the mail as unsigned while the domain tests");
        }
        return List.copyOf(faults);
    }

    private static String shown(String remote) {
        return Escape.octets(remote, 128);
    }
}
