package org.mailrelay.core.route;

import org.mailrelay.core.mail.Domain;

/// A question to DNS that got no answer for now.
///
/// @param type  of the record: `MX`, `A`
/// @param words why: `ServFail`, `Timeout`
public record FailedLookup(Domain name, String type, String words) {}
