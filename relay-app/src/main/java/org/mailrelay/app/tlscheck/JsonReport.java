package org.mailrelay.app.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailrelay.app.json.JsonText;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.net.tls.StapledStatus;
import org.mailrelay.net.tls.TlsChannel;

/// The report for programs: the same facts as one object. Names are only ever added.
final class JsonReport {

    private JsonReport() {
    }

    static JsonText of(DomainReport report) {
        JsonText out = new JsonText().put("domain", report.domain().name()).put("deliverable", report.deliverable()).put("policy", rule(report.rule()))
                .put("route", report.route());
        report.nowhere().ifPresent(words -> out.put("no_host", words));
        return out.putObjects("hosts", report.hosts().stream().map(JsonReport::host).toList()).putTexts("left_out", report.skipped());
    }

    private static JsonText host(HostReport host) {
        JsonText out = new JsonText().put("mx", host.name()).put("address", host.host().address().getAddress().getHostAddress())
                .put("port", host.host().address().getPort()).put("preference", host.host().preference()).putTexts("bound_by", host.boundBy()).putTexts("banner", host.banner());
        host.dnssec().ifPresent(words -> out.put("dnssec", words));
        out.put("mx_dnssec", host.asked().published().mx().words()).put("address_dnssec", host.asked().published().addresses().words()).putTexts("tlsa", host.tlsa()).put("mta_sts", host.mtaSts());
        if (host.asked().published().sts() instanceof StsLookup.InForce(StsPolicy policy, Instant fetched)) {
            out.put("mta_sts_policy", new JsonText().put("domain", policy.domain().name()).put("id", policy.id()).put("mode", policy.mode().name().toLowerCase(Locale.ROOT))
                    .putTexts("mx", policy.mx()).put("max_age", policy.maxAge().toSeconds()).put("fetched", fetched.toString()).put("age", Duration.between(fetched, host.at()).toSeconds()));
        }
        host.certificate().ifPresent(shown -> out.put("chain_sha256", shown.digest()).put("not_after", shown.until().toString())
                .put("path", shown.fault().map(TlsFault::words).orElse("trusted")));
        host.ehlo(false).ifPresent(ehlo -> out.putObjects("ehlo", lines(ehlo)).put("near_miss", ehlo.nearMiss()));
        host.channel().ifPresent(channel -> out.put("tls", tls(channel, host.stapled())).putObjects("certificates", chain(channel)));
        host.identity().ifPresent(result -> out.put("verification", verification(result)));
        host.ehlo(true).ifPresent(ehlo -> out.putObjects("ehlo_in_tls", lines(ehlo)));
        host.trial().ifPresent(words -> out.put("trial", words).put("trial_unmet", host.trialUnmet().isPresent()));
        host.remedy().ifPresent(words -> out.put("remedy", words));
        return out.put("verdict", host.verdict().word()).put("verdict_text", host.verdict().sentence()).putTexts("reasons", reasons(host.verdict())).putTexts("sections", sections(host.verdict()))
                .put("policy", rule(host.verdict().rule()));
    }

    private static List<JsonText> lines(AnnotatedEhlo ehlo) {
        return ehlo.lines().stream().map(line -> new JsonText().put("line", line.text()).put("meaning", line.meaning()).putTexts("findings", line.findings())).toList();
    }

    private static JsonText tls(TlsChannel channel, Optional<StapledStatus> stapled) {
        JsonText out = new JsonText().put("protocol", channel.protocol()).put("cipher", channel.cipher());
        channel.group().ifPresent(group -> out.put("group", group));
        stapled.ifPresent(status -> out.put("stapled_ocsp", status.words()));
        return out;
    }

    private static List<JsonText> chain(TlsChannel channel) {
        return channel.chain().stream().map(CertificateText::of).map(text -> new JsonText().put("subject", text.subject()).putTexts("names", text.names())
                .put("issuer", text.issuer()).put("not_before", text.from()).put("not_after", text.until())).toList();
    }

    private static JsonText verification(CheckResult result) {
        return switch (result) {
            case CheckResult.Passed passed -> new JsonText().put("verifies", true).put("detail", passed.by());
            case CheckResult.Failed failed -> new JsonText().put("verifies", false).put("reason", failed.why().words()).put("detail", failed.detail());
        };
    }

    private static List<String> reasons(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Encrypted _ -> List.of();
            case Verdict.InTheClear clear -> List.of(clear.why().words());
            case Verdict.AgainstPolicy unmet -> unmet.why().stream().map(TlsFault::words).toList();
            case Verdict.HostFails fails -> List.of(fails.words());
        };
    }

    /// Of the RFCs that say so.
    private static List<String> sections(Verdict verdict) {
        return switch (verdict) {
            case Verdict.InTheClear clear -> clear.why().section().stream().toList();
            case Verdict.AgainstPolicy unmet -> unmet.why().stream().flatMap(fault -> fault.why().section().stream()).distinct().toList();
            case Verdict.Encrypted _, Verdict.HostFails _ -> List.of();
        };
    }

    private static JsonText rule(TlsRule rule) {
        return new JsonText().put("level", rule.level().word()).put("position", rule.position()).put("entry", rule.entry());
    }
}
