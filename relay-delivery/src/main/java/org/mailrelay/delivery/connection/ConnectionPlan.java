package org.mailrelay.delivery.connection;

import java.time.Duration;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.settings.Gateway;
import org.mailrelay.core.settings.IdleTime;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.delivery.conversation.Terms;
import org.mailrelay.delivery.conversation.Timeouts;

/// One connection to make.
///
/// @param destination           the recipient domain, for the log
/// @param messagesPerConnection after so many the connection says QUIT
/// @param idle                  how long a connection waits for its next message, by what opening it cost
/// @param gateway               name of the virtual gateway it leaves by
/// @param inquiry               what its record is to tell; empty where none is made
public record ConnectionPlan(ConnectionKey key, Domain destination, Timeouts timeouts, int messagesPerConnection, IdleTime idle, String gateway,
                             Optional<Inquiry> inquiry) {

    /// By the virtual gateway `default`.
    public ConnectionPlan(ConnectionKey key, Domain destination, Timeouts timeouts, int messagesPerConnection, Duration idle) {
        this(key, destination, timeouts, messagesPerConnection, idle, Gateway.DEFAULT);
    }

    /// Without an inquiry.
    public ConnectionPlan(ConnectionKey key, Domain destination, Timeouts timeouts, int messagesPerConnection, Duration idle, String gateway) {
        this(key, destination, timeouts, messagesPerConnection, IdleTime.exactly(idle), gateway, Optional.empty());
    }

    public ConnectionPlan {
        if (messagesPerConnection < 1) {
            throw new IllegalArgumentException("messages per connection: " + messagesPerConnection);
        }
    }

    /// The same connection, the handshake offered one step further down.
    public ConnectionPlan at(LadderStep step) {
        Terms terms = key.terms();
        Terms lower = new Terms(terms.ehloName(), terms.reading(), terms.strictReplies(), terms.tls().at(step), terms.auth(), terms.chosen());
        return new ConnectionPlan(new ConnectionKey(key.source(), key.peer(), lower, key.host(), key.offer()), destination, timeouts, messagesPerConnection, idle, gateway, inquiry);
    }

    /// The same host without mail: TLS from the top of the ladder, whoever answers, and no credentials.
    public ConnectionPlan probing() {
        Terms terms = key.terms();
        HostTerms tls = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.ALWAYS), terms.tls().rule(), terms.tls().implicitTls(), false, TlsReason.POLICY_NONE, false);
        Terms plain = new Terms(terms.ehloName(), terms.reading(), terms.strictReplies(), tls, Optional.empty(), terms.chosen());
        return new ConnectionPlan(new ConnectionKey(key.source(), key.peer(), plain, key.host(), key.offer()), destination, timeouts, 1, idle, gateway, Optional.empty());
    }

    /// The host's name as the log shows it; its address where it has none.
    public String hostName() {
        return key.host().map(Domain::name).orElse(key.peer().getAddress().getHostAddress());
    }
}
