package org.mailrelay.config;

import java.util.List;

/// The keys of `destinations.yaml`.
final class DestinationsKeys {

    static final List<ConfigKey> ALL = List.of(
            new ConfigKey("default.tls", "none, preferred, required", "preferred", "TLS level; the verify levels are not built yet."),
            new ConfigKey("default.dane", "none", "none", "Not built yet."),
            new ConfigKey("default.mta_sts", "off", "off", "Not built yet."),
            new ConfigKey("default.ehlo", "strict, tolerant", "strict", "Whether a first EHLO line that is a keyword is read as one."),
            new ConfigKey("default.ehlo_near_miss", "deliver, defer", "deliver", "What to do when STARTTLS seems to be offered in a wrong form."),
            new ConfigKey("default.replies", "lenient, strict", "lenient", "Whether a bare LF ends a reply line or is a protocol error."),
            new ConfigKey("default.tls_trial", "none", "none", "Not built yet."),
            new ConfigKey("default.tls_min_version", "TLSv1.2, TLSv1.3", "TLSv1.2", "Oldest TLS version."),
            new ConfigKey("default.tls_names", "list of names", "", "Names that the peer's certificate may have, in place of the host's."),
            new ConfigKey("default.tls_ciphers", "none", "none", "Not built yet."),
            new ConfigKey("default.trust", "as delivery.trust", "", "Authorities that are trusted."),
            new ConfigKey("default.client_certificate", "none", "none", "Not built yet."),
            new ConfigKey("default.plaintext_after_handshake_failure", "true, false", "true", "At preferred, a later attempt may go in the clear."),
            new ConfigKey("default.allow_common_name", "true, false", "false", "Whether a certificate without alternative names counts by its common name."),
            new ConfigKey("default.fail_fast", "true, false", "false", "Bounce once every mail host has refused the TLS terms."),
            new ConfigKey("default.ip", "v6-preferred, v4-preferred, v6-required, v4-required", "v6-preferred", "Address family."),
            new ConfigKey("default.connections", "1 to 100000", "20", "Connections at once for the domain."),
            new ConfigKey("default.connections_per_mx", "1 to 100000, none", "none", "Connections at once for one address of a mail host."),
            new ConfigKey("default.messages_per_connection", "1 to 1000000", "50", "Then a new connection."),
            new ConfigKey("default.recipients_per_message", "1 to 100000", "100", "Recipients in one transaction."),
            new ConfigKey("default.recipient_rate", "none", "none", "Not built yet."),
            new ConfigKey("default.bounce_profile", "name", "default", "Entry of bounce_profiles."),
            new ConfigKey("default.source", "default", "default", "Virtual gateways are not built yet."),
            new ConfigKey("default.alert", "none", "none", "Not built yet."),
            new ConfigKey("default.exception", "none", "none", "Not built yet."),
            new ConfigKey("bounce profile.max_retries", "0 to 1000000", "100", "Tries after the first; only one in which MAIL was sent counts."),
            new ConfigKey("bounce profile.max_time_in_queue", "duration", "72h", "Then the message bounces."),
            new ConfigKey("bounce profile.initial_retry", "duration", "60s", "Wait after the first attempt."),
            new ConfigKey("bounce profile.max_retry", "duration", "1h", "Longest wait between two attempts."),
            new ConfigKey("bounce profile.delay_warning", "none", "none", "Not built yet."),
            new ConfigKey("bounce profile.dsn_original", "headers, full, none", "headers", "What a bounce returns of the message."),
            new ConfigKey("tests", "[]", "[]", "Not built yet."));

    private DestinationsKeys() {
    }
}
