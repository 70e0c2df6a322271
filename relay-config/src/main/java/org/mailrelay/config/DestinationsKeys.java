package org.mailrelay.config;

import java.util.List;

/// The keys of `destinations.yaml`.
final class DestinationsKeys {

    static final List<ConfigKey> ALL = List.of(
            new ConfigKey("default.tls", "none, preferred, preferred-verify, required, required-verify, required-verify-hosted", "preferred", "TLS level."),
            new ConfigKey("default.dane", "none, opportunistic, mandatory", "opportunistic", "Whether TLSA records bind; mandatory: no usable record, no delivery."),
            new ConfigKey("default.mta_sts", "off, honour", "honour", "Whether the domain's MTA-STS policy binds."),
            new ConfigKey("default.ehlo", "strict, tolerant", "strict", "Whether a first EHLO line that is a keyword is read as one."),
            new ConfigKey("default.ehlo_near_miss", "deliver, defer", "deliver", "What to do when STARTTLS seems to be offered in a wrong form."),
            new ConfigKey("default.replies", "lenient, strict", "lenient", "Whether a bare LF ends a reply line or is a protocol error."),
            new ConfigKey("default.tls_trial", "a level above tls, or none", "none", "Evaluated on every connection and reported, not enforced."),
            new ConfigKey("default.tls_min_version", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2", "Oldest TLS version; below 1.2 only where the level does not require TLS."),
            new ConfigKey("default.tls_names", "list of names or .suffixes", "", "Names that the peer's certificate may have, in place of the domain and the host."),
            new ConfigKey("default.tls_ciphers", "list of OpenSSL names", "none", "Cipher suites of TLS 1.2; none: the library's choice."),
            new ConfigKey("default.trust", "as delivery.trust", "", "Authorities that are trusted."),
            new ConfigKey("default.client_certificate", "name, or none", "none", "Entry of delivery.certificates, shown to a host that asks for one."),
            new ConfigKey("default.plaintext_after_handshake_failure", "true, false", "true", "At preferred, a later attempt may go in the clear."),
            new ConfigKey("default.allow_common_name", "true, false", "false", "Whether a certificate without alternative names counts by its common name."),
            new ConfigKey("default.fail_fast", "true, false", "false", "Bounce once every mail host has refused the TLS terms."),
            new ConfigKey("default.ip", "v6-preferred, v4-preferred, v6-required, v4-required", "v6-preferred", "Address family."),
            new ConfigKey("default.connections", "1 to 100000", "20", "Connections at once for the domain."),
            new ConfigKey("default.connections_per_mx", "1 to 100000, none", "none", "Connections at once for one address of a mail host."),
            new ConfigKey("default.messages_per_connection", "1 to 1000000", "50", "Then a new connection."),
            new ConfigKey("default.recipients_per_message", "1 to 100000", "100", "Recipients in one transaction."),
            new ConfigKey("default.recipient_rate", "none, rate", "none", "Recipients of the domain in any time so long, 1s to 31d, over all its connections; beyond it mail waits."),
            new ConfigKey("default.bounce_profile", "name", "default", "Entry of bounce_profiles."),
            new ConfigKey("default.source", "name", "", "Virtual gateway for the domain, whatever sender or policy say; that of `default` is for mail for which neither says anything."),
            new ConfigKey("default.alert", "list of addresses, or none", "none", "Who else is told when the policy stops the mail of this entry."),
            new ConfigKey("default.exception", "keys with values, or none", "none", "What is lowered for a time. Not inherited."),
            new ConfigKey("exception.tls", "a level below the entry's", "", "The level until it ends."),
            new ConfigKey("exception.dane", "none, opportunistic", "", "Likewise."),
            new ConfigKey("exception.mta_sts", "off", "", "Likewise."),
            new ConfigKey("exception.ehlo", "tolerant", "", "Likewise."),
            new ConfigKey("exception.reason", "text", "must be set", "Why."),
            new ConfigKey("exception.owner", "text", "must be set", "Who answers for it."),
            new ConfigKey("exception.expires", "day such as 2027-01-31", "must be set", "Its last day, local time; then it is void."),
            new ConfigKey("bounce profile.max_retries", "0 to 1000000", "100", "Tries after the first; only one in which MAIL was sent counts."),
            new ConfigKey("bounce profile.max_time_in_queue", "duration", "72h", "Then the message bounces."),
            new ConfigKey("bounce profile.initial_retry", "duration", "60s", "Wait after the first attempt."),
            new ConfigKey("bounce profile.max_retry", "duration", "1h", "Longest wait between two attempts."),
            new ConfigKey("bounce profile.delay_warning", "duration, none", "none", "Warn the sender of mail that waits this long, whatever it waits for; a sender who asks for it (NOTIFY=DELAY) is warned after 4h where this is none."),
            new ConfigKey("bounce profile.dsn_original", "headers, full, none", "headers", "What a bounce returns of the message where its sender does not say (RET); at most 50 KiB, a longer one returns its headers."),
            new ConfigKey("bounce profile.bounce_from", "address, none", "none", "Address in the From field of reports; none is MAILER-DAEMON at the relay's host name. The envelope's sender is always <>."),
            new ConfigKey("bounce profile.double_bounce_to", "address, none", "none", "Who gets a report on mail from <> that cannot be delivered; none is nobody."),
            new ConfigKey("bounce profile.reports_per_address", "1 to 1000000", "100", "Reports to one address in an hour; more are dropped and counted."),
            new ConfigKey("bounce profile.reports_per_domain", "1 to 1000000", "1000", "Reports to all addresses of one domain in an hour."),
            new ConfigKey("tests", "list of tests", "[]", "What must come out for a recipient; a configuration that fails one is not loaded."),
            new ConfigKey("test.to", "address or domain", "must be set", "The recipient."),
            new ConfigKey("test.from", "address or domain", "", "The sender, for routes by sender."),
            new ConfigKey("test.expect.entry", "text", "", "The entry that matches."),
            new ConfigKey("test.expect.tls", "level", "", "Its level, exceptions applied."),
            new ConfigKey("test.expect.tls_trial", "level", "", "Likewise."),
            new ConfigKey("test.expect.dane", "none, opportunistic, mandatory", "", "Likewise."),
            new ConfigKey("test.expect.mta_sts", "off, honour", "", "Likewise."),
            new ConfigKey("test.expect.ehlo", "strict, tolerant", "", "Likewise."),
            new ConfigKey("test.expect.tls_min_version", "version", "", "Likewise."),
            new ConfigKey("test.expect.bounce_profile", "name", "", "Likewise."),
            new ConfigKey("test.expect.route", "entry of routes.yaml, MX", "", "Which way the mail goes."));

    private DestinationsKeys() {
    }
}
