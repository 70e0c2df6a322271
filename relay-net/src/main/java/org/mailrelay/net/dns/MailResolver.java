package org.mailrelay.net.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressLookup;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.core.route.Mx;
import org.mailrelay.core.route.MxLookup;
import org.mailrelay.core.settings.RelaySettings;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// What mail wants to know of DNS. Blocks: call it from virtual threads. May be shared.
public final class MailResolver {

    private static final int MAX_ANSWERS_KEPT = 50_000;

    private final AnswerCache cache;

    public MailResolver(RelaySettings.Dns settings, InstantSource time, LookupListener listener) {
        Questioner questioner = new Questioner(settings.servers(), settings.timeout());
        this.cache = new AnswerCache(MAX_ANSWERS_KEPT, time, listener, questioner::ask);
    }

    public MxLookup mx(Domain domain) {
        return switch (ask(domain, Type.MX)) {
            case Answer.Records(var records) -> found(records);
            case Answer.NoData _ -> new MxLookup.NoMx();
            case Answer.NxDomain _ -> new MxLookup.NxDomain();
            case Answer.Failed(var why) -> new MxLookup.Failed(why);
        };
    }

    /// A root target beside others is no null MX and no host either (RFC 7505 §3); it is left out.
    private static MxLookup found(List<Record> records) {
        List<Mx> all = records.stream().map(MXRecord.class::cast).map(mx -> Mx.of(mx.getPriority(), mx.getTarget().equals(Name.root) ? "." : mx.getTarget().toString(true))).toList();
        List<Mx> hosts = all.stream().filter(mx -> !mx.isNull()).toList();
        return hosts.isEmpty() ? new MxLookup.NullMx() : new MxLookup.Found(hosts);
    }

    /// A and AAAA. When one of the two questions fails and the other brings addresses, these are used.
    public AddressLookup addresses(Domain host) {
        Answer six = ask(host, Type.AAAA);
        Answer four = ask(host, Type.A);
        List<InetAddress> found = new ArrayList<>();
        addTo(found, six);
        addTo(found, four);
        if (!found.isEmpty()) {
            return new AddressLookup.Found(found);
        }
        Optional<DnsFailure> failure = failureOf(four).or(() -> failureOf(six));
        if (failure.isPresent()) {
            return new AddressLookup.Failed(failure.get());
        }
        return four instanceof Answer.NxDomain ? new AddressLookup.NxDomain() : new AddressLookup.NoAddress();
    }

    /// The names that an address says it has; those that are no names are left out.
    PointerLookup pointers(InetAddress address) {
        return switch (cache.get(ReverseMap.fromAddress(address), Type.PTR)) {
            case Answer.Records(var records) -> new PointerLookup.Found(records.stream().map(PTRRecord.class::cast)
                    .flatMap(ptr -> Domain.parse(ptr.getTarget().toString(true)).stream()).toList());
            case Answer.NoData _, Answer.NxDomain _ -> new PointerLookup.Found(List.of());
            case Answer.Failed(var why) -> new PointerLookup.Failed(why);
        };
    }

    private Answer ask(Domain domain, int type) {
        try {
            return cache.get(Name.fromString(domain.name(), Name.root), type);
        } catch (TextParseException _) {
            return new Answer.NxDomain();   // longer on the wire than a name may be
        }
    }

    private static Optional<DnsFailure> failureOf(Answer answer) {
        return answer instanceof Answer.Failed(var why) ? Optional.of(why) : Optional.empty();
    }

    private static void addTo(List<InetAddress> found, Answer answer) {
        if (answer instanceof Answer.Records(var records)) {
            records.forEach(record -> addTo(found, record));
        }
    }

    /// From the octets: the name stays out of the address, so that nothing looks it up again.
    private static void addTo(List<InetAddress> found, Record record) {
        try {
            if (record instanceof ARecord a) {
                found.add(InetAddress.getByAddress(a.getAddress().getAddress()));
            } else if (record instanceof AAAARecord aaaa) {
                found.add(InetAddress.getByAddress(aaaa.getAddress().getAddress()));
            }
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address record of odd length: " + record, impossible);
        }
    }
}
