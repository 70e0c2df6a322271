package org.mailrelay.core.tls;

import java.util.List;

/// Which TLSA records count. Values in, values out; whether full data are a certificate or a key is for who can read them.
public final class TlsaRules {

    public static final int DANE_TA = 2;
    public static final int DANE_EE = 3;
    public static final int CERTIFICATE = 0;
    public static final int PUBLIC_KEY = 1;
    public static final int FULL = 0;
    public static final int SHA_256 = 1;
    public static final int SHA_512 = 2;

    private TlsaRules() {
    }

    /// RFC 7672 §3.1.3: for SMTP only DANE-TA(2) and DANE-EE(3) are of use; of selectors and matching types those that RFC 6698 §2.1
    /// knows, with data of the length of their digest.
    public static boolean usable(TlsaRecord record) {
        return (record.usage() == DANE_TA || record.usage() == DANE_EE) && (record.selector() == CERTIFICATE || record.selector() == PUBLIC_KEY)
                && switch (record.matching()) {
                    case FULL -> !record.data().isEmpty();
                    case SHA_256 -> record.data().length() == 2 * 32;
                    case SHA_512 -> record.data().length() == 2 * 64;
                    default -> false;
                };
    }

    /// Digest agility (RFC 7671 §9): among the digests that one usage and selector publish, the strongest alone counts. Full data
    /// always do.
    public static List<TlsaRecord> strongest(List<TlsaRecord> usable) {
        return usable.stream().filter(record -> record.matching() == FULL || usable.stream()
                .noneMatch(other -> other.usage() == record.usage() && other.selector() == record.selector() && other.matching() > record.matching())).toList();
    }
}
