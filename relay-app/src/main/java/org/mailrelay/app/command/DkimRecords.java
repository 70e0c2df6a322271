package org.mailrelay.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.KeyRecord;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.net.dkim.PublicKeys;

/// The records that DNS must hold for keys that sign.
final class DkimRecords {

    /// A key and the domain that signs with it.
    record Entry(Domain domain, DkimSettings.Key key) {

        Domain name() {
            return Domain.of(key.selector() + "._domainkey." + domain);
        }

        KeyRecord record() {
            return KeyRecord.of(key.key().algorithm(), PublicKeys.of(key.key()), key.services());
        }
    }

    private DkimRecords() {
    }

    /// All whose domain is known beforehand: not those of `.domain` that sign as the sender.
    static List<Entry> all(DkimSettings settings) {
        TreeMap<String, Entry> entries = new TreeMap<>();
        settings.exact().forEach((domain, signer) -> add(entries, signer.signAs().orElse(domain), signer));
        settings.below().values().forEach(signer -> signer.signAs().ifPresent(domain -> add(entries, domain, signer)));
        settings.otherwise().ifPresent(signer -> add(entries, signer.signAs().orElseThrow(), signer));
        settings.arc().ifPresent(arc -> entries.putIfAbsent(arc.domain() + " " + arc.key().selector() + " " + arc.key().file(), new Entry(arc.domain(), arc.key())));
        return new ArrayList<>(entries.values());
    }

    /// Those that sign mail of a domain; empty where none does.
    static Optional<List<Entry>> of(DkimSettings settings, Domain sender) {
        return settings.match(sender).map(signer -> signer.keys().stream().map(key -> new Entry(signer.signAs().orElse(sender), key)).toList());
    }

    private static void add(TreeMap<String, Entry> entries, Domain domain, DkimSettings.Signer signer) {
        signer.keys().forEach(key -> entries.putIfAbsent(domain + " " + key.selector() + " " + key.file(), new Entry(domain, key)));
    }
}
