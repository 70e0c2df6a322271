package org.mailrelay.app.tlscheck;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.HostPlan;
import org.mailrelay.core.tls.TlsBasis;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.delivery.conversation.Transcript.Entry;
import org.mailrelay.net.tls.StapledStatus;
import org.mailrelay.net.tls.TlsChannel;

/// What one address of one host showed.
///
/// @param terms      on which it would be used, or why it would not
/// @param transcript empty where no connection was made
/// @param identity   whether the certificate would verify, whatever the level asks; empty without TLS
/// @param stapled    what the OCSP response that came along says; empty without TLS
record HostReport(CandidateHost host, HostPlan terms, EhloReading reading, List<Entry> transcript, Optional<CheckResult> identity, Optional<StapledStatus> stapled, Verdict verdict) {

    HostReport {
        transcript = List.copyOf(transcript);
    }

    /// The host's name, or its address where the route names one.
    String name() {
        return host.hostName().map(name -> name.name()).orElse(host.address().getAddress().getHostAddress());
    }

    /// `MX secure, addresses insecure`; empty where no DNS led here.
    Optional<String> dnssec() {
        return host.origin().map(origin -> origin.mx().map(mx -> "MX " + mx.state().words() + ", ").orElse("") + "addresses " + origin.addresses().state().words());
    }

    /// All that binds the host, in words, and what was noted without binding it.
    List<String> boundBy() {
        return switch (terms) {
            case HostPlan.Try(var tls) -> Stream.concat(tls.bounds().because().stream().map(TlsBasis::words), tls.bounds().noted().stream().map(TlsReason::words)).toList();
            case HostPlan.Skip(var why, _, String detail) -> List.of(why.words() + (detail.isEmpty() ? "" : ": " + detail));
        };
    }

    List<String> banner() {
        return transcript.stream().filter(Entry.Heard.class::isInstance).map(Entry.Heard.class::cast).filter(heard -> heard.stage() == Stage.GREETING)
                .findFirst().map(heard -> shown(heard.reply())).orElse(List.of());
    }

    /// The reply to EHLO in the clear, or inside TLS.
    Optional<AnnotatedEhlo> ehlo(boolean encrypted) {
        return transcript.stream().filter(Entry.Heard.class::isInstance).map(Entry.Heard.class::cast)
                .filter(heard -> heard.stage() == Stage.EHLO && heard.encrypted() == encrypted)
                .findFirst().map(heard -> AnnotatedEhlo.of(heard.reply(), reading));
    }

    Optional<TlsChannel> channel() {
        return transcript.stream().filter(Entry.Encrypted.class::isInstance).map(Entry.Encrypted.class::cast).findFirst().map(Entry.Encrypted::channel);
    }

    private static List<String> shown(Reply reply) {
        return IntStream.range(0, reply.lines().size()).mapToObj(i -> Transcript.shown(reply, i)).toList();
    }
}
