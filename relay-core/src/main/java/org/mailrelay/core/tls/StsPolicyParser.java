package org.mailrelay.core.tls;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.Ascii;

/// Reads a policy as its host sends it (RFC 8461 §3.2). The first of a repeated field counts, except for `mx`; fields that are not
/// known are left out, and so are empty lines. What is wrong is told with its line. Not for several threads.
public final class StsPolicyParser {

    /// RFC 8461 §3.2: about a year; what is beyond is cut down to it.
    private static final long MAX_AGE_MOST = 31_557_600;
    private static final int MOST_PATTERNS = 1_000;

    /// What the text came to.
    public sealed interface Result {
        record Read(StsPolicy policy) implements Result {}

        /// @param line counts from 1; 0 where something is missing as a whole
        /// @param text the line, as octets in ISO 8859-1
        record Broken(int line, String text, String problem) implements Result {}
    }

    private final Domain domain;
    private final String id;
    private final List<String> patterns = new ArrayList<>();
    private @Nullable String version;
    private StsPolicy.@Nullable Mode mode;
    private @Nullable Duration maxAge;

    private StsPolicyParser(Domain domain, String id) {
        this.domain = domain;
        this.id = id;
    }

    /// @param domain whose policy it is
    /// @param id     of the TXT record that led to it
    public static Result parse(Domain domain, String id, byte[] octets) {
        return new StsPolicyParser(domain, id).parse(new String(octets, StandardCharsets.ISO_8859_1));
    }

    private Result parse(String text) {
        int number = 0;
        int from = 0;
        while (from < text.length()) {
            number++;
            int end = text.indexOf('\n', from);
            String line = text.substring(from, end < 0 ? text.length() : end);
            from = end < 0 ? text.length() : end + 1;
            line = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            Optional<String> problem = line.isEmpty() ? Optional.empty() : field(line);
            if (problem.isPresent()) {
                return new Result.Broken(number, line, problem.get());
            }
        }
        return whole();
    }

    private Result whole() {
        if (version == null) {
            return new Result.Broken(0, "", "no version");
        }
        if (mode == null) {
            return new Result.Broken(0, "", "no mode");
        }
        if (maxAge == null) {
            return new Result.Broken(0, "", "no max_age");
        }
        if (patterns.isEmpty() && mode != StsPolicy.Mode.NONE) {
            return new Result.Broken(0, "", "no mx");
        }
        return new Result.Read(new StsPolicy(domain, id, mode, maxAge, patterns));
    }

    /// @return what is wrong with it
    private Optional<String> field(String line) {
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) < ' ' && line.charAt(i) != '\t' || line.charAt(i) == 0x7f) {
                return Optional.of("a control character");
            }
        }
        int colon = line.indexOf(':');
        if (colon < 1) {
            return Optional.of("expected a field such as mode: enforce");
        }
        String value = Ascii.stripped(line.substring(colon + 1), " \t");
        return switch (line.substring(0, colon)) {
            case "version" -> version(value);
            case "mode" -> mode(value);
            case "max_age" -> maxAge(value);
            case "mx" -> mx(value);
            default -> Optional.empty();
        };
    }

    private Optional<String> version(String value) {
        if (version == null) {
            version = value;
            return value.equals("STSv1") ? Optional.empty() : Optional.of("expected version: STSv1");
        }
        return Optional.empty();
    }

    private Optional<String> mode(String value) {
        if (mode == null) {
            switch (value) {
                case "enforce" -> mode = StsPolicy.Mode.ENFORCE;
                case "testing" -> mode = StsPolicy.Mode.TESTING;
                case "none" -> mode = StsPolicy.Mode.NONE;
                default -> {
                    return Optional.of("expected mode enforce, testing or none");
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> maxAge(String value) {
        if (maxAge == null) {
            if (value.isEmpty() || value.length() > 10 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Optional.of("expected max_age of 1 to 10 digits");
            }
            maxAge = Duration.ofSeconds(Math.min(MAX_AGE_MOST, Long.parseLong(value)));
        }
        return Optional.empty();
    }

    private Optional<String> mx(String value) {
        boolean wildcard = value.startsWith("*.");
        Optional<Domain> name = value.chars().allMatch(c -> c < 0x80) && !value.endsWith(".") ? Domain.parse(wildcard ? value.substring(2) : value) : Optional.empty();
        if (name.isEmpty()) {
            return Optional.of("expected a host name, or *. and a domain");
        }
        if (patterns.size() == MOST_PATTERNS) {
            return Optional.of("more than " + MOST_PATTERNS + " mx");
        }
        patterns.add((wildcard ? "*." : "") + name.get().name());
        return Optional.empty();
    }
}
