package org.mailrelay.observe.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.TlsReason;

/// A connection to a mail host, or a host that policy forbade to connect to.
///
/// As text: `name=value` fields parted by tabs; a field without a value is left out, and a name that is not known is passed over.
///
/// @param at        when it began
/// @param dcid      0 where no connection was made
/// @param local     our address; empty where there was none
/// @param rule      level and place of the operator's policy, as mail_logs write it; empty where nothing asked for it
/// @param version   of TLS; empty for a connection in the clear
/// @param clear     why it went in the clear
/// @param unmet     why it did not carry mail under the TLS policy
/// @param noted     what was wrong with it or its published policies, and stopped nothing
/// @param trial     what `tls_trial` would have stopped it for, and the trial's level before it
/// @param failure   of the network or the host, in words; text from afar
/// @param findings  departures of its EHLO reply, by their words
/// @param carried   what mail it was used for
/// @param policies  published ones that apply
/// @param ofReport  it carried a TLS report: no report tells of it (RFC 8460 §3)
/// @param facts     what was known of the host and what it showed; empty in records that were made before these were kept
public record SessionRecord(Instant at, long dcid, Domain domain, String entry, String mx, String address, String local, String rule, String version, String cipher,
        Optional<TlsReason> clear, List<TlsReason> unmet, List<TlsReason> noted, Optional<Trial> trial, String failure, List<String> findings, Carried carried,
        List<PublishedPolicy> policies, boolean ofReport, Optional<Facts> facts) {

    /// @param level such as `required-verify`
    public record Trial(String level, List<TlsReason> why) {
        public Trial {
            why = List.copyOf(why);
        }
    }

    /// @param messages   of which a transaction was begun
    /// @param recipients of these
    /// @param delivered  recipients that the host took
    public record Carried(long messages, long recipients, long delivered) {
        public static final Carried NOTHING = new Carried(0, 0, 0);
    }

    /// Enough to hold the connection against another policy ([org.mailrelay.core.replay.ReplayRules]).
    ///
    /// @param proof by what the policy of then held the host for verified; empty where it did not
    public record Facts(Circumstances circumstances, SeenPeer seen, String proof) {}

    private static final String FIELD = "\u001f";
    private static final String ITEM = "\u001e";

    public SessionRecord {
        unmet = List.copyOf(unmet);
        noted = List.copyOf(noted);
        findings = List.copyOf(findings);
        policies = List.copyOf(policies);
    }

    /// Recipients.
    public long delivered() {
        return carried.delivered();
    }

    String line() {
        StringBuilder out = new StringBuilder(1_000);
        put(out, "time", Long.toString(at.toEpochMilli()));
        put(out, "dcid", Long.toString(dcid));
        put(out, "domain", domain.name());
        put(out, "entry", entry);
        put(out, "mx", mx);
        put(out, "address", address);
        put(out, "local", local);
        put(out, "rule", rule);
        put(out, "version", version);
        put(out, "cipher", cipher);
        put(out, "clear", clear.map(Enum::name).orElse(""));
        put(out, "unmet", names(unmet));
        put(out, "noted", names(noted));
        put(out, "trial", trial.map(some -> some.level() + " " + names(some.why())).orElse(""));
        put(out, "failure", failure);
        put(out, "findings", String.join(",", findings));
        put(out, "messages", number(carried.messages()));
        put(out, "recipients", number(carried.recipients()));
        put(out, "delivered", number(carried.delivered()));
        put(out, "policies", String.join(ITEM, policies.stream().map(SessionRecord::text).toList()));
        put(out, "report", ofReport ? "yes" : "");
        facts.ifPresent(known -> {
            FactFields.put((name, value) -> put(out, name, value), known.circumstances());
            FactFields.put((name, value) -> put(out, name, value), known.seen());
            put(out, "proof", known.proof());
        });
        return out.toString();
    }

    private static String number(long number) {
        return number == 0 ? "" : Long.toString(number);
    }

    private static void put(StringBuilder out, String name, String value) {
        if (value.isEmpty()) {
            return;
        }
        (out.isEmpty() ? out : out.append('\t')).append(name).append('=');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            out.append(c == '\t' || c == '\n' || c == '\r' ? ' ' : c);
        }
    }

    private static String names(List<TlsReason> reasons) {
        return String.join(",", reasons.stream().map(Enum::name).toList());
    }

    private static String text(PublishedPolicy policy) {
        return String.join(FIELD, List.of(policy.type().name(), policy.domain().name(), String.join(",", policy.mxHosts()), String.join(";", policy.strings())));
    }

    /// @throws IllegalArgumentException for a text that [#line] did not make
    static SessionRecord of(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : line.split("\t")) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.put(field.substring(0, equals), field.substring(equals + 1));
            }
        }
        String trial = fields.getOrDefault("trial", "");
        int space = trial.indexOf(' ');
        return new SessionRecord(Instant.ofEpochMilli(Long.parseLong(fields.getOrDefault("time", "0"))), Long.parseLong(fields.getOrDefault("dcid", "0")),
                Domain.of(fields.getOrDefault("domain", "")), fields.getOrDefault("entry", ""), fields.getOrDefault("mx", ""), fields.getOrDefault("address", ""),
                fields.getOrDefault("local", ""), fields.getOrDefault("rule", ""), fields.getOrDefault("version", ""), fields.getOrDefault("cipher", ""),
                reasons(fields.getOrDefault("clear", "")).stream().findFirst(), reasons(fields.getOrDefault("unmet", "")), reasons(fields.getOrDefault("noted", "")),
                space < 0 ? Optional.empty() : Optional.of(new Trial(trial.substring(0, space), reasons(trial.substring(space + 1)))),
                fields.getOrDefault("failure", ""), words(fields.getOrDefault("findings", ""), ","),
                new Carried(Long.parseLong(fields.getOrDefault("messages", "0")), Long.parseLong(fields.getOrDefault("recipients", "0")), Long.parseLong(fields.getOrDefault("delivered", "0"))),
                words(fields.getOrDefault("policies", ""), ITEM).stream().map(SessionRecord::policy).toList(), fields.containsKey("report"), FactFields.facts(fields));
    }

    private static PublishedPolicy policy(String text) {
        String[] parts = text.split(FIELD, -1);
        return new PublishedPolicy(PublishedPolicy.Type.valueOf(parts[0]), words(parts[3], ";"), Domain.of(parts[1]), words(parts[2], ","));
    }

    private static List<String> words(String text, String separator) {
        return text.isEmpty() ? List.of() : List.of(text.split(separator));
    }

    /// Reasons that a later version had are passed over.
    private static List<TlsReason> reasons(String names) {
        List<TlsReason> reasons = new ArrayList<>();
        words(names, ",").forEach(name -> Arrays.stream(TlsReason.values()).filter(reason -> reason.name().equals(name)).forEach(reasons::add));
        return reasons;
    }
}
