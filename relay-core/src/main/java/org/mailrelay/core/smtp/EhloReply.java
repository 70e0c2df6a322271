package org.mailrelay.core.smtp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What a server says of itself in answer to EHLO: the one place that decides what it offers.
///
/// Line 1 is the server's domain and greeting **whatever it says** (RFC 1869 §4.3, RFC 5321 §4.1.1.1): it never offers an
/// extension. It holds for one connection and one TLS state; nothing of it survives STARTTLS (RFC 3207 §4.2).
///
/// @param form     what kind of answer it is
/// @param domain   the first word of line 1, escaped; empty when there is none
/// @param greeting the rest of line 1, escaped
/// @param keywords offered keywords in upper case, in the order of the reply, with their parameters as written
/// @param findings departures from the grammar, in the order of the lines
/// @param nearMiss the octets STARTTLS (or a firewall's mask of them) stand in the reply, yet it is not offered
public record EhloReply(Form form, String domain, String greeting, Map<String, List<String>> keywords,
                        List<Finding> findings, boolean nearMiss) {

    public enum Form {
        /// 250 to EHLO.
        EXTENDED,
        /// Success by another 2yz, which offers nothing (R-EHLO-11).
        UNEXPECTED_CODE,
        /// Success to HELO, which never offers anything, even if it lists it (RFC 5321 §3.2).
        HELO
    }

    public EhloReply {
        keywords = Collections.unmodifiableMap(new LinkedHashMap<>(keywords));
        findings = List.copyOf(findings);
        if (form != Form.EXTENDED && !keywords.isEmpty()) {
            throw new IllegalArgumentException(form + " offers " + keywords.keySet());
        }
    }

    /// Reads the positive reply to EHLO. Never throws for what the server said; a reply that is not 250 offers nothing.
    public static EhloReply parse(Reply reply, EhloReading reading) {
        return EhloParser.parse(reply, reading);
    }

    /// Reads the positive reply to HELO: name and greeting, no extension, no finding.
    public static EhloReply ofHelo(Reply reply) {
        return EhloParser.helo(reply);
    }

    public boolean has(Keyword keyword) {
        return keywords.containsKey(keyword.word());
    }

    /// The parameters of a keyword; empty when it has none or is not offered.
    public List<String> parameters(Keyword keyword) {
        return keywords.getOrDefault(keyword.word(), List.of());
    }

    /// The largest message that the server declares to take, in octets (RFC 1870 §4). Empty when it declares none: no SIZE,
    /// SIZE without a number, `SIZE 0`, or what is not one to twenty digits.
    public OptionalLong size() {
        List<String> parameters = parameters(Keyword.SIZE);
        long size = parameters.isEmpty() ? 0 : Numbers.size(parameters.getFirst()).orElse(0);
        return size == 0 ? OptionalLong.empty() : OptionalLong.of(size);
    }

    /// How many messages the server takes on one connection (RFC 9422 §4.1); empty where it names no such limit.
    public OptionalLong mailMax() {
        return parameters(Keyword.LIMITS).stream().filter(limit -> Ascii.startsWith(limit, 0, "MAILMAX=")).map(limit -> Numbers.size(limit.substring(8)))
                .filter(count -> count.orElse(0) > 0).findFirst().orElse(OptionalLong.empty());
    }

    /// The least time that the server takes for `BY=` in mode R, in seconds (RFC 2852 §3); empty where it names none.
    public OptionalLong leastDeliverBy() {
        List<String> parameters = parameters(Keyword.DELIVERBY);
        return parameters.isEmpty() ? OptionalLong.empty() : Numbers.size(parameters.getFirst());
    }
}
