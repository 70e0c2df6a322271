package org.mailrelay.testkit.dns;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// Signs what a [FakeDns] answers, as it answers: a root of its own, zones below it that are signed, and delegations that are
/// not. Denials are NSEC records made for the question (RFC 4470), each the smallest that denies it.
public final class SignedZones {

    /// What is wrong with the signature of one record set.
    public enum Flaw {
        /// The data were changed after they were signed.
        TAMPERED,
        UNSIGNED, EXPIRED,
        /// Made with a key that the zone does not have.
        FOREIGN_KEY,
        /// Hundreds of signatures under the right key's tag, none of which fits: work for whoever tries them all.
        FLOODED
    }

    private record Zone(Name apex, KeyPair keys, DNSKEYRecord dnskey) {}

    private record RecordSet(Name name, int type) {}

    private static final long TTL = 300;
    private final Instant now;
    private final Map<Name, Zone> signed = new ConcurrentHashMap<>();
    private final Set<Name> unsigned = ConcurrentHashMap.newKeySet();
    private final Map<RecordSet, Flaw> flaws = new ConcurrentHashMap<>();

    /// @param now what signatures are valid around
    public SignedZones(Instant now) {
        this.now = now;
        add(Name.root);
    }

    /// A signed zone, with a DS record in the zone above it.
    public SignedZones zone(String apex) {
        add(nameOf(apex));
        return this;
    }

    /// A delegation without DS: all below it is insecure.
    public SignedZones unsigned(String apex) {
        unsigned.add(nameOf(apex));
        return this;
    }

    public SignedZones flaw(String name, String type, Flaw flaw) {
        flaws.put(new RecordSet(nameOf(name), Type.value(type)), flaw);
        return this;
    }

    /// The trust anchor: the root's DS record.
    public String anchor() {
        return ds(signed.get(Name.root)) + "\n";
    }

    /// The same as the key itself: the root's DNSKEY record.
    public String key() {
        return signed.get(Name.root).dnskey().toString();
    }

    /// The same for one signed zone.
    public String anchor(String apex) {
        return ds(signed.get(nameOf(apex))) + "\n";
    }

    private void add(Name apex) {
        try {
            KeyPair keys = newKeys();
            signed.put(apex, new Zone(apex, keys, new DNSKEYRecord(apex, DClass.IN, TTL, 257, DNSKEYRecord.Protocol.DNSSEC, DNSSEC.Algorithm.ECDSAP256SHA256, keys.getPublic())));
        } catch (DNSSEC.DNSSECException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static DSRecord ds(Zone zone) {
        return new DSRecord(zone.apex(), DClass.IN, TTL, DSRecord.SHA256_DIGEST_ID, zone.dnskey());
    }

    /// The keys and DS records that a zone's servers would have.
    List<Record> own(Name name, int type) {
        Zone zone = signed.get(name);
        if (zone == null) {
            return List.of();
        }
        return switch (type) {
            case Type.DNSKEY -> List.of(zone.dnskey());
            case Type.DS -> name.equals(Name.root) ? List.of() : List.of(ds(zone));
            case Type.SOA -> List.of(soa(name));
            default -> List.of();
        };
    }

    private static SOARecord soa(Name apex) {
        return new SOARecord(apex, DClass.IN, TTL, apex, apex, 1, 60, 60, 60, 60);
    }

    /// Adds signatures to the answer, and to a denial its proof.
    void sign(Message answer, Record question, List<Integer> typesAtName) {
        boolean denial = answer.getSection(Section.AUTHORITY).stream().anyMatch(SOARecord.class::isInstance);
        answer.removeAllRecords(Section.AUTHORITY);
        for (RRset set : answer.getSectionRRsets(Section.ANSWER)) {
            Zone zone = signed.get(apexOf(set.getName(), set.getType()));
            if (zone != null) {
                addSignature(answer, Section.ANSWER, set, zone);
            }
        }
        if (denial) {
            Name denied = answer.getSection(Section.ANSWER).stream().filter(r -> r.getType() == Type.CNAME)
                    .reduce((a, b) -> b).map(r -> ((org.xbill.DNS.CNAMERecord) r).getTarget()).orElse(question.getName());
            deny(answer, denied, question.getType(), typesAtName);
        }
    }

    private void deny(Message answer, Name name, int type, List<Integer> typesAtName) {
        Name apex = apexOf(name, type);
        answer.addRecord(soa(apex), Section.AUTHORITY);
        if (signed.containsKey(apex)) {
            answer.getHeader().setRcode(Rcode.NOERROR);
            TreeSet<Integer> types = new TreeSet<>(typesAtName);
            types.addAll(List.of(Type.RRSIG, Type.NSEC));
            if (unsigned.contains(name)) {
                types.clear();   // of a delegation the zone above it knows no more
                types.addAll(List.of(Type.NS, Type.RRSIG, Type.NSEC));
            }
            if (signed.containsKey(name)) {
                types.addAll(List.of(Type.NS, Type.SOA, Type.DNSKEY));
            }
            types.remove(type);
            answer.addRecord(new NSECRecord(name, DClass.IN, 60, successor(name), types.stream().mapToInt(Integer::intValue).toArray()), Section.AUTHORITY);
        }
        Zone zone = signed.get(apex);
        if (zone != null) {
            answer.getSectionRRsets(Section.AUTHORITY).forEach(set -> addSignature(answer, Section.AUTHORITY, set, zone));
        }
    }

    private static Name successor(Name name) {
        try {
            return Name.concatenate(Name.fromString("\\000"), name);
        } catch (IOException tooLong) {
            throw new IllegalArgumentException("no room below " + name, tooLong);
        }
    }

    /// The zone that answers for `name`; DS belongs to the zone above.
    private Name apexOf(Name name, int type) {
        List<Name> cuts = new ArrayList<>(signed.keySet());
        cuts.addAll(unsigned);
        return cuts.stream().filter(name::subdomain).filter(cut -> type != Type.DS || !cut.equals(name) || cut.equals(Name.root))
                .max(Comparator.comparingInt(Name::labels)).orElse(Name.root);
    }

    private void addSignature(Message answer, int section, RRset set, Zone zone) {
        Flaw flaw = flaws.get(new RecordSet(set.getName(), set.getType()));
        if (flaw == Flaw.UNSIGNED) {
            return;
        }
        try {
            KeyPair keys = flaw == Flaw.FOREIGN_KEY ? newKeys() : zone.keys();
            Instant until = now.plus(flaw == Flaw.EXPIRED ? Duration.ofDays(-1) : Duration.ofDays(7));
            RRSIGRecord signature = DNSSEC.sign(set, zone.dnskey(), keys.getPrivate(), now.minus(Duration.ofDays(7)), until);
            if (flaw == Flaw.FLOODED) {
                flood(answer, section, signature);
                return;
            }
            if (flaw == Flaw.TAMPERED) {
                Record first = set.first();
                answer.removeRecord(first, section);
                byte[] data = first.rdataToWireCanonical();
                data[1] ^= 1;
                answer.addRecord(Record.newRecord(first.getName(), first.getType(), DClass.IN, first.getTTL(), data), section);
            }
            answer.addRecord(signature, section);
        } catch (DNSSEC.DNSSECException failure) {
            throw new IllegalStateException("cannot sign " + set, failure);
        }
    }

    private static void flood(Message answer, int section, RRSIGRecord like) {
        for (int i = 0; i < 400; i++) {
            byte[] wrong = like.getSignature();
            wrong[0] = (byte) i;
            wrong[1] = (byte) (i >> 8);
            answer.addRecord(new RRSIGRecord(like.getName(), DClass.IN, like.getTTL(), like.getTypeCovered(), like.getAlgorithm(), like.getOrigTTL(), like.getExpire(),
                    like.getTimeSigned(), like.getFootprint(), like.getSigner(), wrong), section);
        }
    }

    private static Name nameOf(String text) {
        try {
            return Name.fromString(text, Name.root);
        } catch (IOException failure) {
            throw new IllegalArgumentException(text, failure);
        }
    }
}
