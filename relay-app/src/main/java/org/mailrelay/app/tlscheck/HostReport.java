package org.mailrelay.app.tlscheck;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.delivery.conversation.Transcript.Entry;
import org.mailrelay.net.tls.TlsChannel;

/// What one address of one host showed.
///
/// @param transcript empty where no connection was made
/// @param identity   whether the certificate would verify, whatever the level asks; empty without TLS
record HostReport(CandidateHost host, EhloReading reading, List<Entry> transcript, Optional<CheckResult> identity, Verdict verdict) {

    HostReport {
        transcript = List.copyOf(transcript);
    }

    /// The host's name, or its address where the route names one.
    String name() {
        return host.hostName().map(name -> name.name()).orElse(host.address().getAddress().getHostAddress());
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
