package org.mailrelay.net.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.route.AddressLookup;
import org.mailrelay.core.route.DnsFailure;
import org.mailrelay.core.route.DnsOrigin;
import org.mailrelay.core.route.Mx;
import org.mailrelay.core.route.MxLookup;
import org.mailrelay.core.settings.RelaySettings;
import org.mailrelay.core.tls.DnssecState;
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
///
/// Answers are validated in this process while [#validating()]; the servers need not validate, and are not believed.
public final class MailResolver {

    private static final int MAX_ANSWERS_KEPT = 50_000;
    private static final Duration FIRST_TRIAL = Duration.ofSeconds(10);

    private final AnswerCache cache;
    private final @Nullable Validator validator;
    private volatile boolean validating;
    /// Done once it is known whether validation works here.
    private final CompletableFuture<Void> tried = new CompletableFuture<>();

    /// Without validation, whatever the settings say of it.
    public MailResolver(RelaySettings.Dns settings, InstantSource time, LookupListener listener) {
        this(settings, time, listener, null);
    }

    private MailResolver(RelaySettings.Dns settings, InstantSource time, LookupListener listener, @Nullable Validator validator) {
        Questioner questioner = new Questioner(new Servers(settings.servers(), settings.timeout()), time);
        this.cache = new AnswerCache(MAX_ANSWERS_KEPT, time, listener, (name, type, validated) -> questioner.ask(name, type, validated ? validator : null));
        this.validator = validator;
        this.validating = validator != null;
        if (validator == null) {
            tried.complete(null);
        }
    }

    /// With validation where the settings ask for it. Then no question is answered before [ValidationWatch] has tried it once, or ten
    /// seconds have gone by.
    ///
    /// @throws IOException when the file of trust anchors cannot be read
    public static MailResolver open(RelaySettings.Dns settings, InstantSource time, LookupListener listener) throws IOException {
        if (settings.validation().isEmpty()) {
            return new MailResolver(settings, time, listener);
        }
        Validator validator = new Validator(new Servers(settings.servers(), settings.timeout()), TrustAnchors.read(settings.validation().get().trustAnchors()), time);
        return new MailResolver(settings, time, listener, validator);
    }

    /// False where answers are taken as they come: then none is called secure.
    public boolean validating() {
        return validating;
    }

    /// Turns validation off where it cannot work, and on again. Without anchors there is none.
    void validate(boolean on) {
        validating = on && validator != null;
        tried.complete(null);
    }

    private boolean validates() {
        try {
            tried.get(FIRST_TRIAL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException _) {
            tried.complete(null);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return validating;
    }

    @Nullable Validator validator() {
        return validator;
    }

    public MxLookup mx(Domain domain) {
        return switch (ask(domain, Type.MX)) {
            case Answer.Records(var records, var path) -> found(records, origin(path));
            case Answer.NoData _ -> new MxLookup.NoMx();
            case Answer.NxDomain _ -> new MxLookup.NxDomain();
            case Answer.Failed(var why, _) -> new MxLookup.Failed(why);
        };
    }

    /// A root target beside others is no null MX and no host either (RFC 7505 §3); it is left out.
    private static MxLookup found(List<Record> records, DnsOrigin origin) {
        List<Mx> all = records.stream().map(MXRecord.class::cast).map(mx -> Mx.of(mx.getPriority(), mx.getTarget().equals(Name.root) ? "." : mx.getTarget().toString(true))).toList();
        List<Mx> hosts = all.stream().filter(mx -> !mx.isNull()).toList();
        return hosts.isEmpty() ? new MxLookup.NullMx() : new MxLookup.Found(hosts, origin);
    }

    private static DnsOrigin origin(Answer.Path path) {
        return new DnsOrigin(path.security(), path.first(), path.aliased() ? Domain.parse(path.end().toString(true)) : Optional.empty());
    }

    /// A and AAAA. When one of the two questions fails and the other brings addresses, these are used.
    public AddressLookup addresses(Domain host) {
        Answer six = ask(host, Type.AAAA);
        Answer four = ask(host, Type.A);
        List<InetAddress> found = new ArrayList<>();
        addTo(found, six);
        addTo(found, four);
        if (!found.isEmpty()) {
            return new AddressLookup.Found(found, weaker(originOf(four), originOf(six)));
        }
        Optional<DnsFailure> failure = failureOf(four).or(() -> failureOf(six));
        if (failure.isPresent()) {
            return new AddressLookup.Failed(failure.get());
        }
        return four instanceof Answer.NxDomain ? new AddressLookup.NxDomain() : new AddressLookup.NoAddress();
    }

    /// Of what was found; a lookup that found nothing says nothing of the addresses.
    private static Optional<DnsOrigin> originOf(Answer answer) {
        return answer instanceof Answer.Records(_, var path) ? Optional.of(origin(path)) : Optional.empty();
    }

    private static DnsOrigin weaker(Optional<DnsOrigin> four, Optional<DnsOrigin> six) {
        if (four.isEmpty() || six.isEmpty()) {
            return four.or(() -> six).orElseThrow();
        }
        return four.get().state() == DnssecState.SECURE ? six.get() : four.get();
    }

    /// The TLSA records at `name` (RFC 6698 §3), as they come.
    Answer tlsa(Name name) {
        return cache.get(name, Type.TLSA, validates());
    }

    /// The texts at `name`, the strings of each record joined (RFC 7208 §3.3), as octets in ISO 8859-1.
    public TextLookup texts(Domain name) {
        return TextLookup.of(ask(name, Type.TXT));
    }

    /// The names that an address says it has; those that are no names are left out. Not validated: the way down from the root
    /// of an IPv6 address is thirty questions long, and [ReverseLookup] takes no name that does not lead back.
    PointerLookup pointers(InetAddress address) {
        return switch (cache.get(ReverseMap.fromAddress(address), Type.PTR, false)) {
            case Answer.Records(var records, _) -> new PointerLookup.Found(records.stream().map(PTRRecord.class::cast)
                    .flatMap(ptr -> Domain.parse(ptr.getTarget().toString(true)).stream()).toList());
            case Answer.NoData _, Answer.NxDomain _ -> new PointerLookup.Found(List.of());
            case Answer.Failed(var why, _) -> new PointerLookup.Failed(why);
        };
    }

    private Answer ask(Domain domain, int type) {
        try {
            return cache.get(Name.fromString(domain.name(), Name.root), type, validates());
        } catch (TextParseException _) {
            // Longer on the wire than a name may be.
            return new Answer.NxDomain(new Answer.Path(Name.root, false, DnssecState.UNVALIDATED, DnssecState.UNVALIDATED));
        }
    }

    private static Optional<DnsFailure> failureOf(Answer answer) {
        return answer instanceof Answer.Failed(var why, _) ? Optional.of(why) : Optional.empty();
    }

    private static void addTo(List<InetAddress> found, Answer answer) {
        if (answer instanceof Answer.Records(var records, _)) {
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
