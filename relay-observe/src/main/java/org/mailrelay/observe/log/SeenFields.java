package org.mailrelay.observe.log;

import java.util.Map;
import java.util.stream.Collectors;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenHandshake;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsaLookup;

/// What was known of a host and what it showed, under names: for JSON lines, and in words for mail_logs.
public final class SeenFields {

    private SeenFields() {
    }

    public static void put(Map<String, Object> fields, Circumstances then) {
        fields.put("mx_dnssec", then.published().mx().words());
        fields.put("address_dnssec", then.published().addresses().words());
        fields.put("tlsa", switch (then.published().tlsa()) {
            case TlsaLookup.None _ -> "none";
            case TlsaLookup.Failed(String detail) -> "failed: " + detail;
            case TlsaLookup.AllUnusable(var base) -> "unusable records of " + base;
            case TlsaLookup.Usable(var records, var base, _) -> records.size() + " usable of " + base;
        });
        fields.put("mta_sts", switch (then.published().sts()) {
            case StsLookup.NotAsked _ -> "not asked";
            case StsLookup.NoPolicy _ -> "none";
            case StsLookup.InForce(StsPolicy policy, _) -> policy.mode().name().toLowerCase(java.util.Locale.ROOT) + " id " + policy.id() + " of " + policy.domain();
            case StsLookup.FetchFailed(String detail, _) -> "fetch failed: " + detail;
            case StsLookup.Broken(_, _, String problem) -> "broken: " + problem;
        });
    }

    public static void put(Map<String, Object> fields, SeenPeer seen) {
        seen.hello().ifPresent(hello -> {
            fields.put("starttls", word(hello.strict()));
            fields.put("extensions", hello.extensions().stream().map(Keyword::word).toList());
        });
        if (seen.startTlsReply() != 0) {
            fields.put("starttls_reply", seen.startTlsReply());
        }
        seen.handshake().ifPresent(shaken -> {
            switch (shaken) {
                case SeenHandshake.Failed(String detail, _) -> fields.put("handshake_failed", detail);
                case SeenHandshake.Completed done -> put(fields, done);
            }
        });
        seen.inTls().ifPresent(offered -> fields.put("extensions_in_tls", offered.stream().map(Keyword::word).toList()));
    }

    private static void put(Map<String, Object> fields, SeenHandshake.Completed done) {
        fields.put("protocol", done.protocol());
        fields.put("cipher", done.cipher());
        done.group().ifPresent(group -> fields.put("group", group));
        done.certificate().ifPresent(certificate -> {
            fields.put("chain_sha256", certificate.digest());
            fields.put("not_after", certificate.until());
            fields.put("names", certificate.names());
            fields.put("path", certificate.fault().map(TlsFault::words).orElse("trusted"));
        });
        done.dane().ifPresent(match -> fields.put("dane", match.fault().map(why -> new TlsFault(why, match.words()).words()).orElse(match.words())));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    /// `mx_dnssec secure, address_dnssec insecure, starttls offered`
    static String words(Map<String, Object> fields) {
        return fields.entrySet().stream().map(field -> field.getKey() + " " + field.getValue()).collect(Collectors.joining(", "));
    }
}
