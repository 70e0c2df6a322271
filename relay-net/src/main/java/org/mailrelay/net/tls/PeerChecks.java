package org.mailrelay.net.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
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

    private static final int MOST = 1_000;

    private final TrustStore trust = new TrustStore();
    private final InstantSource clock;
    private final ChainAppraiser appraiser;
    private final Map<Asked, Judgement<CheckResult>> judged = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Asked, Judgement<CheckResult>> eldest) {
            return size() > MOST;
        }
    };
    private long built;
    /// Counts their changes: what was judged under those of before is not remembered.
    private long authorities;

    private record Asked(TlsCheck check, String chainDigest, String stapleDigest) {}

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
            if (trust.refresh(authorities)) {
                forgetJudgements();
            }
            trust.anchors(authorities);
        } catch (IOException unreadable) {
            // The check meets the same file, and its result is the place to tell.
        }
    }

    /// Makes every check of the requirement, in its order.
    public HandshakeResult.Completed check(TlsRequirement requirement, TlsChannel channel) {
        return new HandshakeResult.Completed(results(requirement.enforced(), channel.chain(), channel.staple()), results(requirement.observed(), channel.chain(), channel.staple()));
    }

    /// The same where nothing was stapled.
    public HandshakeResult.Completed check(TlsRequirement requirement, List<X509Certificate> chain) {
        return new HandshakeResult.Completed(results(requirement.enforced(), chain, TlsChannel.Staple.NONE), results(requirement.observed(), chain, TlsChannel.Staple.NONE));
    }

    private List<CheckResult> results(List<TlsCheck> checks, List<X509Certificate> chain, TlsChannel.Staple staple) {
        return checks.stream().map(check -> remembered(check, chain, staple)).toList();
    }

    /// What a channel's stapled response says, for reading.
    public StapledStatus stapled(TlsChannel channel, Trust authorities) {
        try {
            return StapledResponse.status(channel.staple().octets(), ReadableCertificates.of(channel.chain()), trust.anchors(authorities), clock.instant());
        } catch (IOException unreadable) {
            return new StapledStatus.Unusable(String.valueOf(unreadable.getMessage()));
        }
    }

    /// Forgets what was read and judged: files of authorities are read anew.
    public void reload() {
        trust.forget();
        forgetJudgements();
    }

    private synchronized void forgetJudgements() {
        authorities++;
        judged.clear();
    }

    /// How many judgements were not from memory.
    synchronized long built() {
        return built;
    }

    /// Judged without the monitor: a chain made to be slow holds up its own event loop and no other.
    private CheckResult remembered(TlsCheck check, List<X509Certificate> chain, TlsChannel.Staple staple) {
        Instant now = clock.instant();
        Asked asked = new Asked(check, digest(chain), staple.octets().length == 0 ? "" : digest(staple));
        long under;
        synchronized (this) {
            Judgement<CheckResult> known = judged.get(asked);
            if (known != null && known.holds(now)) {
                return known.result();
            }
            built++;
            under = authorities;
        }
        List<X509Certificate> readable = ReadableCertificates.of(chain);
        CheckResult result = judge(check, chain, readable, staple);
        synchronized (this) {
            if (under == authorities) {
                judged.put(asked, Judgement.of(result, readable, now));
            }
        }
        return result;
    }

    private static String digest(TlsChannel.Staple staple) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(staple.octets()));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a JDK without SHA-256", impossible);
        }
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

    private CheckResult judge(TlsCheck check, List<X509Certificate> shown, List<X509Certificate> chain, TlsChannel.Staple staple) {
        return switch (check) {
            case TlsCheck.Pkix(var names, var authorities, boolean commonName) -> pkix(check, new Shown(chain, staple), names, authorities, commonName, "PKIX name ");
            case TlsCheck.MtaSts(_, _, var host, var authorities) -> pkix(check, new Shown(chain, staple), List.of(host.name()), authorities, false, "MTA-STS name ");
            case TlsCheck.Dane dane -> DaneVerifier.verify(dane, shown, clock.instant());
        };
    }

    private record Shown(List<X509Certificate> chain, TlsChannel.Staple staple) {}

    private CheckResult pkix(TlsCheck check, Shown shown, List<String> names, Trust authorities, boolean commonName, String proof) {
        List<X509Certificate> chain = shown.chain();
        try {
            Optional<TlsFault> fault = new CertificatePath(chain, trust.anchors(authorities), clock.instant()).fault();
            if (fault.isPresent()) {
                return new CheckResult.Failed(check, fault.get().why(), fault.get().detail());
            }
            StapledStatus stapled = StapledResponse.status(shown.staple().octets(), chain, trust.anchors(authorities), clock.instant());
            if (stapled instanceof StapledStatus.Revoked) {
                return new CheckResult.Failed(check, TlsReason.CERTIFICATE_REVOKED, "OCSP: " + stapled.words());
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
