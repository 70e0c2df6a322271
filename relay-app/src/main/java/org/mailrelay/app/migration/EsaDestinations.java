package org.mailrelay.app.migration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailrelay.core.smtp.Ascii;

/// The text file of destination controls that a Cisco ESA exports: sections `[domain]` and `[DEFAULT]` of lines `key = value`.
public final class EsaDestinations {

    private static final Map<String, String> LEVELS = Map.of("off", "none", "on", "preferred", "require", "required", "on_verify", "preferred-verify", "require_verify", "required-verify",
            "require_verify_hosted", "required-verify-hosted");
    private static final Map<String, String> FAMILIES = Map.of("PREFER_V6_V4", "v6-preferred", "PREFER_V4_V6", "v4-preferred", "REQUIRE_V6", "v6-required", "REQUIRE_V4", "v4-required");
    private static final String STANDARD = "DEFAULT";

    private final Migration found;
    private final String file;

    private EsaDestinations(Migration found, String file) {
        this.found = found;
        this.file = file;
    }

    private record Value(String text, int line) {}

    /// @throws IOException when the file cannot be read, or holds no section
    public static Migration read(Path path) throws IOException {
        EsaDestinations reading = new EsaDestinations(new Migration(), path.getFileName().toString());
        Map<String, Map<String, Value>> sections = reading.sections(List.of(Files.readString(path, StandardCharsets.UTF_8).split("\r?\n", -1)));
        if (sections.isEmpty()) {
            throw new IOException(path + " holds no section such as [DEFAULT] or [example.com]");
        }
        sections.forEach(reading::section);
        return reading.found;
    }

    private Map<String, Map<String, Value>> sections(List<String> lines) {
        Map<String, Map<String, Value>> sections = new LinkedHashMap<>();
        Map<String, Value> current = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            int equals = line.indexOf('=');
            if (line.startsWith("[") && line.endsWith("]")) {
                current = sections.computeIfAbsent(line.substring(1, line.length() - 1).strip(), _ -> new LinkedHashMap<>());
            } else if (equals > 0 && !line.startsWith("#")) {
                current.put(Ascii.lower(line.substring(0, equals).strip()), new Value(line.substring(equals + 1).strip(), i + 1));
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                found.remark(file + ":" + (i + 1), "neither [domain] nor key = value: " + line);
            }
        }
        return sections;
    }

    private void section(String name, Map<String, Value> values) {
        Optional<String> entry = name.equals(STANDARD) ? Optional.of(STANDARD) : Migration.entry(name);
        if (entry.isEmpty()) {
            found.remark(file, "[" + name + "] is no domain");
            return;
        }
        values.forEach((key, value) -> key(entry.get(), key, value));
        limits(entry.get(), values);
    }

    private void key(String entry, String key, Value value) {
        switch (key) {
            case "table_tls" -> word(entry, "tls", LEVELS, Ascii.lower(value.text()), value);
            case "ip_sort_pref" -> word(entry, "ip", FAMILIES, Ascii.upper(value.text()), value);
            case "max_messages_per_connection" -> number(value).ifPresent(count -> put(entry, "messages_per_connection", count));
            case "max_host_concurrency", "limit_type", "recipient_limit", "recipient_minutes" -> { }   // together, in limits
            case "bounce_profile" -> remarkUnless(value, "default", entry + ": the bounce profile '" + value.text() + "' is not in this file: write it into bounce_profiles and name it");
            case "send_tls_req_alert" -> remarkUnless(value, "0", entry + ": alerts go to the addresses of 'alert:', which this file does not hold");
            case "certificate" -> found.remark(at(value), entry + ": the certificate '" + value.text() + "' has to be put into delivery.certificates and named by client_certificate");
            case "bounce_validation" -> remarkUnless(value, "0", entry + ": there is no bounce validation");
            case "limit_apply" -> remarkUnless(value, "system", entry + ": limits for each virtual gateway stand with the gateway (delivery.source_addresses)");
            default -> found.remark(at(value), entry + ": '" + key + " = " + value.text() + "' has no equivalent");
        }
    }

    private void limits(String entry, Map<String, Value> values) {
        boolean ofTheHost = Optional.ofNullable(values.get("limit_type")).filter(type -> Ascii.equals(type.text(), "MXIP")).isPresent();
        Optional.ofNullable(values.get("max_host_concurrency")).flatMap(this::number).ifPresent(count -> put(entry, ofTheHost ? "connections_per_mx" : "connections", count));
        Optional<String> recipients = Optional.ofNullable(values.get("recipient_limit")).flatMap(this::number);
        Optional<String> minutes = Optional.ofNullable(values.get("recipient_minutes")).flatMap(this::number);
        recipients.ifPresent(count -> put(entry, "recipient_rate", count + "/" + minutes.orElse("60") + "m"));
    }

    private void word(String entry, String key, Map<String, String> words, String text, Value value) {
        Optional.ofNullable(words.get(text)).ifPresentOrElse(ours -> put(entry, key, ours), () -> found.remark(at(value), entry + ": '" + value.text() + "' is not known for " + key));
    }

    private void put(String entry, String key, String yaml) {
        if (entry.equals(STANDARD)) {
            found.standard(key, yaml);
        } else {
            found.destination(entry, key, yaml);
        }
    }

    /// 0 and no number stand for no limit.
    private Optional<String> number(Value value) {
        return value.text().matches("[1-9][0-9]{0,8}") ? Optional.of(value.text()) : Optional.empty();
    }

    private void remarkUnless(Value value, String nothing, String words) {
        if (!Ascii.equals(value.text(), Ascii.upper(nothing)) && !value.text().isEmpty()) {
            found.remark(at(value), words);
        }
    }

    private String at(Value value) {
        return file + ":" + value.line();
    }
}
