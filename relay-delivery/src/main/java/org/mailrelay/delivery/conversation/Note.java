package org.mailrelay.delivery.conversation;

import java.util.List;
import org.mailrelay.core.smtp.Finding;
import org.mailrelay.core.tls.CheckResult;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// What an opening found that the log should say, in the order in which it should say it.
public sealed interface Note {
    record Departed(Finding finding) implements Note {}
    /// TLS was wanted or allowed, and the reply to EHLO or HELO offers none.
    record StartTlsNotOffered() implements Note {}
    record TlsFailed(String why) implements Note {}
    /// The handshake is done: the line with protocol and cipher.
    record TlsSucceeded() implements Note {}
    record PeerVerified(String by) implements Note {}
    record PeerNotVerified(CheckResult.Failed check) implements Note {}
    /// Mail will cross in the clear, and why that is allowed.
    record InTheClear(TlsRule rule, TlsReason why) implements Note {}
    /// The handshake failed, and the host is tried one step down.
    record SteppedDown(LadderStep from, LadderStep to) implements Note {}
    /// What `tls_trial` would have stopped.
    record TrialUnmet(TlsRule rule, List<TlsReason> why) implements Note {
        public TrialUnmet {
            why = List.copyOf(why);
        }
    }
    /// Policy forbids this host.
    record NotDelivered(TlsRule rule, List<TlsReason> why) implements Note {
        public NotDelivered {
            why = List.copyOf(why);
        }
    }
}
