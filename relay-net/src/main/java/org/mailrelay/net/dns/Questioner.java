package org.mailrelay.net.dns;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.core.tls.DnssecState;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// Puts one question, validates the answer where it is told to, and follows aliases. Keeps nothing.
final class Questioner {

    /// How many aliases are followed from one name.
    static final int MAX_ALIASES = 10;
    /// Of one answer; what is beyond is not looked at.
    static final int MAX_RECORDS = 1_000;
    private static final Duration NEGATIVE_TTL_MOST = Duration.ofMinutes(5);
    private static final Duration POSITIVE_TTL_MOST = Duration.ofHours(1);
    private static final Duration FAILURE_TTL = Duration.ofSeconds(2);
    /// For one question, its aliases included.
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Servers servers;
    private final InstantSource time;

    Questioner(Servers servers, InstantSource time) {
        this.servers = servers;
        this.time = time;
    }

    /// @param ttl how long the answer may be kept
    record Timed(Answer answer, Duration ttl) {}

    /// @param validator null: the answer is taken as it comes
    Timed ask(Name question, int type, @Nullable Validator validator) {
        Chase chase = new Chase(question, type, validator);
        while (true) {
            Optional<Timed> end = chase.step();
            if (end.isPresent()) {
                return end.get();
            }
        }
    }

    private static Timed failed(DnsFailure why, String detail) {
        return new Timed(new Answer.Failed(why, detail), FAILURE_TTL);
    }

    /// From the name that was asked for to the end of its aliases.
    private final class Chase {

        private final int type;
        private final @Nullable Validator validator;
        private final Instant until = time.instant().plus(LIMIT);
        private Name name;
        private long ttl = POSITIVE_TTL_MOST.toSeconds();
        private int aliases;
        private @Nullable DnssecState first;
        private DnssecState weakest = DnssecState.SECURE;

        Chase(Name question, int type, @Nullable Validator validator) {
            this.name = question;
            this.type = type;
            this.validator = validator;
        }

        /// One question to the servers. Empty: an alias leads on.
        Optional<Timed> step() {
            if (time.instant().isAfter(until)) {
                return Optional.of(failed(DnsFailure.TIMEOUT, "aliases"));
            }
            return switch (put(name, type)) {
                case Validator.Verdict.Failed(var why, String detail) -> Optional.of(failed(why, detail));
                case Validator.Verdict.Usable(var message, var security) -> read(message, security);
            };
        }

        private Validator.Verdict put(Name asked, int askedType) {
            if (validator != null) {
                return validator.ask(asked, askedType);
            }
            return switch (Validator.sent(servers, asked, askedType, new Work(), servers.patience())) {
                case Validator.Sent.Failed(var why) -> new Validator.Verdict.Failed(why, "");
                case Validator.Sent.Answered(var message) -> new Validator.Verdict.Usable(message, DnssecState.UNVALIDATED);
            };
        }

        private Optional<Timed> read(Message message, DnssecState security) {
            boolean moved = false;
            for (CNAMERecord alias = aliasOf(message); alias != null; alias = aliasOf(message)) {
                moved = true;
                if (++aliases > MAX_ALIASES) {
                    return Optional.of(failed(DnsFailure.ALIAS_LOOP, ""));
                }
                if (security == DnssecState.INSECURE) {
                    // Of the whole message only its weakest part is known: each link is asked for on its own.
                    return follow(put(name, Type.CNAME));
                }
                pass(alias, security);
            }
            Name owner = name;
            List<Record> found = message.getSection(Section.ANSWER).stream()
                    .filter(r -> r.getType() == type && r.getDClass() == DClass.IN && r.getName().equals(owner)).limit(MAX_RECORDS).toList();
            if (!found.isEmpty()) {
                return Optional.of(new Timed(new Answer.Records(found, path(security)), Duration.ofSeconds(Math.min(ttl, life(message, found)))));
            }
            if (message.getRcode() == Rcode.NXDOMAIN) {
                return Optional.of(new Timed(new Answer.NxDomain(path(security)), negativeTtl(message)));
            }
            return moved ? Optional.empty() : Optional.of(new Timed(new Answer.NoData(path(security)), negativeTtl(message)));
        }

        private Optional<Timed> follow(Validator.Verdict link) {
            switch (link) {
                case Validator.Verdict.Failed(var why, String detail) -> {
                    return Optional.of(failed(why, detail));
                }
                case Validator.Verdict.Usable(var message, var security) -> {
                    CNAMERecord alias = cname(message);
                    if (alias == null) {
                        return Optional.of(failed(DnsFailure.MALFORMED, "an alias that is gone when asked for"));
                    }
                    pass(alias, security);
                    return Optional.empty();
                }
            }
        }

        private void pass(CNAMERecord alias, DnssecState security) {
            ttl = Math.min(ttl, alias.getTTL());
            name = alias.getTarget();
            first = first == null ? security : first;
            weakest = weaker(weakest, security);
        }

        private @Nullable CNAMERecord aliasOf(Message message) {
            return type == Type.CNAME ? null : cname(message);
        }

        private @Nullable CNAMERecord cname(Message message) {
            return message.getSection(Section.ANSWER).stream().filter(r -> r.getName().equals(name))
                    .filter(CNAMERecord.class::isInstance).map(CNAMERecord.class::cast).findFirst().orElse(null);
        }

        private Answer.Path path(DnssecState ofTheEnd) {
            return new Answer.Path(name, aliases > 0, weaker(weakest, ofTheEnd), first == null ? ofTheEnd : first);
        }

        private static DnssecState weaker(DnssecState one, DnssecState other) {
            return one == DnssecState.SECURE ? other : one;
        }

        /// RFC 4035 §5.3.3: what is signed is kept no longer than its signature says and holds.
        private long life(Message message, List<Record> found) {
            long least = found.stream().mapToLong(Record::getTTL).min().orElse(0);
            Instant now = time.instant();
            long signed = message.getSection(Section.ANSWER).stream().filter(RRSIGRecord.class::isInstance).map(RRSIGRecord.class::cast)
                    .filter(s -> s.getTypeCovered() == type && s.getName().equals(name))
                    .mapToLong(s -> Math.min(s.getOrigTTL(), Duration.between(now, s.getExpire()).toSeconds())).min().orElse(least);
            return Math.max(0, Math.min(least, signed));
        }
    }

    /// RFC 2308 §5: the lesser of the SOA's TTL and its minimum; without SOA nothing is kept.
    private static Duration negativeTtl(Message message) {
        return message.getSection(Section.AUTHORITY).stream().filter(SOARecord.class::isInstance).map(SOARecord.class::cast)
                .map(soa -> Duration.ofSeconds(Math.min(soa.getTTL(), soa.getMinimum())))
                .map(ttl -> ttl.compareTo(NEGATIVE_TTL_MOST) > 0 ? NEGATIVE_TTL_MOST : ttl)
                .findFirst().orElse(Duration.ZERO);
    }
}
