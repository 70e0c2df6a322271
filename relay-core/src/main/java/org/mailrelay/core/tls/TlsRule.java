package org.mailrelay.core.tls;

/// The rule that a decision follows and where the operator wrote it: `required from conf/destinations.yaml:14 [example.com]`.
///
/// @param position file and line, such as `conf/destinations.yaml:14`; or what else raised the level (`mail flow policy`)
/// @param entry    the key of the entry that matched, such as `example.com` or `.example.com`
public record TlsRule(TlsLevel level, String position, String entry) {

    @Override
    public String toString() {
        return level.word() + " from " + position + " [" + entry + "]";
    }
}
