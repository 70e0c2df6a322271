package org.mailrelay.core.access;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.header.Hygiene;
import org.mailrelay.core.tls.TlsLevel;

/// What a connection may do (`mail_flow_policies` of `access.yaml`).
///
/// @param allowedSenders what MAIL may name; empty: anything
/// @param banner       text behind `220 host `, a [Banner]; empty: `ESMTP`
/// @param hygiene      what is done for, and asked of, messages
/// @param earlyTalkers what becomes of a client that speaks out of turn: before the greeting, or behind EHLO or DATA without waiting for the
///                     answer (RFC 2920 §3.1)
/// @param deliveryTls  raises, never lowers, the level of what comes in under this policy
public record MailFlowPolicy(String name, Access access, InboundTls tls, Identity identity, Limits limits, Rates rates,
        Optional<List<SenderPattern>> allowedSenders, Optional<String> banner, boolean receivedHeader, Hygiene hygiene,
        EarlyTalkers earlyTalkers, BareLineEndings bareLineEndings, Optional<TlsLevel> deliveryTls) {

    public enum Access { RELAY, ACCEPT, REJECT, TCPREFUSE, CONTINUE }

    public enum InboundTls { OFF, PREFERRED, REQUIRED }

    /// OFF: not offered. REQUIRED: without it no message.
    public enum Auth { OFF, PREFERRED, REQUIRED }

    /// OFF: no certificate is asked for. PREFERRED: one that verifies tells who the client is, any other is as none. REQUIRED: without one
    /// that verifies no message.
    public enum VerifyClient { OFF, PREFERRED, REQUIRED }

    /// How clients say who they are.
    ///
    /// @param authInTheClear AUTH is offered without TLS too
    public record Identity(Auth auth, boolean authInTheClear, VerifyClient verifyClient) {

        public static final Identity NONE = new Identity(Auth.OFF, false, VerifyClient.OFF);
    }

    /// REFUSE: 554 and the end. ALLOW: what came early is carried out in its turn.
    public enum EarlyTalkers { REFUSE, ALLOW }

    /// What becomes of a bare LF in content; a bare CR and NUL are refused either way.
    public enum BareLineEndings { REFUSE, NORMALISE }

    /// @param messageSize           octets (RFC 1870)
    /// @param messagesPerConnection then 421 and the end
    /// @param recipientsPerMessage  then 452; at least 100 (RFC 5321 §4.5.3.1.8)
    /// @param connections           at once, from one address
    /// @param hold                  how long a client may have a message held (RFC 4865); zero: not at all
    public record Limits(long messageSize, int messagesPerConnection, int recipientsPerMessage, int connections, Duration hold) {

        public static final Limits DEFAULT = new Limits(50L << 20, 10_000, 1_000, 1_000);

        /// Nothing is held.
        public Limits(long messageSize, int messagesPerConnection, int recipientsPerMessage, int connections) {
            this(messageSize, messagesPerConnection, recipientsPerMessage, connections, Duration.ZERO);
        }

        public Limits {
            if (messageSize < 1 || messagesPerConnection < 1 || recipientsPerMessage < 1 || connections < 1 || hold.isNegative()) {
                throw new IllegalArgumentException("a limit below 1");
            }
        }
    }

    public static MailFlowPolicy of(String name, Access access) {
        return new MailFlowPolicy(name, access, InboundTls.PREFERRED, Identity.NONE, Limits.DEFAULT, Rates.NONE, Optional.empty(), Optional.empty(), true, Hygiene.NONE, earlyTalkersOf(access),
                BareLineEndings.REFUSE, Optional.empty());
    }

    /// Whom the operator lets relay by address is trusted to speak early as well: old applications do.
    public static EarlyTalkers earlyTalkersOf(Access access) {
        return access == Access.RELAY ? EarlyTalkers.ALLOW : EarlyTalkers.REFUSE;
    }

    /// Whether a client with these proofs may send to any recipient.
    ///
    /// @param named     it has authenticated
    /// @param certified its certificate was verified
    public boolean relays(boolean named, boolean certified) {
        return switch (access) {
            case RELAY -> (identity.auth() != Auth.REQUIRED || named) && (identity.verifyClient() != VerifyClient.REQUIRED || certified);
            case ACCEPT -> named || certified;
            case REJECT, TCPREFUSE, CONTINUE -> false;
        };
    }

    public MailFlowPolicy withTls(InboundTls other) {
        return new MailFlowPolicy(name, access, other, identity, limits, rates, allowedSenders, banner, receivedHeader, hygiene, earlyTalkers, bareLineEndings, deliveryTls);
    }

    public MailFlowPolicy withIdentity(Identity other) {
        return new MailFlowPolicy(name, access, tls, other, limits, rates, allowedSenders, banner, receivedHeader, hygiene, earlyTalkers, bareLineEndings, deliveryTls);
    }

    public MailFlowPolicy withLimits(Limits other) {
        return new MailFlowPolicy(name, access, tls, identity, other, rates, allowedSenders, banner, receivedHeader, hygiene, earlyTalkers, bareLineEndings, deliveryTls);
    }

    public MailFlowPolicy withBanner(String text) {
        return new MailFlowPolicy(name, access, tls, identity, limits, rates, allowedSenders, Optional.of(text), receivedHeader, hygiene, earlyTalkers, bareLineEndings, deliveryTls);
    }

    public MailFlowPolicy withEarlyTalkers(EarlyTalkers other) {
        return new MailFlowPolicy(name, access, tls, identity, limits, rates, allowedSenders, banner, receivedHeader, hygiene, other, bareLineEndings, deliveryTls);
    }

    public MailFlowPolicy withBareLineEndings(BareLineEndings other) {
        return new MailFlowPolicy(name, access, tls, identity, limits, rates, allowedSenders, banner, receivedHeader, hygiene, earlyTalkers, other, deliveryTls);
    }

    public MailFlowPolicy withRates(Rates other) {
        return new MailFlowPolicy(name, access, tls, identity, limits, other, allowedSenders, banner, receivedHeader, hygiene, earlyTalkers, bareLineEndings, deliveryTls);
    }

    public MailFlowPolicy withAllowedSenders(List<SenderPattern> patterns) {
        return new MailFlowPolicy(name, access, tls, identity, limits, rates, Optional.of(List.copyOf(patterns)), banner, receivedHeader, hygiene, earlyTalkers, bareLineEndings,
                deliveryTls);
    }

    public MailFlowPolicy withHygiene(Hygiene other) {
        return new MailFlowPolicy(name, access, tls, identity, limits, rates, allowedSenders, banner, receivedHeader, other, earlyTalkers, bareLineEndings, deliveryTls);
    }
}
