package org.mailrelay.core.tls;

import java.time.Instant;

/// What is known of a domain's MTA-STS policy (RFC 8461 §3).
public sealed interface StsLookup {

    /// `mta_sts: off`, or a route to an address.
    record NotAsked() implements StsLookup {}

    /// The domain publishes none, or its policy says `none`.
    record NoPolicy() implements StsLookup {}

    /// A policy is in force, from the cache or just fetched.
    ///
    /// @param fetched when it was last fetched
    record InForce(StsPolicy policy, Instant fetched) implements StsLookup {}

    /// There is a TXT record, no policy in the cache, and none to be had: as if there were none (RFC 8461 §3.3).
    ///
    /// @param untrusted the policy host's certificate is the reason
    record FetchFailed(String detail, boolean untrusted) implements StsLookup {}

    /// What was fetched is no policy: as if there were none.
    ///
    /// @param line counts from 1; 0 where something is missing as a whole
    /// @param text the offending line, not escaped
    record Broken(int line, String text, String problem) implements StsLookup {}
}
