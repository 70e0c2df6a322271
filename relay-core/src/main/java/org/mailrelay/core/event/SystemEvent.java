package org.mailrelay.core.event;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;

/// The relay itself.
public sealed interface SystemEvent extends MailEvent {

    @Override
    default Level level() {
        return Level.INFO;
    }

    /// `System is coming up: relay.example.com, 12 messages in the queue`
    record Started(Instant at, String hostname, long messages) implements SystemEvent {}

    /// `System is going down`
    record Stopping(Instant at) implements SystemEvent {}

    /// `Listener private accepts connections at 127.0.0.1:2525`
    record ListenerBound(Instant at, String listener, String address) implements SystemEvent {}

    /// `Listener private cannot be bound at 127.0.0.1:2525: Address already in use`
    record ListenerFailed(Instant at, String listener, String address, String reason) implements SystemEvent {
        @Override
        public Level level() {
            return Level.CRITICAL;
        }
    }

    /// `Receiving Failed: Connection limit exceeded: 1234 further connections from 203.0.113.9 in a minute`: beside those that were told by themselves
    ///
    /// @param address or `other addresses`, where there were too many to tell
    record ConnectionsRefused(Instant at, String address, InjectionEvent.ReceivingFailure why, long count) implements SystemEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `Configuration loaded, generation 2`
    record ConfigurationLoaded(Instant at, long generation) implements SystemEvent {}

    /// `Configuration not changed: conf/destinations.yaml:14:5: unknown key 'tsl', did you mean 'tls'?`
    record ConfigurationRefused(Instant at, String problem) implements SystemEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `Not read again: certs/relay.pem: no usable certificate and key in certs/relay.pem and certs/relay.key`, or `Read again: certs/relay.pem`
    ///
    /// @param files   that have changed
    /// @param problem why what was read before stays in force
    record FilesReadAgain(Instant at, List<String> files, Optional<String> problem) implements SystemEvent {
        public FilesReadAgain {
            files = List.copyOf(files);
        }

        @Override
        public Level level() {
            return problem.isPresent() ? Level.WARNING : Level.INFO;
        }
    }

    /// `Spool: segment-0000000000000001.log at 4711: 120 octets are damaged and left out`
    ///
    /// @param offset octets; -1 where it says nothing
    record SpoolTroubled(Instant at, boolean critical, String file, long offset, String detail) implements SystemEvent {
        @Override
        public Level level() {
            return critical ? Level.CRITICAL : Level.WARNING;
        }
    }

    /// `Source address 192.0.2.8 cannot be used: Cannot assign requested address`; told once, and again only after it has worked
    record SourceUnusable(Instant at, String address, String reason) implements SystemEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `DNSSEC: validation does not work here, answers are taken unvalidated and DANE is off: .: SOA DNSSEC bogus`,
    /// or `..., mail that needs it waits: ...`, or `DNSSEC: validation works: . is secure`
    ///
    /// @param detail what each canary said
    record DnssecTried(Instant at, Dnssec outcome, String detail) implements SystemEvent {
        public enum Dnssec { WORKING, BROKEN_DEFERRING, BROKEN_IGNORED }

        @Override
        public Level level() {
            return outcome == Dnssec.WORKING ? Level.INFO : Level.WARNING;
        }
    }

    /// `DANE for MX mx1.example.com: failed, _25._tcp.mx1.example.com TLSA - Timeout`
    record DaneLookedUp(Instant at, Domain mailHost, Result result, String detail) implements SystemEvent {
        public enum Result { USABLE, UNUSABLE, NONE, FAILED }

        @Override
        public Level level() {
            return result == Result.FAILED || result == Result.UNUSABLE ? Level.INFO : Level.DEBUG;
        }
    }

    /// `MTA-STS for example.com: broken, line 2: 'mode: enforced': expected mode enforce, testing or none`
    record StsLookedUp(Instant at, Domain domain, Result result, String detail) implements SystemEvent {
        public enum Result { ENFORCE, TESTING, NONE, FETCH_FAILED, UNTRUSTED, BROKEN }

        @Override
        public Level level() {
            return switch (result) {
                case ENFORCE, TESTING, NONE -> Level.DEBUG;
                case FETCH_FAILED, UNTRUSTED, BROKEN -> Level.INFO;
            };
        }
    }

    /// What operators are told of beyond the log, once: by mail and webhook.
    sealed interface Alert extends SystemEvent {}

    /// `Alert: mail to example.com waits, no mail host has met policy required from conf/destinations.yaml:14 [example.com] since 2026-11-24T12:00:00Z: mx1.example.com: STARTTLS not offered`
    ///
    /// @param since when a host was first refused
    record PolicyStopsMail(Instant at, Domain domain, String entry, String mx, TlsRule rule, List<TlsReason> why, Instant since) implements Alert {
        public PolicyStopsMail {
            why = List.copyOf(why);
        }

        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `Alert over: mail to example.com is delivered again by mx1.example.com after 120 minutes`
    record MailGoesOn(Instant at, Domain domain, String entry, String mx, Duration lasted) implements Alert {}

    /// `Alert: the exception of broken.example at conf/destinations.yaml:20 ends with 2027-01-31 (postmaster@example.org: their EHLO puts STARTTLS first)`
    ///
    /// @param expires its last day
    record ExceptionEnds(Instant at, String entry, String position, String owner, String reason, LocalDate expires) implements Alert {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// Of our own network; told by who watches it, not made from other events.
    sealed interface OwnPath extends Alert {}

    /// `Alert: our own network is suspected: 7 of 8 unrelated mail hosts lost TLS or changed certificates at once from 192.0.2.8 (mx1.example.com, mx1.example.net); opportunistic mail waits until 2026-11-24T16:00:00Z at most`
    ///
    /// @param source our address
    /// @param hosts  some of those affected
    /// @param until  opportunistic mail waits until then at most; `at` itself where it does not wait
    record OwnPathSuspected(Instant at, String source, int lost, int of, List<String> hosts, Instant until) implements OwnPath {
        public OwnPathSuspected {
            hosts = List.copyOf(hosts);
        }

        @Override
        public Level level() {
            return Level.CRITICAL;
        }
    }

    /// `Alert: mail from 192.0.2.8 no longer waits for our own network, suspected since 2026-11-24T12:00:00Z: it goes as its policy says, in the clear too`
    record OwnPathGivenUp(Instant at, String source, Instant since) implements OwnPath {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `Alert over: mail hosts are as they were from 192.0.2.8, our own network is trusted again after 25 minutes`
    ///
    /// @param asBefore else they have not come back, and are taken as they are
    record OwnPathTrusted(Instant at, String source, Duration lasted, boolean asBefore) implements OwnPath {}

    /// `2 exceptions have ended or end within fourteen days`; counted every hour
    record ExceptionsCounted(Instant at, long ending) implements SystemEvent {
        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /// `Receiving suspended`, `Delivery resumed`
    record Switched(Instant at, String what, boolean suspended) implements SystemEvent {}

    /// `The clock was set forward by 432000 seconds: mail grows no older by it`
    ///
    /// @param by negative for back
    record ClockJumped(Instant at, Duration by) implements SystemEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /// `A fault of this program ended thread spool-writer: java.lang.IllegalStateException: no segment; it ends, and has to be started anew`; the trace of the bug
    /// is on standard error
    ///
    /// @param vital the process ends with the thread; else the last words are left out
    record Fault(Instant at, String thread, String what, boolean vital) implements SystemEvent {
        @Override
        public Level level() {
            return Level.CRITICAL;
        }
    }

    /// `mail_logs: 12 lines were dropped, the reader is too slow`
    record LinesDropped(Instant at, String reader, long count) implements SystemEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }
}
