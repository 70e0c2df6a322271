package org.mailrelay.core.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;

/// What a domain published about TLS, as a report names it (RFC 8460 §4.4).
///
/// @param strings the policy's lines, or the records; empty where it could not be had
/// @param domain  the policy domain: for DANE the TLSA base domain
/// @param mxHosts patterns of an MTA-STS policy
public record PublishedPolicy(Type type, List<String> strings, Domain domain, List<String> mxHosts) {

    public enum Type {
        TLSA("tlsa"), STS("sts"), NO_POLICY_FOUND("no-policy-found");

        private final String word;

        Type(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        /// Whether a session that failed for this reason failed under a policy of this type.
        public boolean concernedBy(TlsReason reason) {
            return switch (reason) {
                case NOT_OFFERED, NEAR_MISS, HELO_ONLY, REFUSED_TEMPORARILY, REFUSED_PERMANENTLY, UNEXPECTED_RESPONSE, HANDSHAKE_FAILED, HANDSHAKE_FAILED_BEFORE -> true;
                case TLSA_LOOKUP_FAILED, TLSA_UNUSABLE, DANE_REQUIRED, DANE_MISMATCH -> this == TLSA;
                case CERTIFICATE_NOT_TRUSTED, CERTIFICATE_EXPIRED, CERTIFICATE_REVOKED, HOST_MISMATCH, STS_MX_MISMATCH, STS_FETCH_FAILED, STS_HOST_UNTRUSTED, STS_POLICY_BROKEN -> this == STS;
                case POLICY_NONE, OWN_PATH_SUSPECTED, NO_NAME_TO_VERIFY, MX_NOT_AUTHENTICATED, REQUIRETLS_NOT_OFFERED, REQUIRETLS_UNDER_NONE, NO_VERIFICATION_ASKED, ENCRYPTED -> false;
            };
        }
    }

    /// SHA-512, in hexadecimal.
    private static final int LONGEST_DIGEST = 128;

    public PublishedPolicy {
        strings = List.copyOf(strings);
        mxHosts = List.copyOf(mxHosts);
    }

    public static PublishedPolicy none(Domain domain) {
        return new PublishedPolicy(Type.NO_POLICY_FOUND, List.of(), domain, List.of());
    }

    /// Both policies where both apply (RFC 8460 §4.4); empty where there is none.
    ///
    /// @param domain whose mail goes to `host`
    public static List<PublishedPolicy> of(Published published, Domain domain, Optional<Domain> host) {
        List<PublishedPolicy> policies = new ArrayList<>(2);
        switch (published.tlsa()) {
            case TlsaLookup.Usable(var records, Domain base, _) ->
                policies.add(new PublishedPolicy(Type.TLSA, records.stream().map(PublishedPolicy::text).toList(), base, List.of()));
            case TlsaLookup.AllUnusable(Domain base) -> policies.add(new PublishedPolicy(Type.TLSA, List.of(), base, List.of()));
            case TlsaLookup.Failed _ -> policies.add(new PublishedPolicy(Type.TLSA, List.of(), host.orElse(domain), List.of()));
            case TlsaLookup.None _ -> { }
        }
        switch (published.sts()) {
            case StsLookup.InForce(StsPolicy policy, _) when policy.mode() != StsPolicy.Mode.NONE ->
                policies.add(new PublishedPolicy(Type.STS, lines(policy), policy.domain(), policy.mx()));
            case StsLookup.FetchFailed _, StsLookup.Broken _ -> policies.add(new PublishedPolicy(Type.STS, List.of(), domain, List.of()));
            case StsLookup.InForce _, StsLookup.NoPolicy _, StsLookup.NotAsked _ -> { }
        }
        return policies;
    }

    /// A digest whole; of full data as much as the longest digest has.
    private static String text(TlsaRecord record) {
        String data = record.data();
        return record.usage() + " " + record.selector() + " " + record.matching() + " " + (data.length() > LONGEST_DIGEST ? data.substring(0, LONGEST_DIGEST) + "..." : data);
    }

    private static List<String> lines(StsPolicy policy) {
        List<String> lines = new ArrayList<>(List.of("version: STSv1", "mode: " + switch (policy.mode()) {
            case ENFORCE -> "enforce";
            case TESTING -> "testing";
            case NONE -> "none";
        }));
        policy.mx().forEach(pattern -> lines.add("mx: " + pattern));
        lines.add("max_age: " + policy.maxAge().toSeconds());
        return lines;
    }
}
