package org.mailrelay.core.access;

import java.util.Optional;
import org.mailrelay.core.tls.TlsLevel;

/// What a connection may do (`mail_flow_policies` of `access.yaml`).
///
/// @param maxMessageSize            octets (RFC 1870)
/// @param maxMessagesPerConnection  then 421 and the end
/// @param maxRecipientsPerMessage   then 452; at least 100 (RFC 5321 §4.5.3.1.8)
/// @param maxConnections            at once, from one address
/// @param banner                    text behind `220 host `; empty: `ESMTP`
/// @param deliveryTls               raises, never lowers, the level of what comes in under this policy
public record MailFlowPolicy(String name, Access access, InboundTls tls, long maxMessageSize, int maxMessagesPerConnection,
        int maxRecipientsPerMessage, int maxConnections, Optional<String> banner, boolean receivedHeader,
        BareLineEndings bareLineEndings, Optional<TlsLevel> deliveryTls) {

    public enum Access { RELAY, ACCEPT, REJECT, TCPREFUSE, CONTINUE }

    public enum InboundTls { OFF, PREFERRED, REQUIRED }

    /// What becomes of a bare LF in content; a bare CR and NUL are refused either way.
    public enum BareLineEndings { REFUSE, NORMALISE }

    public static MailFlowPolicy of(String name, Access access) {
        return new MailFlowPolicy(name, access, InboundTls.PREFERRED, 50L << 20, 10_000, 1_000, 1_000, Optional.empty(), true,
                BareLineEndings.REFUSE, Optional.empty());
    }

    public MailFlowPolicy {
        if (maxMessageSize < 1 || maxMessagesPerConnection < 1 || maxRecipientsPerMessage < 1 || maxConnections < 1) {
            throw new IllegalArgumentException("a limit below 1 in the mail flow policy " + name);
        }
    }
}
