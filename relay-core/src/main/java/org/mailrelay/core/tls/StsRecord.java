package org.mailrelay.core.tls;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mailrelay.core.smtp.Ascii;

/// What the TXT records at `_mta-sts.DOMAIN` say (RFC 8461 §3.1).
public sealed interface StsRecord {

    /// @param id changes when the policy does: 1 to 32 letters and digits
    record Published(String id) implements StsRecord {}

    /// No policy is published; a cached one holds on (RFC 8461 §3.3).
    ///
    /// @param why in words, such as `no record`
    record NotPublished(String why) implements StsRecord {}

    /// Records that do not begin with `v=STSv1;` are left out; unless exactly one remains there is no policy.
    ///
    /// @param texts the strings of each record joined
    static StsRecord read(List<String> texts) {
        List<String> ours = texts.stream().filter(text -> text.startsWith("v=STSv1;")).toList();
        if (ours.size() != 1) {
            return new NotPublished(ours.isEmpty() ? "no record" : ours.size() + " records");
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (String part : ours.getFirst().split(";", 100)) {
            String field = Ascii.stripped(part, " \t");
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.putIfAbsent(field.substring(0, equals), field.substring(equals + 1));
            } else if (!field.isEmpty()) {
                return new NotPublished("a field without a value");
            }
        }
        String id = fields.getOrDefault("id", "");
        return isId(id) ? new Published(id) : new NotPublished("no id of 1 to 32 letters and digits");
    }

    private static boolean isId(String text) {
        return !text.isEmpty() && text.length() <= 32 && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z');
    }
}
