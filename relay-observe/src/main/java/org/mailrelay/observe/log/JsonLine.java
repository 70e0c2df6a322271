package org.mailrelay.observe.log;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.access.ClientCertificate;
import org.mailrelay.core.dkim.ArcChain;
import org.mailrelay.core.dkim.Unsigned;
import org.mailrelay.core.event.DeliveryEvent;
import org.mailrelay.core.event.InjectionEvent;
import org.mailrelay.core.event.MailEvent;
import org.mailrelay.core.event.StageTimes;
import org.mailrelay.core.mail.Dcid;
import org.mailrelay.core.mail.Icid;
import org.mailrelay.core.mail.Mid;
import org.mailrelay.core.mime.SevenBitPlan;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.PublishedPolicy;
import org.mailrelay.core.tls.TlsDemand;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// An event as one JSON object (RFC 8259): the facts of its line under names. Names are only ever added; docs/events.md lists them.
///
/// The fields are the record's own components, so that a new fact is in the object as soon as the event has it.
public final class JsonLine {

    private static final Map<String, String> NAMES = Map.of("at", "time", "why", "reasons", "rids", "rid", "peerAddress", "address", "host", "reverse_dns");

    private static final ClassValue<Method[]> ACCESSORS = new ClassValue<>() {
        @Override
        protected Method[] computeValue(Class<?> type) {
            RecordComponent[] components = type.getRecordComponents();
            Method[] accessors = new Method[components.length];
            for (int i = 0; i < components.length; i++) {
                accessors[i] = components[i].getAccessor();
            }
            return accessors;
        }
    };

    public static String of(MailEvent event) {
        return new JsonLine().line(event);
    }

    String line(MailEvent event) {
        StringBuilder out = new StringBuilder(256);
        value(out, fields(event));
        return out.toString();
    }

    static Map<String, Object> fields(MailEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("time", event.at());
        fields.put("event", name(event.getClass()));
        fields.put("level", lower(event.level().name()));
        put(fields, (Record) event);
        return fields;
    }

    /// `delivery_tls_failed` for `DeliveryEvent.TlsFailed`.
    static String name(Class<?> event) {
        String family = event.getEnclosingClass().getSimpleName();
        return snake(family.substring(0, family.length() - "Event".length())) + "_" + snake(event.getSimpleName());
    }

    private static void put(Map<String, Object> fields, Record record) {
        for (Method accessor : ACCESSORS.get(record.getClass())) {
            Object value = read(accessor, record);
            switch (value) {
                case DeliveryEvent.Connection c -> put(fields, c);
                case DeliveryEvent.Verdict v -> put(fields, v);
                case TlsRule rule -> {
                    fields.put("policy", rule.level().word());
                    fields.put("policy_position", rule.position());
                    fields.put("policy_entry", rule.entry());
                }
                case ClientCertificate shown -> {
                    fields.put("subject", shown.subject());
                    fields.put("names", shown.names());
                    fields.put("sha256", shown.fingerprint());
                    fields.put("vouched", lower(shown.vouched().name()));
                    fields.put("fault", shown.fault());
                }
                case Finding finding -> {
                    fields.put("finding", finding.kind().word());
                    fields.put("line", finding.line());
                    fields.put("text", finding.text());
                    fields.put("rfc", finding.rfc());
                }
                case Circumstances then -> SeenFields.put(fields, then);
                case SeenPeer seen -> SeenFields.put(fields, seen);
                case StageTimes times -> {
                    Map<String, Object> seconds = new LinkedHashMap<>();
                    times.seconds().forEach((stage, time) -> seconds.put(stage.word().replace('-', '_'), time));
                    fields.put("seconds", seconds);
                }
                case Optional<?> some when some.orElse(null) instanceof TlsDemand(var rule, var why) -> {
                    fields.put("policy", rule.level().word());
                    fields.put("policy_position", rule.position());
                    fields.put("policy_entry", rule.entry());
                    fields.put("reasons", why);
                }
                case Optional<?> some -> some.ifPresent(present -> fields.put(name(accessor), present));
                case InjectionEvent.ReceivingFailure failure -> fields.put("reasons", List.of(failure.words()));
                case Unsigned reason -> fields.put("reasons", List.of(reason.words()));
                case TlsReason reason -> fields.put("reasons", List.of(reason));
                default -> fields.put(name(accessor), value);
            }
        }
    }

    private static Object read(Method accessor, Record record) {
        try {
            return accessor.invoke(record);
        } catch (IllegalAccessException | InvocationTargetException bug) {
            throw new IllegalStateException(accessor + " of a public record", bug);
        }
    }

    private static String name(Method accessor) {
        return NAMES.getOrDefault(accessor.getName(), snake(accessor.getName()));
    }

    private static void value(StringBuilder out, Object value) {
        switch (value) {
            case Mid mid -> out.append(mid.value());
            case Icid icid -> out.append(icid.value());
            case Dcid dcid -> out.append(dcid.value());
            case Number number -> out.append(number);
            case Boolean yes -> out.append(yes);
            case Duration time -> out.append(time.toMillis() / 1000.0);
            case Instant at -> text(out, at.toString());
            case TlsReason reason -> text(out, reason.words());
            case LadderStep step -> text(out, step.words());
            case Map<?, ?> object -> object(out, object);
            case Collection<?> list -> list(out, list);
            case ArcChain.Validity chain -> text(out, chain.word());
            case SevenBitPlan.Target target -> text(out, target.words());
            case PublishedPolicy policy -> object(out, Map.of("type", policy.type().word(), "domain", policy.domain().name()));
            case DeliveryEvent.Waits.Tried tried -> object(out, Map.of("mx", tried.mx(), "dcid", tried.dcid()));
            default -> text(out, value.toString());
        }
    }

    private static void object(StringBuilder out, Map<?, ?> fields) {
        char before = '{';
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            out.append(before);
            text(out, field.getKey().toString());
            value(out.append(':'), field.getValue());
            before = ',';
        }
        out.append('}');
    }

    private static void list(StringBuilder out, Collection<?> values) {
        out.append('[');
        String before = "";
        for (Object value : values) {
            value(out.append(before), value);
            before = ",";
        }
        out.append(']');
    }

    /// Everything beyond printable ASCII is escaped: the line is the same octets in every encoding.
    private static void text(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(Character.forDigit(c >> shift & 15, 16));
                }
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static String snake(String camel) {
        StringBuilder out = new StringBuilder(camel.length() + 4);
        for (int i = 0; i < camel.length(); i++) {
            char c = camel.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                (i > 0 ? out.append('_') : out).append((char) (c + 32));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String lower(String upper) {
        StringBuilder out = new StringBuilder(upper.length());
        upper.chars().forEach(c -> out.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        return out.toString();
    }
}
