package org.mailrelay.app.tlscheck;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.smtp.Escape;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.net.tls.StapledStatus;
import org.mailrelay.net.tls.TlsChannel;

/// The report for people.
final class TextReport {

    private final PrintWriter out;

    TextReport(PrintWriter out) {
        this.out = out;
    }

    void print(DomainReport report) {
        row("domain", report.domain().name());
        row("policy", report.rule().toString());
        row("route", report.route());
        report.skipped().forEach(words -> row("left out", words));
        report.nowhere().ifPresent(words -> row("no host", words));
        report.hosts().forEach(this::host);
        out.println();
        out.println(report.domain() + ": " + (report.deliverable() ? "deliverable under the policy" : "NOT deliverable under the policy"));
        out.flush();
    }

    private void host(HostReport host) {
        out.println();
        out.println(host.name() + " [" + host.host().address().getAddress().getHostAddress() + "]:" + host.host().address().getPort() + " preference " + host.host().preference());
        host.dnssec().ifPresent(words -> inner("DNSSEC", words));
        lines("TLSA", host.tlsa().stream().map(words -> Escape.text(words, Escape.LOG_LIMIT)).toList());
        inner("MTA-STS", Escape.text(host.mtaSts(), Escape.LOG_LIMIT));
        lines("bound by", host.boundBy().stream().map(words -> Escape.text(words, Escape.LOG_LIMIT)).toList());
        lines("banner", host.banner());
        host.ehlo(false).ifPresent(ehlo -> ehlo("EHLO", ehlo));
        host.channel().ifPresent(channel -> tls(channel, host.identity(), host.stapled()));
        host.ehlo(true).ifPresent(ehlo -> ehlo("EHLO in TLS", ehlo));
        for (Transcript.Entry entry : host.transcript()) {
            if (entry instanceof Transcript.Entry.Broke(_, var stage, var what)) {
                inner("broken reply", what.error().words() + " while " + stage.words() + ": \"" + what.detail() + "\"");
            }
        }
        host.trial().ifPresent(words -> inner("trial", words));
        host.remedy().ifPresent(words -> inner("what helps", words));
        inner("verdict", Escape.text(host.verdict().sentence(), 2 * Escape.LOG_LIMIT));
    }

    private void ehlo(String title, AnnotatedEhlo ehlo) {
        String label = title;
        for (AnnotatedEhlo.Line line : ehlo.lines()) {
            inner(label, "%-40s %s".formatted(line.text(), line.meaning()));
            line.findings().forEach(sentence -> inner("", "  ! " + sentence));
            label = "";
        }
        if (ehlo.nearMiss()) {
            inner("", "  ! STARTTLS stands in this reply, yet it is not offered");
        }
    }

    private void tls(TlsChannel channel, Optional<CheckResult> identity, Optional<StapledStatus> stapled) {
        inner("TLS", channel.protocol() + " " + channel.cipher() + channel.group().map(group -> " group " + group).orElse(""));
        String label = "certificate";
        for (CertificateText certificate : channel.chain().stream().map(CertificateText::of).toList()) {
            inner(label, certificate.subject() + (certificate.names().isEmpty() ? "" : " for " + String.join(", ", certificate.names())));
            inner("", "  issued by " + certificate.issuer() + ", valid from " + certificate.from() + " until " + certificate.until());
            label = "";
        }
        stapled.ifPresent(status -> inner("stapled OCSP", status.words()));
        identity.ifPresent(result -> inner("verification", switch (result) {
            case CheckResult.Passed passed -> "would verify: " + passed.by();
            case CheckResult.Failed failed -> "would not verify: " + failed.why().words() + " (" + Escape.text(failed.detail(), Escape.LOG_LIMIT) + ")";
        }));
    }

    private void lines(String title, List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            inner(i == 0 ? title : "", lines.get(i));
        }
    }

    private void row(String title, String text) {
        out.printf("%-14s %s%n", title, text);
    }

    private void inner(String title, String text) {
        out.printf("  %-12s %s%n", title, text);
    }
}
