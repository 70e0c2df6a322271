package org.mailrelay.net.dns;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.DnsOrigin;
import org.mailrelay.core.route.HostOrigin;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.net.tls.TlsaMaterial;
import org.xbill.DNS.Name;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TextParseException;

/// Finds the TLSA records of a mail host (RFC 7672 §2.2). Blocks.
///
/// They are asked for only where every answer on the way to the host was secure: then a lookup that fails is an attack or an outage,
/// and the host must wait. Where one was insecure nothing is asked, because servers of unsigned zones often fail at such
/// questions, and the host is used as if there were no DANE.
public final class TlsaFinder {

    /// Hosts publish a handful; each costs something at every handshake.
    private static final int MOST_RECORDS = 100;

    private final MailResolver resolver;

    public TlsaFinder(MailResolver resolver) {
        this.resolver = resolver;
    }

    /// @param port of the connection
    public TlsaLookup find(HostOrigin origin, Domain host, int port) {
        if (!origin.nameIsSecure()) {
            return new TlsaLookup.None();
        }
        for (Domain base : bases(origin.addresses(), host)) {
            TlsaLookup found = at(base, port, origin);
            if (!(found instanceof TlsaLookup.None)) {
                return found;
            }
        }
        return new TlsaLookup.None();
    }

    /// RFC 7672 §2.2.2: the secure end of the host's aliases first, then the host. Where only the first alias is secure, the host alone.
    private static List<Domain> bases(DnsOrigin addresses, Domain host) {
        if (addresses.state() == DnssecState.SECURE) {
            Set<Domain> bases = new LinkedHashSet<>(addresses.end().stream().toList());
            bases.add(host);
            return List.copyOf(bases);
        }
        return addresses.end().isPresent() && addresses.first() == DnssecState.SECURE ? List.of(host) : List.of();
    }

    private TlsaLookup at(Domain base, int port, HostOrigin origin) {
        Optional<Name> name = nameOf(base, port);
        if (name.isEmpty()) {
            return new TlsaLookup.None();
        }
        return switch (resolver.tlsa(name.get())) {
            case Answer.Records(var records, var path) when path.secure() -> ofSecure(records.stream().map(TLSARecord.class::cast).map(TlsaFinder::value).toList(), base, origin);
            case Answer.Records _, Answer.NoData _, Answer.NxDomain _ -> new TlsaLookup.None();
            case Answer.Failed(var why, String detail) ->
                    new TlsaLookup.Failed(name.get().toString(true) + " TLSA - " + why.words() + (detail.isEmpty() ? "" : " (" + detail + ")"));
        };
    }

    private static TlsaLookup ofSecure(List<TlsaRecord> records, Domain base, HostOrigin origin) {
        List<TlsaRecord> usable = records.stream().filter(TlsaMaterial::usable).sorted().limit(MOST_RECORDS).toList();
        if (usable.isEmpty()) {
            return new TlsaLookup.AllUnusable(base);
        }
        List<Domain> names = new ArrayList<>(List.of(origin.nextHop()));
        origin.secureEndOfNextHop().ifPresent(names::add);
        names.add(base);
        return new TlsaLookup.Usable(usable, base, names.stream().distinct().toList());
    }

    static TlsaRecord value(TLSARecord record) {
        return new TlsaRecord(record.getCertificateUsage(), record.getSelector(), record.getMatchingType(), HexFormat.of().formatHex(record.getCertificateAssociationData()));
    }

    /// Empty: longer than a name may be, so nothing can be published there.
    private static Optional<Name> nameOf(Domain base, int port) {
        try {
            return Optional.of(Name.fromString("_" + port + "._tcp." + base.name(), Name.root));
        } catch (TextParseException tooLong) {
            return Optional.empty();
        }
    }
}
