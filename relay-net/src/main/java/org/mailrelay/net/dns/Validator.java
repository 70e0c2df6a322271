package org.mailrelay.net.dns;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.core.tls.DnssecState;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSEC3Record;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;
import org.xbill.DNS.dnssec.ValidatingResolver;

/// Puts one question to the servers and validates what they answer, down from the trust anchors. The servers need not
/// validate, and what they say of it (the AD bit) is not looked at; they must pass signatures on. Keeps keys, no answers.
final class Validator {

    /// RFC 9276 §3.2: beyond, the hashes prove nothing to us.
    private static final int MOST_NSEC3_ROUNDS = 100;
    private static final int OPT_OUT = 1;

    private final Servers servers;
    private final ValidatingResolver resolver;
    private final List<Name> anchored;

    Validator(Servers servers, TrustAnchors anchors, InstantSource time) {
        this.servers = servers;
        this.anchored = anchors.records().stream().map(Record::getName).distinct().toList();
        this.resolver = new ValidatingResolver(servers, time.withZone(ZoneOffset.UTC));
        Properties limits = new Properties();
        List.of(1024, 2048, 4096).forEach(bits -> limits.setProperty("dnsjava.dnssec.nsec3.iterations." + bits, String.valueOf(MOST_NSEC3_ROUNDS)));
        try {
            resolver.init(limits);
            resolver.loadTrustAnchors(anchors.text());
        } catch (IOException impossible) {
            throw new IllegalStateException("anchors that were read once", impossible);
        }
    }

    sealed interface Verdict {
        /// @param message NOERROR or NXDOMAIN
        record Usable(Message message, DnssecState security) implements Verdict {}

        record Failed(DnsFailure why, String detail) implements Verdict {}
    }

    Verdict ask(Name name, int type) {
        Verdict first = validated(name, type);
        return first instanceof Verdict.Failed(var why, _) && why == DnsFailure.BOGUS && bareDenial(name, type) && underUnsignedZone(name)
                ? plainly(name, type) : first;
    }

    private Verdict validated(Name name, int type) {
        Work work = new Work();
        return switch (sent(resolver, name, type, work)) {
            case Sent.Failed(var failure) -> new Verdict.Failed(failure, "");
            case Sent.Answered(var message) -> {
                DnsFailure hidden = work.failure();
                yield hidden == null ? judged(message) : new Verdict.Failed(hidden, "");
            }
        };
    }

    /// The library marks what it has validated with AD, makes a SERVFAIL of what is bogus, and otherwise gives its reason
    /// for "unsigned". Without a reason an answer counts as unsigned only where a zone opts out (RFC 5155 §6): whatever
    /// else the library gave up on must not pass as proved to be unsigned.
    private static Verdict judged(Message message) {
        boolean usable = message.getRcode() == Rcode.NOERROR || message.getRcode() == Rcode.NXDOMAIN;
        String reason = reason(message);
        if (!usable) {
            return new Verdict.Failed(DnsFailure.BOGUS, reason);
        }
        if (message.getHeader().getFlag(Flags.AD)) {
            return new Verdict.Usable(message, DnssecState.SECURE);
        }
        return !reason.isEmpty() || optsOut(message) ? new Verdict.Usable(message, DnssecState.INSECURE)
                : new Verdict.Failed(DnsFailure.BOGUS, "neither signed nor proved to be unsigned");
    }

    private static boolean optsOut(Message message) {
        return message.getSection(Section.AUTHORITY).stream().anyMatch(r -> r instanceof NSEC3Record hash && (hash.getFlags() & OPT_OUT) != 0);
    }

    private static String reason(Message message) {
        return message.getSection(Section.ADDITIONAL).stream()
                .filter(r -> r.getDClass() == ValidatingResolver.VALIDATION_REASON_QCLASS).filter(TXTRecord.class::isInstance).map(TXTRecord.class::cast)
                .map(text -> String.join("", text.getStrings())).collect(Collectors.joining(" "));
    }

    /// A denial without any record beside it, as servers of unsigned zones give it: it proves nothing, so the library cannot
    /// tell on what side of the end of signed space it lies.
    private boolean bareDenial(Name name, int type) {
        return plainly(name, type) instanceof Verdict.Usable(var message, _)
                && message.getSection(Section.ANSWER).isEmpty() && message.getSection(Section.AUTHORITY).isEmpty();
    }

    /// The nearest zone above `name` answers for its own SOA, and is proved to be unsigned. Where an anchor stands between the two the name lies in signed space,
    /// whatever is said of the zones on the way.
    private boolean underUnsignedZone(Name name) {
        for (int cut = 0; cut < name.labels() - 1; cut++) {
            Name zone = new Name(name, cut);
            if (validated(zone, Type.SOA) instanceof Verdict.Usable(var message, var security)
                    && message.getSection(Section.ANSWER).stream().anyMatch(r -> r.getType() == Type.SOA && r.getName().equals(zone))) {
                return security == DnssecState.INSECURE && anchored.stream().noneMatch(anchor -> !anchor.equals(zone) && anchor.subdomain(zone) && name.subdomain(anchor));
            }
        }
        return false;
    }

    private Verdict plainly(Name name, int type) {
        return switch (sent(servers, name, type, new Work())) {
            case Sent.Failed(var failure) -> new Verdict.Failed(failure, "");
            case Sent.Answered(var message) -> new Verdict.Usable(message, DnssecState.INSECURE);
        };
    }

    sealed interface Sent {
        record Answered(Message message) implements Sent {}

        record Failed(DnsFailure why) implements Sent {}
    }

    /// Blocks for as long as the work may take, and no longer.
    static Sent sent(Resolver resolver, Name name, int type, Work work, Duration limit) {
        try {
            return new Sent.Answered(resolver.sendAsync(Message.newQuery(Record.newRecord(name, type, DClass.IN)), work)
                    .toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException _) {
            return new Sent.Failed(DnsFailure.TIMEOUT);
        } catch (ExecutionException failure) {
            return new Sent.Failed(failureOf(failure, work));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new Sent.Failed(DnsFailure.TIMEOUT);
        } finally {
            work.end();
        }
    }

    private Sent sent(Resolver by, Name name, int type, Work work) {
        return sent(by, name, type, work, servers.patience().multipliedBy(2));
    }

    /// What is no failure of the servers is the library's, and what a server wrote has led to it.
    private static DnsFailure failureOf(ExecutionException failure, Work work) {
        @Nullable DnsFailure known = work.failure();
        return known != null ? known : DnsFailure.MALFORMED;
    }
}
