package org.mailrelay.observe.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mailrelay.core.settings.RelaySettings;

/// A report as RFC 8460 §4.4 writes it. All outside printable US-ASCII is escaped: names in it come from afar.
public final class ReportJson {

    private ReportJson() {
    }

    /// Says which report it is, for good: the same day and domain have the same.
    public static String id(TlsReport report, RelaySettings.TlsReports from) {
        return report.day() + "." + report.domain() + "@" + from.from().domain();
    }

    public static String text(TlsReport report, RelaySettings.TlsReports from) {
        StringBuilder out = new StringBuilder(1_024);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("organization-name", from.organization());
        all.put("date-range", fields("start-datetime", report.day() + "T00:00:00Z", "end-datetime", report.day() + "T23:59:59Z"));
        all.put("contact-info", from.contact());
        all.put("report-id", id(report, from));
        all.put("policies", report.policies().stream().map(ReportJson::policy).toList());
        value(out, all);
        return out.toString();
    }

    private static Map<String, Object> policy(TlsReport.Counted counted) {
        Map<String, Object> policy = fields("policy-type", counted.policy().type().word());
        if (!counted.policy().strings().isEmpty()) {
            policy.put("policy-string", counted.policy().strings());
        }
        policy.put("policy-domain", counted.policy().domain().name());
        if (!counted.policy().mxHosts().isEmpty()) {
            policy.put("mx-host", counted.policy().mxHosts());
        }
        Map<String, Object> all = fields("policy", policy, "summary",
                fields("total-successful-session-count", counted.succeeded(), "total-failure-session-count", counted.failed()));
        if (!counted.details().isEmpty()) {
            all.put("failure-details", counted.details().stream().map(ReportJson::detail).toList());
        }
        return all;
    }

    private static Map<String, Object> detail(TlsReport.Detail detail) {
        TlsReport.Failure failure = detail.failure();
        Map<String, Object> all = fields("result-type", failure.resultType());
        Map.of("sending-mta-ip", failure.sendingAddress(), "receiving-mx-hostname", failure.mx(), "receiving-ip", failure.receivingAddress()).entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty()).sorted(Map.Entry.comparingByKey()).forEach(entry -> all.put(entry.getKey(), entry.getValue()));
        all.put("failed-session-count", detail.sessions());
        all.put("failure-reason-code", failure.reason());
        return all;
    }

    private static Map<String, Object> fields(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }

    private static void value(StringBuilder out, Object value) {
        switch (value) {
            case Map<?, ?> object -> {
                String before = "{";
                for (Map.Entry<?, ?> field : object.entrySet()) {
                    quote(out.append(before), field.getKey().toString());
                    value(out.append(':'), field.getValue());
                    before = ",";
                }
                out.append('}');
            }
            case List<?> list -> {
                String before = "[";
                for (Object each : list) {
                    value(out.append(before), each);
                    before = ",";
                }
                out.append(list.isEmpty() ? "[]" : "]");
            }
            case Number number -> out.append(number);
            default -> quote(out, value.toString());
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
