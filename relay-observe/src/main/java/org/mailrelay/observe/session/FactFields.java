package org.mailrelay.observe.session;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.replay.Circumstances;
import org.mailrelay.core.replay.SeenCertificate;
import org.mailrelay.core.replay.SeenHandshake;
import org.mailrelay.core.replay.SeenPeer;
import org.mailrelay.core.smtp.Keyword;
import org.mailrelay.core.tls.DaneUse;
import org.mailrelay.core.tls.DnssecState;
import org.mailrelay.core.tls.HostQuestion;
import org.mailrelay.core.tls.LadderStep;
import org.mailrelay.core.tls.MessageNeed;
import org.mailrelay.core.tls.Published;
import org.mailrelay.core.tls.StartTlsOffer;
import org.mailrelay.core.tls.StsLookup;
import org.mailrelay.core.tls.StsPolicy;
import org.mailrelay.core.tls.TlsFault;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.core.tls.TlsaLookup;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.core.tls.Trust;

/// [Circumstances] and [SeenPeer] as the fields of a record's text. Parts of a field are parted by U+001F, lists in it by commas.
final class FactFields {

    private static final String PART = "\u001f";
    /// Of a text from afar.
    private static final int LONGEST = 300;
    /// Of a TLSA record's data, in hexadecimal: a digest whole, full data to be told apart.
    private static final int DATA = 128;

    private FactFields() {
    }

    static void put(BiConsumer<String, String> out, Circumstances then) {
        then.floor().ifPresent(level -> out.accept("floor", level.word()));
        if (then.need() != MessageNeed.NONE) {
            out.accept("need", then.need().name());
        }
        then.host().ifPresent(host -> out.accept("host", host.name()));
        then.route().ifPresent(route -> out.accept("route", parts(route.rule().level().word(), route.rule().position(), route.rule().entry(), route.implicitTls() ? "implicit" : "",
                route.auth() ? "auth" : "")));
        then.via().ifPresent(place -> out.accept("via", place));
        out.accept("dnssec", then.published().mx().name() + "," + then.published().addresses().name());
        out.accept("dane", then.dane().word());
        out.accept("tlsa", tlsa(then.published().tlsa()));
        out.accept("sts", sts(then.published().sts()));
        if (then.remembered() != LadderStep.HYBRID) {
            out.accept("step", then.remembered().name());
        }
    }

    private static String tlsa(TlsaLookup lookup) {
        return switch (lookup) {
            case TlsaLookup.None _ -> "";
            case TlsaLookup.Failed(String detail) -> parts("failed", cut(detail));
            case TlsaLookup.AllUnusable(Domain base) -> parts("unusable", base.name());
            case TlsaLookup.Usable(var records, Domain base, var names) -> parts("usable", base.name(), list(names, Domain::name),
                    list(records, record -> record.usage() + " " + record.selector() + " " + record.matching() + " " + record.data().substring(0, Math.min(DATA, record.data().length()))));
        };
    }

    private static String sts(StsLookup lookup) {
        return switch (lookup) {
            case StsLookup.NotAsked _ -> "";
            case StsLookup.NoPolicy _ -> "none";
            case StsLookup.InForce(StsPolicy policy, Instant fetched) -> parts("policy", policy.domain().name(), policy.id(), policy.mode().name(),
                    Long.toString(policy.maxAge().toSeconds()), list(policy.mx(), pattern -> pattern), Long.toString(fetched.toEpochMilli()));
            case StsLookup.FetchFailed(String detail, boolean untrusted) -> parts("unfetched", untrusted ? "untrusted" : "", cut(detail));
            case StsLookup.Broken(int line, _, String problem) -> parts("broken", Integer.toString(line), cut(problem));
        };
    }

    static void put(BiConsumer<String, String> out, SeenPeer seen) {
        seen.hello().ifPresent(hello -> out.accept("hello", parts(hello.strict().name(), hello.tolerant().name(), list(hello.extensions(), Keyword::name))));
        if (seen.startTlsReply() != 0) {
            out.accept("starttls", Integer.toString(seen.startTlsReply()));
        }
        seen.handshake().ifPresent(shaken -> {
            switch (shaken) {
                case SeenHandshake.Failed(String detail, boolean ofCertificate) -> out.accept("unshaken", parts(ofCertificate ? "certificate" : "", cut(detail)));
                case SeenHandshake.Completed done -> put(out, done);
            }
        });
        seen.inTls().ifPresent(offered -> out.accept("intls", parts("offers", list(offered, Keyword::name))));
    }

    private static void put(BiConsumer<String, String> out, SeenHandshake.Completed done) {
        out.accept("shaken", parts(done.protocol(), done.cipher(), done.group().orElse("")));
        done.certificate().ifPresent(certificate -> {
            out.accept("chain", certificate.digest());
            out.accept("until", Long.toString(certificate.until().getEpochSecond()));
            out.accept("names", list(certificate.names(), name -> name) + (certificate.more() ? ",…" : ""));
            certificate.commonName().ifPresent(name -> out.accept("cn", name));
            out.accept("trust", parts(certificate.trust().system() ? "system" : "", list(certificate.trust().files(), Path::toString)));
            certificate.fault().ifPresent(fault -> out.accept("path", parts(fault.why().name(), cut(fault.detail()))));
        });
        done.dane().ifPresent(match -> out.accept("match", parts(match.fault().map(Enum::name).orElse(""), cut(match.words()))));
    }

    private static String parts(String... parts) {
        return Arrays.stream(parts).map(FactFields::clean).collect(Collectors.joining(PART));
    }

    private static String clean(String text) {
        StringBuilder out = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ') {
                out.setCharAt(i, ' ');
            }
        }
        return out.toString();
    }

    private static String cut(String detail) {
        return detail.length() > LONGEST ? detail.substring(0, LONGEST) : detail;
    }

    private static <T> String list(Iterable<T> values, Function<T, String> text) {
        StringBuilder out = new StringBuilder();
        for (T value : values) {
            (out.isEmpty() ? out : out.append(',')).append(text.apply(value));
        }
        return out.toString();
    }

    /// Empty for a record that was made before these fields were.
    static Optional<SessionRecord.Facts> facts(Map<String, String> fields) {
        if (!fields.containsKey("dnssec")) {
            return Optional.empty();
        }
        return Optional.of(new SessionRecord.Facts(circumstances(fields), peer(fields), fields.getOrDefault("proof", "")));
    }

    private static Circumstances circumstances(Map<String, String> fields) {
        String[] states = fields.get("dnssec").split(",");
        Published published = new Published(DnssecState.valueOf(states[0]), DnssecState.valueOf(states[1]), tlsaOf(split(fields, "tlsa")), stsOf(split(fields, "sts")));
        return new Circumstances(Optional.ofNullable(fields.get("floor")).map(FactFields::level), MessageNeed.valueOf(fields.getOrDefault("need", "NONE")),
                Optional.ofNullable(fields.get("host")).map(Domain::of), Optional.ofNullable(fields.get("route")).map(_ -> route(split(fields, "route"))),
                Optional.ofNullable(fields.get("via")), published,
                LadderStep.valueOf(fields.getOrDefault("step", "HYBRID")),
                Arrays.stream(DaneUse.values()).filter(use -> use.word().equals(fields.get("dane"))).findFirst().orElse(DaneUse.NONE));
    }

    private static TlsLevel level(String word) {
        return Arrays.stream(TlsLevel.values()).filter(level -> level.word().equals(word)).findFirst().orElseThrow(() -> new IllegalArgumentException("no level: " + word));
    }

    private static HostQuestion.Route route(String[] parts) {
        return new HostQuestion.Route(new TlsRule(level(parts[0]), parts[1], parts[2]), !parts[3].isEmpty(), !parts[4].isEmpty());
    }

    private static TlsaLookup tlsaOf(String[] parts) {
        return switch (parts[0]) {
            case "failed" -> new TlsaLookup.Failed(parts[1]);
            case "unusable" -> new TlsaLookup.AllUnusable(Domain.of(parts[1]));
            case "usable" -> new TlsaLookup.Usable(words(parts[3]).stream().map(FactFields::record).toList(), Domain.of(parts[1]), words(parts[2]).stream().map(Domain::of).toList());
            default -> new TlsaLookup.None();
        };
    }

    private static TlsaRecord record(String text) {
        String[] parts = text.split(" ", -1);
        return new TlsaRecord(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), parts[3]);
    }

    private static StsLookup stsOf(String[] parts) {
        return switch (parts[0]) {
            case "none" -> new StsLookup.NoPolicy();
            case "policy" -> new StsLookup.InForce(new StsPolicy(Domain.of(parts[1]), parts[2], StsPolicy.Mode.valueOf(parts[3]), Duration.ofSeconds(Long.parseLong(parts[4])), words(parts[5])),
                    Instant.ofEpochMilli(Long.parseLong(parts[6])));
            case "unfetched" -> new StsLookup.FetchFailed(parts[2], !parts[1].isEmpty());
            case "broken" -> new StsLookup.Broken(Integer.parseInt(parts[1]), "", parts[2]);
            default -> new StsLookup.NotAsked();
        };
    }

    private static SeenPeer peer(Map<String, String> fields) {
        Optional<SeenPeer.Hello> hello = Optional.ofNullable(fields.get("hello")).map(_ -> split(fields, "hello"))
                .map(parts -> new SeenPeer.Hello(StartTlsOffer.valueOf(parts[0]), StartTlsOffer.valueOf(parts[1]), keywords(parts[2])));
        Optional<SeenHandshake> handshake = fields.containsKey("shaken") ? Optional.of(completed(fields)) : Optional.ofNullable(fields.get("unshaken")).map(_ -> split(fields, "unshaken"))
                .map(parts -> new SeenHandshake.Failed(parts[1], !parts[0].isEmpty()));
        return new SeenPeer(hello, Integer.parseInt(fields.getOrDefault("starttls", "0")), handshake,
                Optional.ofNullable(fields.get("intls")).map(_ -> keywords(split(fields, "intls")[1])));
    }

    private static SeenHandshake.Completed completed(Map<String, String> fields) {
        String[] channel = split(fields, "shaken");
        Optional<SeenHandshake.Match> dane = Optional.ofNullable(fields.get("match")).map(_ -> split(fields, "match"))
                .map(parts -> new SeenHandshake.Match(parts[0].isEmpty() ? Optional.empty() : Optional.of(reason(parts[0], TlsReason.DANE_MISMATCH)), parts[1]));
        return new SeenHandshake.Completed(channel[0], channel[1], channel[2].isEmpty() ? Optional.empty() : Optional.of(channel[2]),
                Optional.ofNullable(fields.get("chain")).map(digest -> certificate(digest, fields)), dane);
    }

    private static SeenCertificate certificate(String digest, Map<String, String> fields) {
        String names = fields.getOrDefault("names", "");
        boolean more = names.endsWith(",…") || names.equals("…");
        String[] trust = split(fields, "trust");
        Optional<TlsFault> fault = Optional.ofNullable(fields.get("path")).map(_ -> split(fields, "path"))
                .map(parts -> new TlsFault(reason(parts[0], TlsReason.CERTIFICATE_NOT_TRUSTED), parts[1]));
        return new SeenCertificate(digest, Instant.ofEpochSecond(Long.parseLong(fields.getOrDefault("until", "0"))), words(names).stream().filter(name -> !name.equals("…")).toList(), more,
                Optional.ofNullable(fields.get("cn")), new Trust(trust[0].equals("system"), words(trust[1]).stream().map(Path::of).toList()), fault);
    }

    /// A later version may have had more.
    private static TlsReason reason(String name, TlsReason otherwise) {
        return Arrays.stream(TlsReason.values()).filter(reason -> reason.name().equals(name)).findFirst().orElse(otherwise);
    }

    private static Set<Keyword> keywords(String names) {
        return Arrays.stream(Keyword.values()).filter(keyword -> words(names).contains(keyword.name())).collect(Collectors.toSet());
    }

    private static String[] split(Map<String, String> fields, String name) {
        return fields.getOrDefault(name, "").split(PART, -1);
    }

    private static List<String> words(String list) {
        return list.isEmpty() ? List.of() : List.of(list.split(","));
    }
}
