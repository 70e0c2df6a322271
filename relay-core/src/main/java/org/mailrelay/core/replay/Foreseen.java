package org.mailrelay.core.replay;

import java.util.List;
import java.util.stream.Collectors;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// What a policy makes of a host that showed what it showed.
public sealed interface Foreseen {

    /// In words, without the rule.
    String words();

    /// No mail here: the next host, then it waits.
    record Deferred(TlsRule rule, List<TlsFault> why) implements Foreseen {
        public Deferred {
            why = List.copyOf(why);
        }

        @Override
        public String words() {
            return why.stream().map(TlsFault::words).collect(Collectors.joining(", "));
        }
    }

    record InTheClear(TlsRule rule, TlsReason why) implements Foreseen {
        @Override
        public String words() {
            return why.words();
        }
    }

    /// Encrypted, the peer not verified.
    ///
    /// @param noted checks that were only watched and failed
    record Encrypted(TlsRule rule, List<TlsFault> noted) implements Foreseen {
        public Encrypted {
            noted = List.copyOf(noted);
        }

        @Override
        public String words() {
            return noted.isEmpty() ? TlsReason.NO_VERIFICATION_ASKED.words() : noted.stream().map(TlsFault::words).collect(Collectors.joining(", "));
        }
    }

    /// @param by what proved it, such as `PKIX name mx1.example.com`
    record Verified(TlsRule rule, String by) implements Foreseen {
        @Override
        public String words() {
            return by;
        }
    }

    /// The record does not say what this policy would have asked.
    record Unknown(String why) implements Foreseen {
        @Override
        public String words() {
            return why;
        }
    }
}
