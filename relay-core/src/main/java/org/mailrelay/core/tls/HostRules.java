package org.mailrelay.core.tls;

import java.util.ArrayList;
import java.util.List;
import org.mailrelay.core.tls.TlsRequirement.Encryption;

/// The decision before connecting: settings and memory in, terms out. Levels are only ever raised, never lowered.
public final class HostRules {

    private HostRules() {
    }

    public static HostPlan plan(HostQuestion ask) {
        TlsRule rule = strongest(ask);
        boolean implicit = ask.route().map(HostQuestion.Route::implicitTls).orElse(false);
        boolean auth = ask.route().map(HostQuestion.Route::auth).orElse(false);
        List<TlsCheck> enforced = new ArrayList<>();
        List<TlsCheck> observed = new ArrayList<>();
        if (auth) {
            if (ask.hostName().isEmpty()) {
                return new HostPlan.Skip(TlsReason.NO_NAME_TO_VERIFY, rule);
            }
            enforced.add(new TlsCheck.Pkix(List.of(ask.hostName().get().name()), ask.trust()));
        }
        switch (rule.level()) {
            case NONE, PREFERRED, REQUIRED -> { }
            case PREFERRED_VERIFY -> observed.add(new TlsCheck.Pkix(names(ask, true), ask.trust()));
            case REQUIRED_VERIFY -> addOnce(enforced, new TlsCheck.Pkix(names(ask, true), ask.trust()));
            case REQUIRED_VERIFY_HOSTED -> addOnce(enforced, new TlsCheck.Pkix(names(ask, ask.route().isPresent()), ask.trust()));
        }
        Encryption encryption = implicit || auth ? Encryption.ALWAYS : encryption(rule.level());
        boolean fallBack = encryption == Encryption.IF_OFFERED && ask.plaintextLater();
        if (fallBack && ask.handshakeFailedBefore()) {
            return new HostPlan.Try(new HostTerms(TlsRequirement.of(Encryption.NEVER), rule, false, ask.nearMissDefers(),
                    TlsReason.HANDSHAKE_FAILED_BEFORE, false));
        }
        return new HostPlan.Try(new HostTerms(new TlsRequirement(encryption, enforced, observed), rule, implicit,
                ask.nearMissDefers(), TlsReason.POLICY_NONE, fallBack));
    }

    private static Encryption encryption(TlsLevel level) {
        return switch (level) {
            case NONE -> Encryption.NEVER;
            case PREFERRED, PREFERRED_VERIFY -> Encryption.IF_OFFERED;
            case REQUIRED, REQUIRED_VERIFY, REQUIRED_VERIFY_HOSTED -> Encryption.ALWAYS;
        };
    }

    /// The destination's level, raised by the route's, raised by the mail flow policy's; credentials ask for a verified peer.
    private static TlsRule strongest(HostQuestion ask) {
        TlsRule rule = ask.rule();
        if (ask.route().isPresent()) {
            TlsRule route = ask.route().get().rule();
            TlsLevel level = ask.route().get().auth() ? route.level().raisedTo(TlsLevel.REQUIRED_VERIFY) : route.level();
            level = ask.route().get().implicitTls() ? level.raisedTo(TlsLevel.REQUIRED) : level;
            if (level.compareTo(rule.level()) > 0) {
                rule = new TlsRule(level, route.position(), route.entry());
            }
        }
        if (ask.messageFloor().isPresent() && ask.messageFloor().get().compareTo(rule.level()) > 0) {
            rule = new TlsRule(ask.messageFloor().get(), "delivery_tls of the mail flow policy", ask.rule().entry());
        }
        return rule;
    }

    /// `required-verify-hosted` counts the host's name only where the operator wrote it (a route); an MX answer can be forged.
    private static List<String> names(HostQuestion ask, boolean hostCounts) {
        if (!ask.tlsNames().isEmpty()) {
            return ask.tlsNames();
        }
        List<String> names = new ArrayList<>();
        names.add(ask.recipientDomain().name());
        if (hostCounts && ask.hostName().isPresent() && !ask.hostName().get().equals(ask.recipientDomain())) {
            names.add(ask.hostName().get().name());
        }
        return names;
    }

    private static void addOnce(List<TlsCheck> checks, TlsCheck check) {
        if (!checks.contains(check)) {
            checks.add(check);
        }
    }
}
