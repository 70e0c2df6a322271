package org.mailrelay.core.tls;

import java.util.List;
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
            case HandshakeResult.Failed _ -> terms.plaintextLater()
                    ? new AfterHandshake.PlaintextLater(TlsReason.HANDSHAKE_FAILED)
                    : new AfterHandshake.Abandon(List.of(TlsReason.HANDSHAKE_FAILED));
            case HandshakeResult.Completed done -> afterChecks(terms, done);
        };
    }

    private static AfterHandshake afterChecks(HostTerms terms, HandshakeResult.Completed done) {
        if (done.enforced().size() != terms.requirement().enforced().size()) {
            throw new IllegalArgumentException("%d of %d enforced checks were made".formatted(done.enforced().size(), terms.requirement().enforced().size()));
        }
        List<TlsReason> broken = failures(done.enforced()).stream().map(CheckResult.Failed::why).toList();
        if (!broken.isEmpty()) {
            return new AfterHandshake.Abandon(broken);
        }
        List<CheckResult.Failed> noted = failures(done.observed());
        boolean checked = !done.enforced().isEmpty() || !done.observed().isEmpty();
        return new AfterHandshake.Proceed(checked && noted.isEmpty(), List.copyOf(noted));
    }

    private static List<CheckResult.Failed> failures(List<CheckResult> results) {
        return results.stream().filter(CheckResult.Failed.class::isInstance).map(CheckResult.Failed.class::cast).toList();
    }
}
