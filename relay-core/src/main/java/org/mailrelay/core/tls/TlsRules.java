package org.mailrelay.core.tls;

import java.util.List;
import java.util.Optional;
import org.mailrelay.core.tls.TlsRequirement.Encryption;

/// The decisions on an open connection. Where encryption was promised, none of them ever answers with plaintext.
public final class TlsRules {

    private TlsRules() {
    }

    public static AfterEhlo afterEhlo(HostTerms terms, StartTlsOffer offer) {
        return switch (terms.requirement().encryption()) {
            case NEVER -> new AfterEhlo.Plaintext(terms.whyClear());
            case IF_OFFERED -> switch (offer) {
                case OFFERED -> new AfterEhlo.StartTls();
                case NOT_OFFERED -> new AfterEhlo.Plaintext(TlsReason.NOT_OFFERED);
                case NEAR_MISS -> terms.nearMissDefers() ? new AfterEhlo.Abandon(TlsReason.NEAR_MISS) : new AfterEhlo.Plaintext(TlsReason.NEAR_MISS);
                case HELO_ONLY -> new AfterEhlo.Plaintext(TlsReason.HELO_ONLY);
            };
            case ALWAYS -> switch (offer) {
                case OFFERED -> new AfterEhlo.StartTls();
                case NOT_OFFERED -> new AfterEhlo.Abandon(TlsReason.NOT_OFFERED);
                case NEAR_MISS -> new AfterEhlo.Abandon(TlsReason.NEAR_MISS);
                case HELO_ONLY -> new AfterEhlo.Abandon(TlsReason.HELO_ONLY);
            };
        };
    }

    /// RFC 3207 §4: 220 starts the handshake, 454 says not now, 501 not so. 421 and whatever else is out of place end the
    /// connection at every level: plaintext is never chosen on the strength of a broken reply.
    public static AfterStartTlsReply afterStartTlsReply(HostTerms terms, int code) {
        if (code == 220) {
            return new AfterStartTlsReply.Handshake();
        }
        boolean refused = code >= 400 && code < 600 && code != 421;
        if (!refused) {
            return new AfterStartTlsReply.Abandon(TlsReason.UNEXPECTED_RESPONSE);
        }
        TlsReason why = code < 500 ? TlsReason.REFUSED_TEMPORARILY : TlsReason.REFUSED_PERMANENTLY;
        return terms.requirement().encryption() == Encryption.ALWAYS ? new AfterStartTlsReply.Abandon(why) : new AfterStartTlsReply.Plaintext(why);
    }

    public static AfterHandshake afterHandshake(HostTerms terms, HandshakeResult result) {
        return switch (result) {
            case HandshakeResult.Failed(String detail, boolean ofCertificate) -> {
                TlsFault why = new TlsFault(TlsReason.HANDSHAKE_FAILED, detail);
                Optional<LadderStep> next = ofCertificate ? Optional.empty() : terms.step().below(terms.plaintextLater());
                yield next.<AfterHandshake>map(step -> new AfterHandshake.StepDown(why, step)).orElseGet(() -> new AfterHandshake.Abandon(List.of(why)));
            }
            case HandshakeResult.Completed done -> afterChecks(terms, done);
        };
    }

    private static AfterHandshake afterChecks(HostTerms terms, HandshakeResult.Completed done) {
        if (done.enforced().size() != terms.requirement().enforced().size()) {
            throw new IllegalArgumentException("%d of %d enforced checks were made".formatted(done.enforced().size(), terms.requirement().enforced().size()));
        }
        List<TlsFault> broken = failures(done.enforced()).stream().map(failed -> new TlsFault(failed.why(), failed.detail())).toList();
        if (!broken.isEmpty()) {
            return new AfterHandshake.Abandon(broken);
        }
        List<CheckResult.Failed> noted = failures(done.observed());
        boolean checked = !done.enforced().isEmpty() || !done.observed().isEmpty();
        return new AfterHandshake.Proceed(checked && noted.isEmpty(), noted);
    }

    /// Once the host has listed its extensions inside TLS: a message with REQUIRETLS goes to no host that does not promise to pass
    /// the demand on (RFC 8689 §4.2.1).
    public static AfterTlsEhlo afterTlsEhlo(HostTerms terms, boolean requireTlsOffered) {
        return terms.bounds().requireTls() && !requireTlsOffered ? new AfterTlsEhlo.Abandon(new TlsFault(TlsReason.REQUIRETLS_NOT_OFFERED)) : new AfterTlsEhlo.Proceed();
    }

    /// What the trial level would have made of a connection that the policy let through; nothing where it would have let it through too.
    ///
    /// @param clear   why mail crossed in the clear, or nothing where TLS is on
    /// @param results of the observed and the enforced checks
    public static List<TlsFault> trial(HostTerms.Trial trial, Optional<TlsReason> clear, List<CheckResult> results) {
        if (clear.isPresent()) {
            return trial.rule().level().required() ? List.of(new TlsFault(clear.get())) : List.of();
        }
        return failures(results).stream().filter(failed -> trial.checks().contains(failed.check())).map(failed -> new TlsFault(failed.why(), failed.detail())).toList();
    }

    private static List<CheckResult.Failed> failures(List<CheckResult> results) {
        return results.stream().filter(CheckResult.Failed.class::isInstance).map(CheckResult.Failed.class::cast).toList();
    }
}
