package org.mailrelay.net.tls;

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
}
