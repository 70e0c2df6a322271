package org.mailrelay.net.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.route.DnsFailure;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import org.xbill.DNS.WireParseException;

/// Puts one question to the servers in turn and follows aliases. Keeps nothing. UDP first; the library repeats a truncated
/// answer over TCP (RFC 7766 §5) and discards answers that do not match the question.
final class Questioner {

    /// How many aliases are followed from one name.
    static final int MAX_ALIASES = 10;
    /// Of one answer; what is beyond is not looked at.
    static final int MAX_RECORDS = 1_000;
    private static final Duration NEGATIVE_TTL_MOST = Duration.ofMinutes(5);
    private static final Duration POSITIVE_TTL_MOST = Duration.ofHours(1);
    private static final Duration FAILURE_TTL = Duration.ofSeconds(2);

    private final List<SimpleResolver> servers;

    /// @param servers empty: those of the system
    Questioner(List<InetSocketAddress> servers, Duration timeout) {
        List<InetSocketAddress> asked = servers.isEmpty() ? ResolverConfig.getCurrentConfig().servers() : servers;
        this.servers = asked.stream().map(SimpleResolver::new).toList();
        this.servers.forEach(server -> server.setTimeout(timeout));
    }

    /// @param ttl how long the answer may be kept
    record Timed(Answer answer, Duration ttl) {}

    Timed ask(Name question, int type) {
        Name name = question;
        long ttl = POSITIVE_TTL_MOST.toSeconds();
        int aliases = 0;
        while (true) {
            Reply reply = askServers(name, type);
            if (reply.failure() != null) {
                return failed(reply.failure());
            }
            Message message = Objects.requireNonNull(reply.message());
            List<Record> section = message.getSection(Section.ANSWER);
            boolean moved = false;
            for (CNAMERecord alias = aliasOf(name, section, type); alias != null; alias = aliasOf(name, section, type)) {
                if (++aliases > MAX_ALIASES) {
                    return failed(DnsFailure.ALIAS_LOOP);
                }
                ttl = Math.min(ttl, alias.getTTL());
                name = alias.getTarget();
                moved = true;
            }
            Name owner = name;
            List<Record> found = section.stream().filter(r -> r.getType() == type && r.getDClass() == DClass.IN && r.getName().equals(owner)).limit(MAX_RECORDS).toList();
            if (!found.isEmpty()) {
                long least = found.stream().mapToLong(Record::getTTL).min().orElse(0);
                return new Timed(new Answer.Records(found), Duration.ofSeconds(Math.min(ttl, least)));
            }
            if (message.getRcode() == Rcode.NXDOMAIN) {
                return new Timed(new Answer.NxDomain(), negativeTtl(message));
            }
            if (!moved) {
                return new Timed(new Answer.NoData(), negativeTtl(message));
            }
        }
    }

    private static Timed failed(DnsFailure why) {
        return new Timed(new Answer.Failed(why), FAILURE_TTL);
    }

    private static @Nullable CNAMERecord aliasOf(Name name, List<Record> section, int type) {
        if (type == Type.CNAME) {
            return null;
        }
        return section.stream().filter(r -> r.getName().equals(name)).filter(CNAMERecord.class::isInstance).map(CNAMERecord.class::cast).findFirst().orElse(null);
    }

    /// RFC 2308 §5: the lesser of the SOA's TTL and its minimum; without SOA nothing is kept.
    private static Duration negativeTtl(Message message) {
        return message.getSection(Section.AUTHORITY).stream().filter(SOARecord.class::isInstance).map(SOARecord.class::cast)
                .map(soa -> Duration.ofSeconds(Math.min(soa.getTTL(), soa.getMinimum())))
                .map(ttl -> ttl.compareTo(NEGATIVE_TTL_MOST) > 0 ? NEGATIVE_TTL_MOST : ttl)
                .findFirst().orElse(Duration.ZERO);
    }

    private record Reply(@Nullable Message message, @Nullable DnsFailure failure) {}

    /// The next server only where one gave no usable answer; the last failure is told.
    private Reply askServers(Name name, int type) {
        Reply last = new Reply(null, DnsFailure.NETWORK);
        for (SimpleResolver server : servers) {
            last = askOne(server, name, type);
            if (last.failure() == null) {
                return last;
            }
        }
        return last;
    }

    private static Reply askOne(SimpleResolver server, Name name, int type) {
        try {
            Message answer = server.send(Message.newQuery(Record.newRecord(name, type, DClass.IN)));
            return switch (answer.getRcode()) {
                case Rcode.NOERROR, Rcode.NXDOMAIN -> new Reply(answer, null);
                case Rcode.REFUSED -> new Reply(null, DnsFailure.REFUSED);
                default -> new Reply(null, DnsFailure.SERVFAIL);
            };
        } catch (WireParseException _) {
            return new Reply(null, DnsFailure.MALFORMED);
        } catch (SocketTimeoutException _) {
            return new Reply(null, DnsFailure.TIMEOUT);
        } catch (PortUnreachableException _) {
            return new Reply(null, DnsFailure.NETWORK);
        } catch (IOException failure) {
            return new Reply(null, causeOf(failure));
        }
    }

    private static DnsFailure causeOf(IOException failure) {
        List<Throwable> seen = new ArrayList<>();
        for (Throwable cause = failure; cause != null && seen.size() < 8; cause = cause.getCause()) {
            seen.add(cause);
            if (cause instanceof TimeoutException) {
                return DnsFailure.TIMEOUT;
            }
            if (cause instanceof WireParseException) {
                return DnsFailure.MALFORMED;
            }
        }
        return DnsFailure.NETWORK;
    }
}
