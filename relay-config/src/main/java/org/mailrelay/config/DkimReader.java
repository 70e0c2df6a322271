package org.mailrelay.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailrelay.core.dkim.Algorithm;
import org.mailrelay.core.dkim.DkimSettings;
import org.mailrelay.core.dkim.DkimSettings.Arc;
import org.mailrelay.core.dkim.DkimSettings.EightBit;
import org.mailrelay.core.dkim.DkimSettings.Identity;
import org.mailrelay.core.dkim.DkimSettings.Key;
import org.mailrelay.core.dkim.DkimSettings.Signer;
import org.mailrelay.core.dkim.DkimSettings.Style;
import org.mailrelay.core.dkim.DkimSettings.WhenSigningFails;
import org.mailrelay.core.dkim.Form;
import org.mailrelay.core.dkim.SigningKey;
import org.mailrelay.core.mail.Domain;
import org.mailrelay.core.smtp.Ascii;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `dkim` of `relay.yaml`, and the key files that it names.
final class DkimReader {

    private static final Map<String, String> SERVICES = Map.of("all", Key.ALL, "email", Key.MAIL, "tlsrpt", Key.TLS_REPORTS);
    /// RFC 6376 §5.4: what others change, add or take away on the way.
    private static final Set<String> NEVER_SIGNED = Set.of("received", "return-path", "bcc", "dkim-signature");
    private static final String ALL = "ALL";

    private record NamedGroup(Problems problems, Node node, String name) {}

    private final List<String> warnings = new ArrayList<>();
    private final List<NamedGroup> groups = new ArrayList<>();
    private final Set<Path> files = new LinkedHashSet<>();
    private DkimSettings settings = DkimSettings.NONE;

    void read(Section in, Path root) {
        Style style = style(in);
        Map<Domain, Signer> exact = new LinkedHashMap<>();
        Map<Domain, Signer> below = new LinkedHashMap<>();
        Optional<Signer> otherwise = Optional.empty();
        Optional<Node> written = in.node("domains");
        if (written.isPresent()) {
            Section domains = in.item("domains", written.get());
            for (Map.Entry<String, Node> each : domains.named().entrySet()) {
                String pattern = each.getKey();
                Section entry = in.item("dkim domain", each.getValue());
                Optional<Domain> name = Domain.parse(pattern.startsWith(".") ? pattern.substring(1) : pattern);
                Optional<Signer> signer = signer(entry, each.getValue(), pattern, name, root, style);
                if (pattern.equals(ALL)) {
                    otherwise = signer;
                } else if (name.isEmpty()) {
                    in.problems().at(domains.keyNode(pattern), "found " + pattern + ", expected a domain, .domain or ALL");
                } else {
                    signer.ifPresent(found -> {
                        if ((pattern.startsWith(".") ? below : exact).put(name.get(), found) != null) {
                            in.problems().at(domains.keyNode(pattern), "the domain " + pattern + " stands here twice");
                        }
                    });
                }
            }
        }
        Optional<Arc> arc = arc(in, root);
        settings = new DkimSettings(exact, below, otherwise, in.word("identity", Identity.FROM, Map.of("from", Identity.FROM, "from_or_envelope", Identity.FROM_OR_ENVELOPE)),
                in.word("when_signing_fails", WhenSigningFails.DEFER, Map.of("defer", WhenSigningFails.DEFER, "send_unsigned", WhenSigningFails.SEND_UNSIGNED)), arc,
                in.word("eight_bit", EightBit.CONVERT, Map.of("convert", EightBit.CONVERT, "pass", EightBit.PASS)));
        in.finish();
    }

    DkimSettings settings() {
        return settings;
    }

    /// Of keys, those that cannot be used too.
    Set<Path> files() {
        return Set.copyOf(files);
    }

    List<String> warnings() {
        return warnings;
    }

    /// The sender groups that entries name must be there.
    void check(Collection<String> known) {
        for (NamedGroup group : groups) {
            if (!known.contains(group.name())) {
                group.problems().at(group.node(), "groups: found " + group.name() + ", expected a sender group of access.yaml"
                        + Units.nearest(group.name(), known).map(near -> "; did you mean " + near + "?").orElse(""));
            }
        }
    }

    private Optional<Arc> arc(Section in, Path root) {
        boolean none = in.isNothing("arc");
        Optional<Node> written = in.node("arc");
        Section entry = none || written.isEmpty() ? new Section(in.problems(), "dkim.arc.", Optional.empty()) : in.section("arc");
        in.problems().known.remove("dkim.arc");
        Optional<String> domain = entry.text("domain");
        Optional<Domain> sealer = domain.flatMap(Domain::parse).filter(Domain::isFullyQualified);
        Set<String> named = new LinkedHashSet<>(entry.texts("groups"));
        named.forEach(group -> groups.add(new NamedGroup(in.problems(), entry.node("groups").orElseThrow(), group)));
        Optional<String> selector = entry.text("selector");
        Optional<Domain> name = selector.flatMap(Domain::parse);
        Path file = entry.path("file", root, "secrets/arc.pem");
        boolean hasFile = entry.node("file").isPresent();
        entry.finish();
        if (none || written.isEmpty()) {
            return Optional.empty();
        }
        if (sealer.isEmpty() || name.isEmpty() || !hasFile) {
            in.problems().at(written.get(), "arc: expected none, or domain, selector and file: who seals, and with which key");
            return Optional.empty();
        }
        Optional<SigningKey> key = keyIn(entry, file);
        if (key.isPresent() && key.get().algorithm() != Algorithm.RSA_SHA256) {
            in.problems().at(entry.node("file").orElseThrow(), "file: " + file + " holds an Ed25519 key, expected RSA: readers of ARC know nothing else");
            return Optional.empty();
        }
        return key.map(rsa -> new Arc(sealer.get(), new Key(name.get(), rsa, file, Set.of(Key.ALL)), named));
    }

    private static Style style(Section in) {
        Form header = Form.RELAXED;
        Form body = Form.RELAXED;
        Map<String, Form> words = Map.of("simple", Form.SIMPLE, "relaxed", Form.RELAXED);
        Optional<String> forms = in.text("canonicalization");
        if (forms.isPresent()) {
            String[] both = forms.get().split("/", -1);
            if (both.length == 2 && words.containsKey(both[0]) && words.containsKey(both[1])) {
                header = words.get(both[0]);
                body = words.get(both[1]);
            } else {
                in.wrong("canonicalization", forms.get(), "relaxed/relaxed, relaxed/simple, simple/relaxed or simple/simple (header/body)");
            }
        }
        List<String> headers = names(in, "headers", Style.HEADERS, List.of());
        if (headers.stream().noneMatch(name -> Ascii.equals(name, "FROM"))) {
            in.problems().at(in.node("headers").orElseThrow(), "headers: found no From, expected it: every signature is over it (RFC 6376 5.4)");
            headers = Style.HEADERS;
        }
        List<String> oversign = names(in, "oversign", List.copyOf(Style.OVERSIGN), headers);
        List<String> oversignPresent = names(in, "oversign_present", List.copyOf(Style.OVERSIGN_PRESENT), headers);
        boolean expires = in.node("expires").isPresent() && !in.isNothing("expires");
        Optional<Duration> life = expires ? Optional.of(in.duration("expires", Duration.ofDays(7))) : Optional.empty();
        return new Style(header, body, headers, Set.copyOf(oversign), Set.copyOf(oversignPresent), life);
    }

    /// @param within those that may be named; empty: any
    private static List<String> names(Section in, String key, List<String> otherwise, List<String> within) {
        if (in.node(key).isEmpty()) {
            return within.isEmpty() ? otherwise : otherwise.stream().filter(name -> within.stream().anyMatch(name::equalsIgnoreCase)).toList();
        }
        List<String> names = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String name : in.texts(key)) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!name.matches("[A-Za-z0-9-]{1,64}")) {
                in.wrong(key, name, "names of header fields");
            } else if (NEVER_SIGNED.contains(lower)) {
                in.wrong(key, name, "fields that nobody changes on the way");
            } else if (!within.isEmpty() && within.stream().noneMatch(name::equalsIgnoreCase)) {
                in.wrong(key, name, "one of dkim.headers");
            } else if (!seen.add(lower)) {
                in.wrong(key, name, "each name once");
            } else {
                names.add(name);
            }
        }
        return names;
    }

    private Optional<Signer> signer(Section in, Node place, String pattern, Optional<Domain> name, Path root, Style style) {
        Optional<Domain> signAs = pattern.startsWith(".") ? name : Optional.empty();
        Optional<String> as = in.text("sign_as");
        if (as.isPresent()) {
            signAs = as.get().equals("sender") ? Optional.empty() : Domain.parse(as.get()).filter(Domain::isFullyQualified);
            if (signAs.isEmpty() && !as.get().equals("sender")) {
                in.wrong("sign_as", as.get(), "sender, or a domain");
            }
        }
        Set<String> named = new LinkedHashSet<>(in.texts("groups"));
        named.forEach(group -> groups.add(new NamedGroup(in.problems(), in.node("groups").orElseThrow(), group)));
        List<Key> keys = new ArrayList<>();
        Set<Domain> selectors = new HashSet<>();
        List<Node> nodes = in.list("keys");
        for (Node node : nodes) {
            key(in.item("dkim key", node), node, pattern, root).ifPresent(key -> {
                if (!selectors.add(key.selector())) {
                    in.problems().at(node, "two keys of " + pattern + " have the selector " + key.selector());
                }
                keys.add(key);
            });
        }
        in.finish();
        if (nodes.isEmpty()) {
            in.problems().at(place, pattern + ": found no keys, expected at least one {selector, file}");
        }
        if (pattern.equals(ALL) && signAs.isEmpty()) {
            in.problems().at(place, "ALL: found no domain in sign_as, expected the one that signs for all others");
            return Optional.empty();
        }
        return keys.isEmpty() ? Optional.empty() : Optional.of(new Signer(pattern, signAs, keys, named, style));
    }

    private Optional<Key> key(Section in, Node node, String pattern, Path root) {
        Optional<String> written = in.text("selector");
        Optional<Domain> selector = written.flatMap(Domain::parse);
        Path file = in.path("file", root, "secrets/dkim.pem");
        Set<String> services = new HashSet<>();
        for (String word : in.texts("services")) {
            if (SERVICES.containsKey(word)) {
                services.add(SERVICES.get(word));
            } else {
                in.wrong("services", word, "all, email or tlsrpt" + Units.nearest(word, SERVICES.keySet()).map(near -> "; did you mean " + near + "?").orElse(""));
            }
        }
        boolean named = in.node("file").isPresent();
        in.finish();
        if (selector.isEmpty()) {
            in.problems().at(in.node("selector").orElse(node), "selector: found " + written.orElse("nothing") + ", expected a name such as s2026: its record stands at "
                    + "s2026._domainkey." + (pattern.startsWith(".") ? pattern.substring(1) : pattern));
        }
        if (!named) {
            in.problems().at(node, "file: found nothing, expected the path of a private key in PEM");
            return Optional.empty();
        }
        Optional<SigningKey> key = keyIn(in, file);
        return selector.isEmpty() || key.isEmpty() ? Optional.empty()
                : Optional.of(new Key(selector.get(), key.get(), file, services.isEmpty() ? Set.of(Key.ALL) : services));
    }

    private Optional<SigningKey> keyIn(Section in, Path file) {
        Node place = in.node("file").orElseThrow();
        files.add(file);
        String pem;
        try {
            pem = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            in.problems().at(place, "file: cannot read " + file);
            return Optional.empty();
        }
        return switch (SigningKey.parse(pem)) {
            case SigningKey.Unusable(String why) -> {
                in.problems().at(place, "file: " + file + " holds " + why);
                yield Optional.empty();
            }
            case SigningKey.Usable(SigningKey key) -> {
                if (key.bits() < SigningKey.GOOD_BITS && key.algorithm() == Algorithm.RSA_SHA256) {
                    warnings.add(in.problems().position(place) + ": " + file + " is an RSA key of " + key.bits() + " bits; 2048 are recommended (RFC 8301 3.2)");
                }
                if (isOpen(file)) {
                    warnings.add(in.problems().position(place) + ": " + file + " can be read by every user of the machine, or changed by others than its owner");
                }
                yield Optional.of(key);
            }
        };
    }

    private static boolean isOpen(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return permissions.contains(PosixFilePermission.OTHERS_READ) || permissions.contains(PosixFilePermission.OTHERS_WRITE) || permissions.contains(PosixFilePermission.GROUP_WRITE);
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
