package org.mailrelay.net.tls;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.SeenCertificate;
import org.mailrelay.core.tls.NameRules;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.Trust;

/// Judges a chain whatever the policy asks for: for the record of its connection, so that another policy can be held against it later.
/// Any thread; a judgement is remembered for ten minutes, as hosts show the same chain on every connection.
final class ChainAppraiser {

    private static final int MOST = 1_000;
    private static final int NAMES = 24;
    private static final int CHARACTERS = 1_000;

    private final TrustStore trust;
    private final InstantSource clock;
    private final Map<Asked, Judgement<Optional<SeenCertificate>>> judged = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Asked, Judgement<Optional<SeenCertificate>>> eldest) {
            return size() > MOST;
        }
    };

    private record Asked(String digest, Trust authorities, List<String> names) {}

    ChainAppraiser(TrustStore trust, InstantSource clock) {
        this.trust = trust;
        this.clock = clock;
    }

    /// @param digest   of the chain
    /// @param lookedFor names that are kept before others
    /// @return empty where nothing was shown that can be read
    Optional<SeenCertificate> appraise(List<X509Certificate> chain, String digest, Trust authorities, List<String> lookedFor) {
        Instant now = clock.instant();
        Asked asked = new Asked(digest, authorities, lookedFor);
        synchronized (judged) {
            Judgement<Optional<SeenCertificate>> known = judged.get(asked);
            if (known != null && known.holds(now)) {
                return known.result();
            }
        }
        List<X509Certificate> readable = ReadableCertificates.of(chain);
        Optional<SeenCertificate> result = readable.isEmpty() ? Optional.empty() : Optional.of(judge(readable, asked, now));
        synchronized (judged) {
            judged.put(asked, Judgement.of(result, readable, now));
        }
        return result;
    }

    private SeenCertificate judge(List<X509Certificate> chain, Asked asked, Instant now) {
        X509Certificate own = chain.getFirst();
        List<String> all = CertificateNames.of(own, false);
        List<String> kept = new ArrayList<>();
        int characters = 0;
        for (String name : all.stream().filter(ChainAppraiser::readable).sorted((one, other) -> Boolean.compare(matches(other, asked.names()), matches(one, asked.names()))).toList()) {
            characters += name.length();
            if (kept.size() == NAMES || characters > CHARACTERS) {
                break;
            }
            kept.add(name);
        }
        Optional<String> common = all.isEmpty() ? CertificateNames.of(own, true).stream().filter(ChainAppraiser::readable).findFirst() : Optional.empty();
        return new SeenCertificate(asked.digest(), own.getNotAfter().toInstant(), kept, kept.size() < all.stream().filter(ChainAppraiser::readable).count(), common, asked.authorities(), fault(chain, asked.authorities(), now));
    }

    /// What is no domain matches nothing.
    private static boolean readable(String presented) {
        return Domain.parse(presented.startsWith("*.") ? presented.substring(2) : presented).isPresent();
    }

    private static boolean matches(String presented, List<String> names) {
        return names.stream().anyMatch(wanted -> NameRules.matches(presented, wanted));
    }

    private Optional<TlsFault> fault(List<X509Certificate> chain, Trust authorities, Instant now) {
        try {
            return new CertificatePath(chain, trust.anchors(authorities), now).fault();
        } catch (IOException unreadable) {
            return Optional.of(new TlsFault(TlsReason.CERTIFICATE_NOT_TRUSTED, String.valueOf(unreadable.getMessage())));
        }
    }
}
