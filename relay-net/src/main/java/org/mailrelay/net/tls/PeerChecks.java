package org.mailrelay.net.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailrelay.core.replay.SeenCertificate;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.HandshakeResult;
import org.mailrelay.core.tls.TlsCheck;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.Trust;

/// Judges the chain that a finished handshake has shown. Any thread.
///
/// A judgement holds for ten minutes for the same chain and the same check: building a path costs milliseconds, and hosts show
/// the same chain on every connection.
public final class PeerChecks {

    private static final Duration LIFE = Duration.ofMinutes(10);
    private static final int MOST = 1_000;

    private final TrustStore trust = new TrustStore();
    private final InstantSource clock;
    private final ChainAppraiser appraiser;
    private final Map<Asked, Judged> judged = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Asked, Judged> eldest) {
            return size() > MOST;
        }
    };
    private long built;

    private record Asked(TlsCheck check, String chainDigest) {}

    private record Judged(CheckResult result, Instant until) {}

    public PeerChecks(InstantSource clock) {
        this.clock = clock;
        this.appraiser = new ChainAppraiser(trust, clock);
    }

    /// Reads the authorities that the checks will ask for, so that no event loop has to. Blocks. What cannot be read here fails
    /// in the check, which says so.
    public void prepare(TlsRequirement requirement) {
        Stream.concat(requirement.enforced().stream(), requirement.observed().stream()).forEach(check -> {
            switch (check) {
                case TlsCheck.Pkix pkix -> read(pkix.trust());
                case TlsCheck.MtaSts sts -> read(sts.trust());
                case TlsCheck.Dane _ -> { }
            }
        });
    }

    /// The same for [#appraise].
    public void prepare(Trust authorities) {
        read(authorities);
    }

    /// What there is to know of a chain, whatever the policy asks for.
    ///
    /// @param lookedFor names that are kept before others where the certificate has many
    /// @return empty where nothing was shown that can be read
    public Optional<SeenCertificate> appraise(List<X509Certificate> chain, Trust authorities, List<String> lookedFor) {
        return chain.isEmpty() ? Optional.empty() : appraiser.appraise(chain, digest(chain), authorities, lookedFor);
    }

    private void read(Trust authorities) {
        try {
            trust.anchors(authorities);
        } catch (IOException unreadable) {
            // The check meets the same file, and its result is the place to tell.
        }
    }

    /// Makes every check of the requirement, in its order.
    public HandshakeResult.Completed check(TlsRequirement requirement, List<X509Certificate> chain) {
        return new HandshakeResult.Completed(results(requirement.enforced(), chain), results(requirement.observed(), chain));
    }

    private List<CheckResult> results(List<TlsCheck> checks, List<X509Certificate> chain) {
        return checks.stream().map(check -> remembered(check, chain)).toList();
    }

    /// How many judgements were not from memory.
    synchronized long built() {
        return built;
    }

    private synchronized CheckResult remembered(TlsCheck check, List<X509Certificate> chain) {
        Instant now = clock.instant();
        Asked asked = new Asked(check, digest(chain));
        Judged known = judged.get(asked);
        if (known != null && now.isBefore(known.until())) {
            return known.result();
        }
        built++;
        List<X509Certificate> readable = ReadableCertificates.of(chain);
        CheckResult result = judge(check, chain, readable);
        judged.put(asked, new Judged(result, until(now, LIFE, readable)));
        return result;
    }

    /// No judgement outlives the moment in which a certificate of the chain begins or ends.
    static Instant until(Instant now, Duration life, List<X509Certificate> chain) {
        return chain.stream().flatMap(c -> Stream.of(c.getNotBefore().toInstant(), c.getNotAfter().toInstant()))
                .filter(change -> change.isAfter(now)).reduce(now.plus(life), (a, b) -> a.isBefore(b) ? a : b);
    }

    private static String digest(List<X509Certificate> chain) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (X509Certificate certificate : chain) {
                byte[] encoded = certificate.getEncoded();
                sha256.update(ByteBuffer.allocate(4).putInt(encoded.length).flip());
                sha256.update(encoded);
            }
            return HexFormat.of().formatHex(sha256.digest());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a certificate that cannot be encoded", impossible);
        }
    }

    private CheckResult judge(TlsCheck check, List<X509Certificate> shown, List<X509Certificate> chain) {
        return switch (check) {
            case TlsCheck.Pkix(var names, var authorities, boolean commonName) -> pkix(check, chain, names, authorities, commonName, "PKIX name ");
            case TlsCheck.MtaSts(_, _, var host, var authorities) -> pkix(check, chain, List.of(host.name()), authorities, false, "MTA-STS name ");
            case TlsCheck.Dane dane -> DaneVerifier.verify(dane, shown, clock.instant());
        };
    }

    private CheckResult pkix(TlsCheck check, List<X509Certificate> chain, List<String> names, Trust authorities, boolean commonName, String proof) {
        try {
            Optional<TlsFault> fault = new CertificatePath(chain, trust.anchors(authorities), clock.instant()).fault();
            if (fault.isPresent()) {
                return new CheckResult.Failed(check, fault.get().why(), fault.get().detail());
            }
        } catch (IOException unreadable) {
            return new CheckResult.Failed(check, TlsReason.CERTIFICATE_NOT_TRUSTED, String.valueOf(unreadable.getMessage()));
        }
        List<String> presented = CertificateNames.of(chain.getFirst(), commonName);
        Optional<String> match = names.stream()
                .filter(wanted -> presented.stream().anyMatch(name -> CertificateNames.matches(name, wanted))).findFirst();
        return match.<CheckResult>map(name -> new CheckResult.Passed(check, proof + name))
                .orElseGet(() -> new CheckResult.Failed(check, TlsReason.HOST_MISMATCH, "none of " + names + " in the certificate"));
    }
}
