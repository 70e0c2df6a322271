package org.mailrelay.net.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Java's names of cipher suites in OpenSSL's spelling, as mail_logs has always shown them.
public final class CipherNames {

    private static final Map<String, String> PARTS = Map.of("AES_128_GCM_SHA256", "AES128-GCM-SHA256", "AES_256_GCM_SHA384", "AES256-GCM-SHA384",
            "AES_128_CBC_SHA", "AES128-SHA", "AES_256_CBC_SHA", "AES256-SHA", "AES_128_CBC_SHA256", "AES128-SHA256",
            "AES_256_CBC_SHA256", "AES256-SHA256", "AES_256_CBC_SHA384", "AES256-SHA384", "CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305");

    private CipherNames() {
    }

    /// TLS 1.3 suites have one name in both worlds; a suite that is not known keeps the name it came with.
    public static String openSsl(String java) {
        int with = java.indexOf("_WITH_");
        if (with < 0 || !java.startsWith("TLS_")) {
            return java;
        }
        String exchange = java.substring(4, with).replace('_', '-');
        String rest = java.substring(with + 6);
        String bulk = PARTS.getOrDefault(rest, rest.replace('_', '-'));
        return exchange.equals("RSA") ? bulk : exchange + "-" + bulk;
    }

    /// OpenSSL's names of TLS 1.2 suites as the JDK spells them; TLS 1.3's follow, which OpenSSL's list does not govern.
    static List<String> java(List<String> openSsl) {
        List<String> names = new ArrayList<>();
        for (String name : openSsl) {
            int bulk = Math.max(name.indexOf("AES"), name.indexOf("CHACHA20"));
            String exchange = bulk <= 0 ? "RSA" : name.substring(0, bulk - 1).replace('-', '_');
            String rest = name.substring(Math.max(bulk, 0));
            PARTS.entrySet().stream().filter(part -> part.getValue().equals(rest)).map(Map.Entry::getKey).findFirst()
                    .ifPresent(java -> names.add("TLS_" + exchange + "_WITH_" + java));
        }
        names.addAll(List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"));
        return names;
    }
}
