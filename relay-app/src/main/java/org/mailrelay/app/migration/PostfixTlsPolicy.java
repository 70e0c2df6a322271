package org.mailrelay.app.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A line of Postfix's table of TLS policy: `example.com verify match=.example.com`.
final class PostfixTlsPolicy {

    private PostfixTlsPolicy() {
    }

    /// `smtp_tls_security_level`, for the entry `default`.
    static void standard(PostfixFiles.Line level, Migration found) {
        level(level.text(), level, "default", found, found::standard);
    }

    @FunctionalInterface
    private interface Put {
        void key(String key, String yaml);
    }

    static void read(PostfixFiles.Line line, Migration found) {
        String[] words = line.text().split("\\s+");
        Optional<String> entry = Migration.entry(words[0]);
        if (entry.isEmpty()) {
            found.remark(line.place(), words[0] + ": a policy for a next hop has no equivalent, because levels are for recipients' domains");
            return;
        }
        if (words.length < 2) {
            found.remark(line.place(), words[0] + ": no level");
            return;
        }
        Put put = (key, yaml) -> found.destination(entry.get(), key, yaml);
        level(words[1], line, words[0], found, put);
        for (int i = 2; i < words.length; i++) {
            attribute(words[i], entry.get(), line, found, put);
        }
    }

    private static void level(String word, PostfixFiles.Line line, String name, Migration found, Put put) {
        switch (word) {
            case "", "none" -> put.key("tls", "none");
            case "may" -> put.key("tls", "preferred");
            case "encrypt" -> put.key("tls", "required");
            case "verify" -> put.key("tls", "required-verify");
            case "secure" -> put.key("tls", "required-verify-hosted");
            case "dane" -> {
                put.key("tls", "preferred");
                put.key("dane", "opportunistic");
            }
            case "dane-only" -> {
                put.key("tls", "required");
                put.key("dane", "mandatory");
            }
            case "fingerprint" -> {
                put.key("tls", "required-verify");
                found.remark(line.place(), name + ": fingerprints have no equivalent; it says required-verify now, with trust: {files: [...]} for a certificate that no authority signed");
            }
            default -> found.remark(line.place(), name + ": the level '" + word + "' is not known");
        }
    }

    private static void attribute(String word, String entry, PostfixFiles.Line line, Migration found, Put put) {
        int equals = word.indexOf('=');
        String value = word.substring(equals + 1);
        switch (equals < 0 ? word : word.substring(0, equals)) {
            case "match" -> names(value, entry, line, found, put);
            case "protocols" -> version(value, entry, line, found, put);
            case "tafile" -> put.key("trust", "{system: false, files: [" + Migration.quoted(value) + "]}");
            default -> found.remark(line.place(), entry + ": '" + word + "' has no equivalent");
        }
    }

    /// Names parted by colons or bars; `nexthop` and `dot-nexthop` stand for the domain and what is below it.
    private static void names(String value, String entry, PostfixFiles.Line line, Migration found, Put put) {
        List<String> names = new ArrayList<>();
        for (String name : value.split("[:|]")) {
            switch (name) {
                case "nexthop" -> names.add(entry);
                case "dot-nexthop" -> names.add("." + entry);
                case "hostname" -> found.remark(line.place(), entry + ": the mail host's own name counts at required-verify where tls_names is left out; match=hostname beside other names has no equivalent");
                default -> Migration.entry(name).ifPresentOrElse(names::add, () -> found.remark(line.place(), entry + ": '" + name + "' is no name"));
            }
        }
        if (!names.isEmpty()) {
            put.key("tls_names", "[" + String.join(", ", names) + "]");
        }
    }

    /// `>=TLSv1.2`, or what is left of a list of exclusions.
    private static void version(String value, String entry, PostfixFiles.Line line, Migration found, Put put) {
        if (value.matches(">=TLSv1(\\.[123])?")) {
            String least = value.substring(2);
            put.key("tls_min_version", least.equals("TLSv1.3") ? "TLSv1.3" : "TLSv1.2");
        } else if (value.contains("!TLSv1.2")) {
            put.key("tls_min_version", "TLSv1.3");
        } else if (!value.contains("!TLSv1")) {
            found.remark(line.place(), entry + ": 'protocols=" + value + "' has no equivalent; nothing below TLSv1.2 is spoken unless tls_min_version says so");
        }
    }
}
