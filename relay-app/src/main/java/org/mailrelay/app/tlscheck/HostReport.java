package org.mailrelay.app.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenCertificate;
import org.mailrelay.core.replay.SeenHandshake;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.route.CandidateHost;
import org.mailrelay.core.smtp.EhloReading;
import org.mailrelay.core.smtp.Reply;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.HostPlan;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.TlsBasis;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.delivery.conversation.Note;
import org.mailrelay.delivery.conversation.Stage;
import org.mailrelay.delivery.conversation.Transcript;
import org.mailrelay.delivery.conversation.Transcript.Entry;
import org.mailrelay.net.tls.StapledStatus;
import org.mailrelay.net.tls.TlsChannel;

/// What one address of one host showed.
///
/// @param asked      what DNS, DANE and MTA-STS said
/// @param at         when
/// @param terms      on which it would be used, or why it would not
/// @param transcript empty where no connection was made
/// @param seen       what the host showed, as a record of a delivery would keep it
/// @param identity   whether the certificate would verify, whatever the level asks; empty without TLS
/// @param stapled    what the OCSP response that came along says; empty without TLS
/// @param trialUnmet what the trial level (`tls_trial`) would have stopped
record HostReport(CandidateHost host, Circumstances asked, Instant at, HostPlan terms, EhloReading reading, List<Entry> transcript, SeenPeer seen, Optional<CheckResult> identity,
        Optional<StapledStatus> stapled, Verdict verdict, Optional<Note.TrialUnmet> trialUnmet) {

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

    /// The TLSA records, or why there are none to hold a host against.
    List<String> tlsa() {
        return switch (asked.published().tlsa()) {
            case TlsaLookup.Usable(var records, var base, _) -> records.stream().map(record -> "_" + host.address().getPort() + "._tcp." + base + " " + record + " (secure)").toList();
            case TlsaLookup.AllUnusable(var base) -> List.of("no record of " + base + " can be used (secure)");
            case TlsaLookup.Failed(String detail) -> List.of("lookup failed: " + detail);
            case TlsaLookup.None _ -> List.of(asked.dane() == DaneUse.NONE ? "not asked for (dane: none)" : "none");
        };
    }

    /// The MTA-STS policy and its age, or what became of it.
    String mtaSts() {
        return switch (asked.published().sts()) {
            case StsLookup.NotAsked _ -> "not asked for";
            case StsLookup.NoPolicy _ -> "none";
            case StsLookup.InForce(StsPolicy policy, Instant fetched) -> policy.mode().name().toLowerCase(Locale.ROOT) + " id " + policy.id() + " of " + policy.domain() + ", mx "
                    + String.join(" ", policy.mx()) + ", max_age " + policy.maxAge().toSeconds() + " s, fetched " + Duration.between(fetched, at).toSeconds() + " s ago";
            case StsLookup.FetchFailed(String detail, _) -> "cannot be fetched: " + detail;
            case StsLookup.Broken(int line, String text, String problem) -> "broken" + (line == 0 ? "" : " at line " + line + " \"" + text + "\"") + ": " + problem;
        };
    }

    /// `required-verify from conf/destinations.yaml:3 [example.com] would make it wait: STARTTLS not offered`. Empty where there is no trial, or the policy itself stops the mail.
    Optional<String> trial() {
        if (!(terms instanceof HostPlan.Try(var tls)) || !verdict.deliverable()) {
            return Optional.empty();
        }
        return tls.bounds().trial().map(trial -> trial.rule() + trialUnmet.map(unmet -> " would make it wait: " + unmet.why().stream().map(TlsReason::words).collect(Collectors.joining(", ")))
                .orElse(" would let it go, too"));
    }

    /// What each side can do where STARTTLS stands in the greeting line and is offered nowhere.
    Optional<String> remedy() {
        return ehlo(false).filter(AnnotatedEhlo::startTlsInGreeting).map(_ -> "the host's own name belongs on the first line of its reply to EHLO, STARTTLS on one of its own;"
                + " until its administrator has mended that, 'ehlo: tolerant' in this destination's entry reads the keyword where it is");
    }

    Optional<SeenCertificate> certificate() {
        return seen.handshake().filter(SeenHandshake.Completed.class::isInstance).map(SeenHandshake.Completed.class::cast).flatMap(SeenHandshake.Completed::certificate);
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
