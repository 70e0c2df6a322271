package org.mailrelay.observe.metrics;

import java.util.List;

/// Every metric of the relay's own: its name as Prometheus reads it, its labels, what it says.
public enum MetricNames {
    CONNECTIONS_OPENED("mailrelay_connections_opened_total", Kind.COUNTER, "Connections opened, by side and listener", "side", "listener"),
    CONNECTIONS_CLOSED("mailrelay_connections_closed_total", Kind.COUNTER, "Connections closed, by side and listener", "side", "listener"),
    CONNECTION_FAILURES("mailrelay_connection_failures_total", Kind.COUNTER, "Outbound connections that could carry no mail", "destination", "reason"),
    MESSAGES_RECEIVED("mailrelay_messages_received_total", Kind.COUNTER, "Messages accepted and safely queued"),
    RECIPIENTS_RECEIVED("mailrelay_recipients_received_total", Kind.COUNTER, "Recipients of messages accepted"),
    MESSAGES_REJECTED("mailrelay_messages_rejected_total", Kind.COUNTER, "Receiving that failed", "reason"),
    DKIM_MESSAGES("mailrelay_dkim_messages_total", Kind.COUNTER, "Messages signed or sealed, and those that were not though there are keys, by what came of them", "result"),
    DKIM_SIGNING_SECONDS("mailrelay_dkim_signing_seconds", Kind.HISTOGRAM, "From a message's end to its signatures"),
    AUTHENTICATIONS("mailrelay_authentications_total", Kind.COUNTER, "AUTH of clients, by outcome", "result"),
    BYTES_IN("mailrelay_bytes_in_total", Kind.COUNTER, "Octets of messages accepted"),
    BYTES_OUT("mailrelay_bytes_out_total", Kind.COUNTER, "Octets of messages delivered"),
    MESSAGES_FINISHED("mailrelay_messages_finished_total", Kind.COUNTER, "Messages of which no recipient is left", "result"),
    DELIVERY_ATTEMPTS("mailrelay_delivery_attempts_total", Kind.COUNTER, "Outcomes of recipients, by entry of destinations.yaml", "outcome", "destination"),
    DELIVERED("mailrelay_delivered_total", Kind.COUNTER, "Recipients delivered, by entry of destinations.yaml", "destination"),
    DELIVERY_SECONDS("mailrelay_delivery_seconds", Kind.HISTOGRAM, "From reception to the remote 250"),
    DELIVERY_ATTEMPT_SECONDS("mailrelay_delivery_attempt_seconds", Kind.HISTOGRAM, "Waiting for mail hosts, by stage of the conversation", "stage"),
    TLS_CONNECTIONS("mailrelay_tls_connections_total", Kind.COUNTER, "Outcomes of TLS", "direction", "destination", "policy", "result", "version"),
    TLS_PLAINTEXT_DELIVERIES("mailrelay_tls_plaintext_deliveries_total", Kind.COUNTER, "Connections used in the clear, and why", "reason"),
    TLS_POLICY_FAILURES("mailrelay_tls_policy_failures_total", Kind.COUNTER, "Hosts not used because the TLS policy was not met", "destination", "reason"),
    TLS_TRIAL_FAILURES("mailrelay_tls_trial_failures_total", Kind.COUNTER, "Connections that tls_trial would have stopped", "destination", "reason"),
    POLICY_OUTAGES("mailrelay_policy_outages_total", Kind.COUNTER, "Outages: no mail host of a domain met the policy, round after round", "destination"),
    EXCEPTIONS_EXPIRING("mailrelay_exceptions_expiring", Kind.GAUGE, "Exceptions of destinations.yaml that have ended or end within fourteen days"),
    OWN_PATH_SUSPECTED("mailrelay_own_path_suspected", Kind.GAUGE, "Source addresses from which many unrelated mail hosts lost TLS at once, and are not back yet"),
    OWN_PATH_ALARMS("mailrelay_own_path_alarms_total", Kind.COUNTER, "Times our own network came to be suspected"),
    OWN_PATH_GIVEN_UP("mailrelay_own_path_given_up_total", Kind.COUNTER, "Times mail had waited for our own network as long as it may"),
    TLS_LADDER_STEPS("mailrelay_tls_ladder_steps_total", Kind.COUNTER, "Steps down after a failed handshake, by the step that is tried next", "step"),
    TLS_PROBES("mailrelay_tls_probes_total", Kind.COUNTER, "Connections without mail to hosts that failed before, by what came of TLS", "result"),
    EHLO_FINDINGS("mailrelay_ehlo_findings_total", Kind.COUNTER, "Departures from the grammar of EHLO replies", "kind"),
    TLS_HANDSHAKE_SECONDS("mailrelay_tls_handshake_seconds", Kind.HISTOGRAM, "Handshakes with mail hosts and clients, failed ones too", "direction"),
    DNS_LOOKUPS("mailrelay_dns_lookups_total", Kind.COUNTER, "Questions that went to a name server", "type", "result"),
    DNS_SECONDS("mailrelay_dns_seconds", Kind.HISTOGRAM, "Waiting for name servers"),
    DNS_FAILURES("mailrelay_dns_failures_total", Kind.COUNTER, "Lookups that failed for now", "type"),
    DNSSEC_VALIDATION_OK("mailrelay_dnssec_validation_ok", Kind.GAUGE, "1 while DNSSEC can be validated here, 0 while it cannot; absent where it is not asked for"),
    DANE_RESULTS("mailrelay_dane_results_total", Kind.COUNTER, "Mail hosts asked for TLSA records, by what was found", "result"),
    MTA_STS_RESULTS("mailrelay_mta_sts_results_total", Kind.COUNTER, "Mail hosts held against an MTA-STS policy, by what is known of it", "result"),
    BOUNCES_GENERATED("mailrelay_bounces_generated_total", Kind.COUNTER, "Bounce messages made"),
    DELAY_WARNINGS_GENERATED("mailrelay_delay_warnings_generated_total", Kind.COUNTER, "Warnings of late mail made"),
    RELAY_CONFIRMATIONS_GENERATED("mailrelay_relay_confirmations_generated_total", Kind.COUNTER, "Confirmations made for hosts that give none"),
    REPORTS_DROPPED("mailrelay_reports_dropped_total", Kind.COUNTER, "Reports not sent: too many to one address or domain in an hour"),
    CONFIG_RELOAD_OK("mailrelay_config_reload_ok", Kind.GAUGE, "1 when the last reload was taken, 0 when it was refused"),
    CONFIG_GENERATION("mailrelay_config_generation", Kind.GAUGE, "Counts configurations taken since the start"),
    EVENTS_DROPPED("mailrelay_events_dropped_total", Kind.COUNTER, "Events that a slow reader lost", "reader"),
    FAULTS("mailrelay_faults_total", Kind.COUNTER, "Bugs that ended a thread; their traces are on standard error"),
    CLOCK_JUMPS("mailrelay_clock_jumps_total", Kind.COUNTER, "Times that the clock was set by ten minutes or more"),
    SPOOL_TROUBLES("mailrelay_spool_troubles_total", Kind.COUNTER, "Damage and failed writes of the spool", "level"),
    QUEUE_MESSAGES("mailrelay_queue_messages", Kind.GAUGE, "Messages in the spool"),
    QUEUE_RECIPIENTS("mailrelay_queue_recipients", Kind.GAUGE, "Recipients in the queue, by what they wait for", "state"),
    QUEUE_OLDEST_SECONDS("mailrelay_queue_oldest_seconds", Kind.GAUGE, "Age of the oldest message in the queue"),
    CONNECTIONS_ACTIVE("mailrelay_connections_active", Kind.GAUGE, "Connections open now, by side and listener", "side", "listener"),
    QUEUE_BYTES("mailrelay_queue_bytes", Kind.GAUGE, "Octets of the spool on disk"),
    SPOOL_MEMORY_BYTES("mailrelay_spool_memory_bytes", Kind.GAUGE, "Octets of bodies held for a first attempt"),
    SPOOL_GROUP_SIZE("mailrelay_spool_group_size", Kind.HISTOGRAM, "Stores and state changes that one sync covered"),
    SPOOL_SYNC_SECONDS("mailrelay_spool_sync_seconds", Kind.HISTOGRAM, "How long syncs took"),
    SPOOL_WRITABLE("mailrelay_spool_writable", Kind.GAUGE, "0 after a failed write, until one has succeeded");

    enum Kind {
        COUNTER, HISTOGRAM, GAUGE
    }

    private final String text;
    private final Kind kind;
    private final String help;
    private final List<String> labels;

    MetricNames(String text, Kind kind, String help, String... labels) {
        this.text = text;
        this.kind = kind;
        this.help = help;
        this.labels = List.of(labels);
    }

    public String text() {
        return text;
    }

    Kind kind() {
        return kind;
    }

    String help() {
        return help;
    }

    List<String> labels() {
        return labels;
    }
}
